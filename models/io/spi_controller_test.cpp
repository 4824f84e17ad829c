#include "io/spi_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/test_bench.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

namespace spi = contract::spi;
using sc_core::sc_time;
using sc_core::sc_time_stamp;
using testing::ElementsAre;

constexpr std::uint32_t kRam = test::DmaMemory::kBase;

/// Answers every byte with its complement and remembers what it saw when.
struct EchoDevice : SpiDevice {
  std::vector<std::pair<sc_time, std::string>> log;
  std::vector<std::uint8_t> seen;
  std::vector<sc_time> times;
  void select() override { log.push_back({sc_time_stamp(), "select"}); }
  std::uint8_t transfer(std::uint8_t mosi) override {
    seen.push_back(mosi);
    times.push_back(sc_time_stamp());
    return static_cast<std::uint8_t>(~mosi);
  }
  void deselect() override { log.push_back({sc_time_stamp(), "deselect"}); }
};

struct SpiControllerTest : testing::Test {
  EchoDevice device;
  test::DmaMemory memory;
  test::IrqRecorder irq;
  const sc_time period{10, sc_core::SC_NS};  // exact in the tests' arithmetic
  SpiController controller{"spi", device, memory, irq, contract::Irq::kSensorSpi, period};
  test::Initiator bus{"bus"};

  SpiControllerTest() {
    bus.socket.bind(controller.socket);
    controller.power_on();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void set_up(std::uint32_t tx, std::uint32_t rx, std::uint32_t length, std::uint32_t divider = 3) {
    bus.write(spi::kCtrl, 1u | divider << spi::kCtrlClkDivShift);
    bus.write(spi::kTxAddr, tx);
    bus.write(spi::kRxAddr, rx);
    bus.write(spi::kLenBytes, length);
    bus.write(spi::kIntrEnable, 1);
  }
  void run_us(double us) { touchstone::test::advance_us(us); }
};

TEST_F(SpiControllerTest, MovesBytesBothWaysExactlyWhenTheLastClockEnds) {
  for (int i = 0; i < 5; ++i) memory.bytes[static_cast<std::size_t>(0x100 + i)] = static_cast<std::uint8_t>(0x10 + i);
  set_up(kRam + 0x100, kRam + 0x200, 5);
  run_us(1);
  bus.write(spi::kStart, 1);
  // 5 bytes x 8 bits x 2 x (3 + 1) core clocks of 10 ns.
  const sc_time end = sc_time_stamp() + sc_time(3200, sc_core::SC_NS);
  touchstone::test::advance(sc_time(3199, sc_core::SC_NS));
  EXPECT_EQ(bus.read(spi::kStatus), spi::kStatusBusyMask);
  EXPECT_TRUE(device.seen.empty());
  EXPECT_FALSE(irq.level);
  touchstone::test::advance(sc_time(1, sc_core::SC_NS));
  EXPECT_EQ(bus.read(spi::kStatus), 0u);
  EXPECT_THAT(device.seen, ElementsAre(0x10, 0x11, 0x12, 0x13, 0x14));
  for (const sc_time& t : device.times) EXPECT_EQ(t, end);
  ASSERT_EQ(irq.changes.size(), 1u);
  EXPECT_EQ(irq.changes[0].first, end);
  EXPECT_EQ(memory.bytes[0x200], 0xEF);
  EXPECT_EQ(memory.bytes[0x204], 0xEB);
  EXPECT_EQ(memory.bytes[0x205], 0);
  EXPECT_EQ(bus.read(spi::kIntrState), 1u);
  bus.write(spi::kIntrState, 1);
  EXPECT_FALSE(irq.level);
}

TEST_F(SpiControllerTest, ChipSelectMovesAtTheInitiatorsLocalTime) {
  const sc_time t0 = sc_time_stamp();
  bus.write(spi::kCtrl, 1, sc_time(70, sc_core::SC_NS));
  bus.write(spi::kCtrl, 0, sc_time(90, sc_core::SC_NS));
  EXPECT_TRUE(device.log.empty());
  run_us(1);
  ASSERT_EQ(device.log.size(), 2u);
  EXPECT_EQ(device.log[0], std::pair(t0 + sc_time(70, sc_core::SC_NS), std::string("select")));
  EXPECT_EQ(device.log[1], std::pair(t0 + sc_time(90, sc_core::SC_NS), std::string("deselect")));
}

TEST_F(SpiControllerTest, SendsZerosWithoutSourceAndDropsWithoutTarget) {
  set_up(0, 0, 3);
  bus.write(spi::kStart, 1);
  run_us(10);
  EXPECT_THAT(device.seen, ElementsAre(0, 0, 0));
  EXPECT_EQ(bus.read(spi::kStatus), 0u);
  EXPECT_TRUE(irq.level);
}

TEST_F(SpiControllerTest, AnUnselectedDeviceHearsNothing) {
  set_up(0, kRam, 2);
  bus.write(spi::kCtrl, 0);
  memory.bytes[0] = 0x55;
  bus.write(spi::kStart, 1);
  run_us(10);
  EXPECT_TRUE(device.seen.empty());
  EXPECT_EQ(memory.bytes[0], 0);
}

TEST_F(SpiControllerTest, WrongAddressesAndLengthsEndWithABusError) {
  const auto error_of = [&](std::uint32_t tx, std::uint32_t rx, std::uint32_t length) {
    set_up(tx, rx, length);
    bus.write(spi::kIntrState, 1);
    bus.write(spi::kStart, 1);
    run_us(100);
    EXPECT_EQ(bus.read(spi::kIntrState), 1u);
    return bus.read(spi::kStatus);
  };
  EXPECT_EQ(error_of(0x1000, 0, 4), spi::kStatusBusErrorMask);
  EXPECT_TRUE(device.seen.empty());
  EXPECT_EQ(error_of(0, kRam + 65534, 4), spi::kStatusBusErrorMask);
  EXPECT_EQ(error_of(0, kRam, 0), spi::kStatusBusErrorMask);
  EXPECT_EQ(error_of(0, kRam, 131073), spi::kStatusBusErrorMask);
  EXPECT_EQ(error_of(0, kRam, 4), 0u);
}

TEST_F(SpiControllerTest, StartAndSetupWhileBusyAreIgnored) {
  set_up(0, 0, 1);
  bus.write(spi::kStart, 1);
  bus.write(spi::kLenBytes, 100);
  bus.write(spi::kCtrl, 0);
  bus.write(spi::kStart, 1);
  run_us(1);
  EXPECT_EQ(device.seen.size(), 1u);
  EXPECT_EQ(bus.read(spi::kLenBytes), 1u);
  EXPECT_EQ(bus.read(spi::kCtrl), 0x301u);
  run_us(100);
  EXPECT_EQ(device.seen.size(), 1u);
  EXPECT_EQ(device.log.size(), 1u);
}

TEST_F(SpiControllerTest, PowerOffEndsATransferUnseen) {
  set_up(0, 0, 10);
  bus.write(spi::kStart, 1);
  run_us(1);
  controller.power_off();
  EXPECT_EQ(device.log.back().second, "deselect");
  run_us(100);
  EXPECT_TRUE(device.seen.empty());
  EXPECT_FALSE(irq.level);
  controller.power_on();
  EXPECT_EQ(bus.read(spi::kStatus), 0u);
  EXPECT_EQ(bus.read(spi::kCtrl), 0u);
}

}  // namespace
}  // namespace touchstone::models
