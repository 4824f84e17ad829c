#include "power/power_domain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace touchstone::models {
namespace {

using contract::sysctl::Cause;
using testing::ElementsAre;

struct Part : Powered {
  Part(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}
  void power_on() override { log_.push_back(name_ + " on"); }
  void power_off() override { log_.push_back(name_ + " off"); }
  std::string name_;
  std::vector<std::string>& log_;
};

TEST(PowerDomainTest, SwitchesPartsInOrderAndOnce) {
  std::vector<std::string> log;
  Part flash("flash", log), cpu("cpu", log);
  RecordingSink events;
  PowerDomain domain(&events);
  domain.add(flash);
  domain.add(cpu);
  domain.cut();
  EXPECT_TRUE(log.empty());
  domain.on(Cause::kPowerOn);
  domain.on(Cause::kPowerOn);
  EXPECT_TRUE(domain.is_on());
  EXPECT_THAT(log, ElementsAre("flash on", "cpu on"));
  log.clear();
  domain.cut();
  domain.cut();
  EXPECT_FALSE(domain.is_on());
  EXPECT_THAT(log, ElementsAre("cpu off", "flash off"));
  domain.on(Cause::kBrownOut);
  domain.reset();
  ASSERT_EQ(events.records().size(), 5u);
  EXPECT_EQ(events.records()[0].text("cause"), "power_on");
  EXPECT_EQ(events.records()[1].name, "power.off");
  EXPECT_EQ(events.records()[2].text("cause"), "brown_out");
  EXPECT_EQ(events.records()[3].name, "power.off");
  EXPECT_EQ(events.records()[4].text("cause"), "software");
}

}  // namespace
}  // namespace touchstone::models
