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

TEST(SysCtlTest, TheDmaWindowIsClosedAtResetAndStaysOnceLocked) {
  SysCtl control("sysctl", 192, 192);
  test::Initiator bus("bus");
  bus.socket.bind(control.socket);
  test::DmaMemory memory;
  DmaGuard guard(memory, control.dma_window());
  control.power_on();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  constexpr std::uint32_t kBase = test::DmaMemory::kBase;
  ByteArray<8> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_FALSE(guard.write(kBase, bytes));

  bus.write(sysctl::kDmaUserBase, kBase + 0x1000);
  bus.write(sysctl::kDmaUserEnd, kBase + 0x2000);
  bus.write(sysctl::kDmaLock, 1);
  for (const auto& [offset, allowed] : std::map<std::uint32_t, bool>{
           {0, false}, {0xFFC, false}, {0x1000, true}, {0x1FF8, true}, {0x1FF9, false}, {0x2000, false}, {0xFFFFFFFC - kBase, false}}) {
    EXPECT_EQ(guard.write(kBase + offset, bytes), allowed) << offset;
    EXPECT_EQ(guard.read(kBase + offset, bytes), allowed) << offset;
  }
  EXPECT_EQ(memory.bytes[0x1FFF], 8);
  EXPECT_TRUE(memory.read(kBase + 0xFFC, bytes));  // nothing of a refused transfer was moved
  EXPECT_EQ(bytes, (ByteArray<8>{0, 0, 0, 0, 1, 2, 3, 4}));

  bus.write(sysctl::kDmaLock, 0);
  bus.write(sysctl::kDmaUserBase, kBase);
  EXPECT_FALSE(guard.read(kBase, bytes));
  EXPECT_EQ(bus.read(sysctl::kDmaUserBase), kBase + 0x1000);
  EXPECT_EQ(bus.read(sysctl::kDmaLock), 1u);
  control.power_off();
  control.power_on();
  EXPECT_EQ(bus.read(sysctl::kDmaLock), 0u);
  EXPECT_FALSE(guard.read(kBase + 0x1000, bytes));
}

TEST(SysCtlTest, SaysWhetherTheDisplayIsConnected) {
  SysCtl control("sysctl", 192, 192);
  test::Initiator bus("bus");
  bus.socket.bind(control.socket);
  control.power_on();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_EQ(bus.read(sysctl::kBoardStatus), sysctl::kBoardStatusDisplayPresentMask);
  control.set_display_present(false);
  EXPECT_EQ(bus.read(sysctl::kBoardStatus), 0u);
}

}  // namespace
}  // namespace touchstone::models
