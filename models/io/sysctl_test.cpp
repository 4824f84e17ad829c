#include "io/sysctl.h"

#include <gtest/gtest.h>

#include "io/test_bench.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

namespace sysctl = contract::sysctl;
using sc_core::sc_time;

TEST(SysCtlTest, StrapCauseAndPins) {
  SysCtl control("sysctl", 300, 297);
  test::Initiator bus("bus");
  bus.socket.bind(control.socket);
  std::vector<std::pair<sc_time, int>> log;  // -1: software reset, else the pin's level
  control.on_software_reset = [&] { log.push_back({sc_core::sc_time_stamp(), -1}); };
  control.on_sensor_reset_n = [&](bool level) { log.push_back({sc_core::sc_time_stamp(), level ? 1 : 0}); };
  control.set_reset_cause(sysctl::Cause::kBrownOut);
  control.power_on();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);

  EXPECT_EQ(bus.read(sysctl::kResetCause), 1u);
  EXPECT_EQ(bus.read(sysctl::kSensorGeometry), 300u | 297u << 16);
  EXPECT_EQ(bus.read(sysctl::kSensorResetN), 1u);

  const sc_time us(1, sc_core::SC_US);
  bus.write(sysctl::kSensorResetN, 1, us);  // no change
  bus.write(sysctl::kSensorResetN, 0, 2 * us);
  bus.write(sysctl::kSensorResetN, 1, 3 * us);
  bus.write(sysctl::kReset, 2, 4 * us);  // bit 0 counts
  bus.write(sysctl::kReset, 1, 5 * us);
  EXPECT_TRUE(log.empty());
  touchstone::test::advance(10 * us);
  const std::vector<std::pair<sc_time, int>> expected = {{2 * us, 0}, {3 * us, 1}, {5 * us, -1}};
  EXPECT_EQ(log, expected);

  // A card that comes back does not hold its sensor in reset.
  bus.write(sysctl::kSensorResetN, 0);
  touchstone::test::advance(us);
  control.power_off();
  control.power_on();
  EXPECT_EQ(log.back().second, 1);
  EXPECT_EQ(bus.read(sysctl::kSensorResetN), 1u);
}

}  // namespace
}  // namespace touchstone::models
