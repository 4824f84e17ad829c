#include "power/battery.h"

#include <gtest/gtest.h>

#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

constexpr const char* kTable = R"({
  "parts": {
    "cpu": { "supply_v": 3.0, "initial": "off",
             "states": { "off": { "ua": 0, "source": "s" }, "run": { "ua": 2000, "source": "s" }, "sleep": { "ua": 2, "source": "s" } } },
    "lcd": { "supply_v": 5.0, "initial": "off", "states": { "off": { "ua": 0, "source": "s" }, "on": { "ua": 10, "source": "s" } },
             "pulses": { "line": { "nc": 20, "source": "s" } } } } })";

/// Runs while it is powered: 6000 uW, and the panel 50 uW.
struct Load : Powered {
  explicit Load(EnergyMeter& meter) : cpu(meter.part("cpu")), lcd(meter.part("lcd")) {}
  void power_on() override { set("run", "on"); }
  void power_off() override { set("off", "off"); }
  void set(const char* cpu_state, const char* lcd_state) {
    cpu.state(cpu_state, sc_core::sc_time_stamp());
    lcd.state(lcd_state, sc_core::sc_time_stamp());
  }
  EnergyPort &cpu, &lcd;
};

struct BatteryTest : testing::Test {
  RecordingSink events;
  EnergyMeter meter{EnergyTable::parse(kTable).value()};
  PowerDomain power{&events};
  Load load{meter};
  Battery battery{"battery", meter, power, &events};
  BatteryTest() {
    power.add(load);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  std::int64_t empty_ns() { return events.named("battery.empty").empty() ? -1 : events.named("battery.empty").front().time_ns; }
};

TEST_F(BatteryTest, EndsWhenItsContentIsUsedUp) {
  power.on(contract::sysctl::Cause::kPowerOn);
  battery.fill(6.05);  // uJ: 1 ms at 6050 uW
  test::advance_us(999);
  EXPECT_TRUE(power.is_on());
  test::advance_us(2);
  EXPECT_FALSE(power.is_on());
  EXPECT_NEAR(static_cast<double>(empty_ns()), 1e6, 2);
  EXPECT_EQ(events.named("battery.empty").front().number("used_uj"), 6);
  EXPECT_EQ(events.named("power.off").front().time_ns, empty_ns());
}

TEST_F(BatteryTest, FollowsStatesAndPulses) {
  power.on(contract::sysctl::Cause::kPowerOn);
  battery.fill(10.0);
  test::advance_us(1000);  // 6.05 uJ
  load.set("sleep", "on"); // 56 uW
  test::advance_us(10'000);  // 0.56 uJ
  load.lcd.pulse("line", 10);  // 1 uJ
  load.set("run", "on");
  // 2.39 uJ are left: 395.041 us at 6050 uW.
  test::advance_us(1000);
  EXPECT_NEAR(static_cast<double>(empty_ns()), 11'395'041, 2);
}

TEST_F(BatteryTest, DrawsNothingWhileTheCardIsOffAndCanBeFilledAgain) {
  power.on(contract::sysctl::Cause::kPowerOn);
  battery.fill(6.05);
  test::advance_us(500);
  power.cut();
  test::advance_us(5000);
  EXPECT_EQ(empty_ns(), -1);
  power.on(contract::sysctl::Cause::kBrownOut);
  test::advance_us(501);
  EXPECT_NEAR(static_cast<double>(empty_ns()), 6e6, 2);
  battery.fill(6.05);
  power.on(contract::sysctl::Cause::kBrownOut);
  test::advance_us(900);
  EXPECT_TRUE(power.is_on());
}

TEST_F(BatteryTest, APulseCanBeTheLastStraw) {
  power.on(contract::sysctl::Cause::kPowerOn);
  load.set("sleep", "on");
  battery.fill(2.0);
  test::advance_us(100);
  load.lcd.pulse("line", 50);  // 5 uJ
  test::settle();
  test::advance_us(1);
  EXPECT_FALSE(power.is_on());
}

}  // namespace
}  // namespace touchstone::models
