#include "power/energy_meter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace touchstone::models {
namespace {

using sc_core::sc_time;

sc_time us(double t) { return sc_time(t, sc_core::SC_US); }

EnergyTable table() {
  Result<EnergyTable> parsed = EnergyTable::parse(R"({
    // comments are allowed
    "parts": {
      "cpu":  { "supply_v": 3.0, "initial": "off",
                "states": { "off": { "ua": 0, "source": "s" }, "run": { "ua": 2000, "source": "s" }, "sleep": { "ua": 2, "source": "s" } } },
      "lcd":  { "supply_v": 5.0, "initial": "on", "states": { "on": { "ua": 10, "source": "s" } },
                "pulses": { "line": { "nc": 20, "source": "s" } } } } })");
  EXPECT_TRUE(parsed.ok());
  return std::move(parsed).value();
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(EnergyMeterTest, EndlessChangesOfPhaseAreMerged) {
  EnergyMeter meter(table());
  EnergyPort& cpu = meter.part("cpu");
  cpu.state("run", us(0));
  const std::size_t changes = EnergyMeter::kMaxVisits + 500;
  for (std::size_t i = 1; i <= changes; ++i) meter.set_phase(i % 2 == 0 ? "boot" : "user", us(static_cast<double>(i)));
  meter.finish(us(static_cast<double>(changes + 1)));
  EXPECT_NEAR(meter.part_uj("cpu"), 6e-3 * static_cast<double>(changes + 1), 1e-6);
  EXPECT_EQ(meter.phase_ns("boot") + meter.phase_ns("user"), static_cast<std::int64_t>(EnergyMeter::kMaxVisits - 1) * 1000);
  EXPECT_EQ(meter.phase_ns("merged"), 502'000);
}

TEST(EnergyMeterTest, StartingOverForgetsWhatWasBefore) {
  EnergyMeter meter(table());
  meter.part("cpu").state("run", us(0));  // 6000 uW
  meter.set_phase("user", us(4));
  meter.start_over(us(10));
  meter.finish(us(20));
  EXPECT_NEAR(meter.part_uj("cpu"), 6e-3 * 10, 1e-12);
  EXPECT_EQ(meter.phase_ns("user"), 10'000);
  EXPECT_EQ(meter.phase_ns("boot"), 0);
}

TEST(EnergyMeterTest, IntegratesByHandCheckedValues) {
  EnergyMeter meter(table());
  EnergyPort& cpu = meter.part("cpu");
  EnergyPort& lcd = meter.part("lcd");
  cpu.state("run", us(100));         // 3 V x 2000 uA = 6000 uW from here
  meter.set_phase("user", us(300));  // 200 us in boot: 1.2 uJ
  cpu.state("sleep", us(400));       // 100 us in user: 0.6 uJ; then 6 uW
  lcd.pulse("line", 10);             // 5 V x 200 nC = 1 uJ, in user
  meter.set_phase("boot", us(1400)); // 1000 us asleep in user: 0.006 uJ
  meter.finish(us(2400));            // 0.006 uJ in boot; the panel: 50 uW x 300, 1100 and 1000 us
  EXPECT_DOUBLE_EQ(meter.part_uj("cpu"), 1.2 + 0.6 + 0.006 + 0.006);
  EXPECT_NEAR(meter.part_uj("lcd"), 1 + 50e-6 * 2400, 1e-12);
  EXPECT_NEAR(meter.phase_uj("user"), 0.6 + 0.006 + 1 + 0.055, 1e-12);
  EXPECT_NEAR(meter.phase_uj("boot"), 1.2 + 0.006 + 0.065, 1e-12);
  EXPECT_NEAR(meter.total_uj(), 2.932, 1e-12);
  EXPECT_EQ(meter.phase_ns("boot"), 1'300'000);
  EXPECT_EQ(meter.phase_ns("user"), 1'100'000);
  EXPECT_EQ(meter.phase_ns("radio"), 0);

  const std::filesystem::path path = testing::TempDir() + "energy.csv";
  ASSERT_TRUE(meter.write_csv(path));
  EXPECT_EQ(slurp(path),
            "phase,part,energy_uj,time_ns\n"
            "boot,cpu,1.206000,1300000\nboot,lcd,0.065000,1300000\n"
            "user,cpu,0.606000,1100000\nuser,lcd,1.055000,1100000\n");
  ASSERT_TRUE(meter.write_timeline_csv(path));
  EXPECT_EQ(slurp(path),
            "start_ns,end_ns,phase,part,energy_uj\n"
            "0,300000,boot,cpu,1.200000\n0,300000,boot,lcd,0.015000\n"
            "300000,1400000,user,cpu,0.606000\n300000,1400000,user,lcd,1.055000\n"
            "1400000,2400000,boot,cpu,0.006000\n1400000,2400000,boot,lcd,0.050000\n");
  EXPECT_FALSE(meter.write_csv("/nonexistent/energy.csv"));
}

TEST(EnergyMeterTest, FinishingTwiceAddsNothingTwice) {
  EnergyMeter meter(table());
  meter.part("cpu").state("run", us(0));
  meter.finish(us(10));
  meter.finish(us(10));
  EXPECT_NEAR(meter.part_uj("cpu"), 0.06, 1e-15);
  meter.finish(us(20));
  EXPECT_NEAR(meter.part_uj("cpu"), 0.12, 1e-15);
}

TEST(EnergyMeterTest, APartBehindItsOwnWordLosesNoEnergyAndGainsNone) {
  EnergyMeter meter(table());
  EnergyPort& cpu = meter.part("cpu");
  cpu.state("run", us(10));
  cpu.state("off", us(9));
  meter.finish(us(100));
  EXPECT_EQ(meter.part_uj("cpu"), 0);
}

TEST(EnergyMeterDeathTest, UnknownNamesAreOurBug) {
  EnergyMeter meter(table());
  EXPECT_DEATH(meter.part("gpu"), "energy.jsonc");
  EXPECT_DEATH(meter.part("cpu").state("turbo", us(1)), "energy.jsonc");
  EXPECT_DEATH(meter.part("cpu").pulse("line", 1), "energy.jsonc");
}

TEST(EnergyTableTest, RefusesWhatHasNoSourceOrUnit) {
  const auto parses = [](const std::string& part) { return EnergyTable::parse("{\"parts\": {\"x\": " + part + "}}").ok(); };
  EXPECT_TRUE(parses(R"({"supply_v": 3, "initial": "a", "states": {"a": {"ua": 1, "source": "s"}}})"));
  EXPECT_FALSE(parses(R"({"supply_v": 3, "initial": "a", "states": {"a": {"ua": 1}}})"));
  EXPECT_FALSE(parses(R"({"supply_v": 3, "initial": "a", "states": {"a": {"ua": 1, "source": ""}}})"));
  EXPECT_FALSE(parses(R"({"supply_v": 3, "initial": "a", "states": {"a": {"ma": 1, "source": "s"}}})"));
  EXPECT_FALSE(parses(R"({"supply_v": 3, "initial": "b", "states": {"a": {"ua": 1, "source": "s"}}})"));
  EXPECT_FALSE(parses(R"({"initial": "a", "states": {"a": {"ua": 1, "source": "s"}}})"));
  EXPECT_FALSE(EnergyTable::parse("{").ok());
  EXPECT_FALSE(EnergyTable::parse("[]").ok());
}

TEST(EnergyTableTest, TheBuiltInTableHoldsTheCard) {
  const EnergyTable& t = EnergyTable::built_in();
  for (const char* part : {"mcu", "radio", "accelerator", "sensor", "display", "flash"}) EXPECT_TRUE(t.parts.contains(part)) << part;
  EXPECT_EQ(t.parts.at("mcu").state_ua.at("run"), 3300);
}

}  // namespace
}  // namespace touchstone::models
