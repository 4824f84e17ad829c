// Drivers against a register-level machine of a few lines: sequences on the bus, waiting, and every way to fail.
// Against the real models they are tested by the whole card (scenarios).
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

#include "drivers/ble_transport.h"
#include "drivers/display_driver.h"
#include "drivers/fingerprint_driver.h"
#include "drivers/irq.h"
#include "drivers/nvm.h"
#include "drivers/timer.h"
#include "drivers/trng.h"

namespace touchstone::firmware {
namespace {

using contract::Irq;
namespace intc = contract::intc;
namespace spi = contract::spi;
namespace nvm = contract::nvm;
namespace ble = contract::ble;

/// Registers that remember, interrupt lines, a timer, and operations that end some time after they began.
class Machine : public Hal {
 public:
  std::uint32_t read32(std::uint32_t address) override {
    ++accesses;
    now += 4;
    run_due();
    if (address == intc::kBase + intc::kLines) return lines;
    if (const auto found = on_read.find(address); found != on_read.end()) return found->second();
    return registers[address];
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    now += 4;
    registers[address] = value;
    if (const auto found = on_write.find(address); found != on_write.end()) found->second(value);
  }
  std::uint32_t bus_address(const void* buffer) override {
    buffers.push_back(static_cast<const std::uint8_t*>(buffer));
    return static_cast<std::uint32_t>(buffers.size()) << 20;
  }
  void wait_for_interrupt() override {
    ++sleeps;
    const std::uint64_t compare = std::uint64_t{registers[contract::timer::kBase + contract::timer::kMtimecmpHi]} << 32 |
                                  registers[contract::timer::kBase + contract::timer::kMtimecmpLo];
    while ((lines & registers[intc::kBase + intc::kEnable]) == 0 && now < compare) {
      const std::uint64_t next = due.empty() ? kNever : due.begin()->first;
      ASSERT_NE(std::min(next, compare), kNever) << "asleep for ever";
      now = std::max(now, std::min(next, compare));
      run_due();
    }
  }
  std::uint64_t now_cycles() override { return now += 4; }

  void after(std::uint64_t cycles, std::function<void()> action) { due.emplace(now + cycles, std::move(action)); }
  void line(Irq irq, bool up) { lines = up ? lines | irq_bit(irq) : lines & ~irq_bit(irq); }
  const std::uint8_t* memory(std::uint32_t address) const { return address == 0 ? nullptr : buffers[(address >> 20) - 1]; }
  std::uint8_t* mutable_memory(std::uint32_t address) const { return const_cast<std::uint8_t*>(memory(address)); }

  std::uint64_t now = 0;
  int sleeps = 0, accesses = 0;
  std::uint32_t lines = 0;
  std::map<std::uint32_t, std::uint32_t> registers{
      {contract::timer::kBase + contract::timer::kMtimecmpLo, 0xFFFFFFFF},
      {contract::timer::kBase + contract::timer::kMtimecmpHi, 0xFFFFFFFF},
      {contract::sysctl::kBase + contract::sysctl::kSensorGeometry, 8u | 6u << 16}};
  std::map<std::uint32_t, std::function<std::uint32_t()>> on_read;
  std::map<std::uint32_t, std::function<void(std::uint32_t)>> on_write;
  std::vector<const std::uint8_t*> buffers;

 private:
  void run_due() {
    while (!due.empty() && due.begin()->first <= now) {
      const auto action = std::move(due.begin()->second);
      due.erase(due.begin());
      action();
    }
  }
  std::multimap<std::uint64_t, std::function<void()>> due;
};

/// An SPI controller with a device behind it: `exchange` gets what was sent in one transfer and fills what comes back.
struct SpiPort {
  SpiPort(Machine& m, std::uint32_t base_address, Irq irq_line) : machine(m), base(base_address), line(irq_line) {
    machine.on_write[base + spi::kCtrl] = [this](std::uint32_t v) {
      if (((v & 1) != 0) != selected && selected) transactions.push_back(std::move(sent)), sent.clear();
      selected = (v & 1) != 0;
    };
    machine.on_write[base + spi::kStart] = [this](std::uint32_t) {
      if (dead) return;
      machine.after(100, [this] { finish(); });
    };
    machine.on_write[base + spi::kIntrState] = [this](std::uint32_t) { machine.line(line, false); };
  }
  void finish() {
    const std::uint32_t size = machine.registers[base + spi::kLenBytes];
    const std::uint8_t* tx = machine.memory(machine.registers[base + spi::kTxAddr]);
    std::uint8_t* rx = machine.mutable_memory(machine.registers[base + spi::kRxAddr]);
    for (std::uint32_t i = 0; i < size; ++i) {
      sent.push_back(tx == nullptr ? 0 : tx[i]);
      const std::uint8_t back = answer(sent);
      if (rx != nullptr) rx[i] = back;
    }
    machine.line(line, true);
  }
  Machine& machine;
  std::uint32_t base;
  Irq line;
  bool selected = false, dead = false;
  std::vector<std::uint8_t> sent;                         // in this transaction
  std::vector<std::vector<std::uint8_t>> transactions;    // ended ones
  std::function<std::uint8_t(const std::vector<std::uint8_t>&)> answer = [](const auto&) { return std::uint8_t{0}; };
};

TEST(Spi, SelectsTheFastestClockNotAboveTheWanted) {
  Machine machine;
  const std::map<std::uint32_t, std::uint32_t> expected{
      {8'000'000, 3}, {1'000'000, 31}, {64'000'000, 0}, {1'100'000, 29}, {1000, 255}};
  for (const auto& [wanted_hz, divider] : expected) {
    SpiBus bus(machine, spi::kSensorSpiBase, Irq::kSensorSpi, wanted_hz);
    bus.select();
    EXPECT_EQ(machine.registers[spi::kSensorSpiBase + spi::kCtrl], divider << 8 | 1) << wanted_hz;
  }
}

TEST(Spi, MovesBytesBothWaysAndSleepsMeanwhile) {
  Machine machine;
  SpiPort port(machine, spi::kSensorSpiBase, Irq::kSensorSpi);
  port.answer = [](const auto& sent) { return static_cast<std::uint8_t>(sent.back() + 1); };
  machine.registers[intc::kBase + intc::kEnable] = irq_bit(Irq::kBle);
  machine.line(Irq::kBle, true);  // another device that waits for attention must not turn the sleep into polling
  SpiBus bus(machine, spi::kSensorSpiBase, Irq::kSensorSpi, 8'000'000);
  const ByteArray<3> tx{1, 2, 3};
  ByteArray<3> rx{};
  ASSERT_TRUE(bus.command(tx, rx));
  EXPECT_EQ(rx, (ByteArray<3>{2, 3, 4}));
  EXPECT_EQ(machine.sleeps, 1);
  EXPECT_EQ(machine.registers[intc::kBase + intc::kEnable], irq_bit(Irq::kBle));
  EXPECT_EQ(machine.registers[contract::timer::kBase + contract::timer::kMtimecmpHi], 0xFFFFFFFF);
}

TEST(Spi, ReportsAControllerThatDoesNotEndAndABusError) {
  Machine machine;
  SpiPort port(machine, spi::kSensorSpiBase, Irq::kSensorSpi);
  SpiBus bus(machine, spi::kSensorSpiBase, Irq::kSensorSpi, 8'000'000);
  ByteArray<2> bytes{};
  port.dead = true;
  EXPECT_EQ(bus.command(bytes, {}).error().code, ErrorCode::kDevice);
  port.dead = false;
  machine.registers[spi::kSensorSpiBase + spi::kStatus] = spi::kStatusBusErrorMask;
  EXPECT_EQ(bus.command(bytes, {}).error().code, ErrorCode::kDevice);
}

TEST(Spi, DoesNotDisturbABusyControllerAndStopsWhenItStaysBusy) {
  Machine machine;
  SpiPort port(machine, spi::kSensorSpiBase, Irq::kSensorSpi);
  SpiBus bus(machine, spi::kSensorSpiBase, Irq::kSensorSpi, 8'000'000);
  ByteArray<2> bytes{};
  machine.registers[spi::kSensorSpiBase + spi::kStatus] = spi::kStatusBusyMask;
  EXPECT_EQ(bus.transfer(bytes, {}).error().code, ErrorCode::kDevice);
  EXPECT_EQ(machine.registers.count(spi::kSensorSpiBase + spi::kStart), 0u);
  machine.registers[spi::kSensorSpiBase + spi::kStatus] = 0;
  machine.on_write[spi::kSensorSpiBase + spi::kStart] = [&](std::uint32_t) {
    machine.registers[spi::kSensorSpiBase + spi::kStatus] = spi::kStatusBusyMask;
  };
  EXPECT_DEATH(static_cast<void>(bus.transfer(bytes, {})), "does not end its transfer");
}

/// Decodes what the panel's data sheet says and holds its pixels.
struct Panel {
  explicit Panel(Machine& machine) : port(machine, spi::kDisplaySpiBase, Irq::kDisplaySpi) {}
  /// Lines written since the last call.
  int decode() {
    int lines = 0;
    for (const auto& bytes : port.transactions) {
      vcom.push_back((bytes[0] & 0x40) != 0);
      if ((bytes[0] & 0x80) == 0) continue;
      EXPECT_EQ(bytes.size() % 18, 2u);
      for (std::size_t at = 1; at + 18 < bytes.size(); at += 18, ++lines) {
        int line = 0;
        for (int bit = 0; bit < 8; ++bit) line |= (bytes[at] >> (7 - bit) & 1) << bit;
        for (int x = 0; x < 128; ++x)
          white[line - 1][x] = (bytes[at + 1 + static_cast<std::size_t>(x) / 8] >> (7 - x % 8) & 1) != 0;
      }
    }
    port.transactions.clear();
    return lines;
  }
  SpiPort port;
  bool white[128][128]{};
  std::vector<bool> vcom;
};

TEST(DisplayDriver, SendsChangedLinesOnly) {
  Machine machine;
  Panel panel(machine);
  SpiBus bus(machine, spi::kDisplaySpiBase, Irq::kDisplaySpi, DisplayDriver::kSpiClock_hz);
  DisplayDriver driver(machine, bus);
  Display::Frame frame{};
  ASSERT_TRUE(driver.show(frame));
  EXPECT_EQ(panel.decode(), 128);  // after power on everything
  EXPECT_TRUE(panel.white[0][0] && panel.white[127][127]);
  frame[5 * 16] = 0x80;
  frame[99 * 16 + 15] = 0x01;
  ASSERT_TRUE(driver.show(frame));
  EXPECT_EQ(panel.decode(), 2);
  EXPECT_FALSE(panel.white[5][0]);
  EXPECT_FALSE(panel.white[99][127]);
  EXPECT_TRUE(panel.white[5][1]);
  ASSERT_TRUE(driver.show(frame));
  EXPECT_EQ(panel.decode(), 0);
  panel.port.dead = true;
  frame[0] = 1;
  EXPECT_FALSE(driver.show(frame));
  panel.port.dead = false;
  panel.port.transactions.clear();
  ASSERT_TRUE(driver.show(frame));
  EXPECT_EQ(panel.decode(), 128);  // what stands on the panel is not known any more
}

TEST(DisplayDriver, TurnsVcomInTime) {
  Machine machine;
  Panel panel(machine);
  SpiBus bus(machine, spi::kDisplaySpiBase, Irq::kDisplaySpi, DisplayDriver::kSpiClock_hz);
  DisplayDriver driver(machine, bus);
  for (int i = 0; i < 5; ++i) machine.now = std::max(machine.now, driver.maintain());
  panel.decode();
  EXPECT_EQ(panel.vcom, (std::vector<bool>{true, false, true, false, true}));
  EXPECT_GT(driver.maintain(), machine.now);
  EXPECT_LE(driver.maintain(), machine.now + contract::kClockHz / 2);
}

/// The few registers of the sensor that the driver uses.
struct Sensor {
  explicit Sensor(Machine& m) : machine(m), port(m, spi::kSensorSpiBase, Irq::kSensorSpi) {
    machine.on_write[contract::sysctl::kBase + contract::sysctl::kSensorResetN] = [this](std::uint32_t high) {
      if (high != 0) machine.after(1000, [this] { raise(reboot_bits); });
    };
    port.answer = [this](const auto& sent) { return exchange(sent); };
  }
  void raise(std::uint8_t bits) {
    irq = bits;
    machine.line(Irq::kSensorIrq, bits != 0);
  }
  std::uint8_t exchange(const std::vector<std::uint8_t>& sent) {
    const std::size_t index = sent.size() - 1;
    switch (sent[0]) {
      case 0x1C:
        if (index == 1) {
          const std::uint8_t bits = irq;
          raise(0);
          return bits;
        }
        return 0;
      case 0x20:
        machine.after(50, [this] { raise(0x80); });
        return 0;
      case 0xC0:
        machine.after(5000, [this] { raise(0x20); });
        return 0;
      case 0xC4: return index >= 2 ? static_cast<std::uint8_t>(index - 2) : 0xEE;
      case 0xD4: return index == 2 ? zones : 0;
      case 0xFC: return index == 1 ? hardware_high : 0x0A;
      default: return 0;
    }
  }
  Machine& machine;
  SpiPort port;
  std::uint8_t irq = 0, zones = 0, reboot_bits = 0xFF, hardware_high = 0x02;
};

struct FingerprintDriverTest : ::testing::Test {
  Machine machine;
  Sensor sensor{machine};
  SpiBus bus{machine, spi::kSensorSpiBase, Irq::kSensorSpi, FingerprintDriver::kSpiClock_hz};
  FingerprintDriver driver{machine, bus};
};

TEST_F(FingerprintDriverTest, StartsTheSensorItKnows) {
  EXPECT_TRUE(driver.start());
  sensor.hardware_high = 0x03;
  EXPECT_EQ(driver.start().error().code, ErrorCode::kDevice);
  sensor.hardware_high = 0x02;
  sensor.reboot_bits = 0;
  EXPECT_EQ(driver.start().error().code, ErrorCode::kDevice);  // silent after the reset
}

TEST_F(FingerprintDriverTest, SeesATouchOnlyAfterTheInterrupt) {
  ASSERT_TRUE(driver.start());
  sensor.raise(0x01);  // older than the wait: does not count
  ASSERT_TRUE(driver.arm_touch());
  EXPECT_EQ(sensor.port.transactions.back(), (std::vector<std::uint8_t>{0x24}));
  EXPECT_FALSE(*driver.touched());
  sensor.raise(0x81);
  EXPECT_TRUE(*driver.touched());
  EXPECT_FALSE(*driver.touched());
  sensor.raise(0xFF);
  EXPECT_EQ(driver.touched().error().code, ErrorCode::kDevice);  // it has rebooted
}

TEST_F(FingerprintDriverTest, AsksForTheFinger) {
  ASSERT_TRUE(driver.start());
  EXPECT_FALSE(*driver.finger_present());
  sensor.zones = 0x40;
  EXPECT_TRUE(*driver.finger_present());
}

TEST_F(FingerprintDriverTest, ReadsTheImageBehindTheDummyByte) {
  ASSERT_TRUE(driver.start());
  EXPECT_EQ(driver.geometry().width_px, 8);
  EXPECT_EQ(driver.geometry().height_px, 6);
  ByteArray<48> image{}, expected{};
  std::iota(expected.begin(), expected.end(), std::uint8_t{0});
  ASSERT_TRUE(driver.capture(image));
  EXPECT_EQ(image, expected);
  ByteArray<47> small{};
  EXPECT_EQ(driver.capture(small).error().code, ErrorCode::kTooLarge);
}

TEST(NvmDriver, ProgramsPageByPageAndReportsErrors) {
  Machine machine;
  using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  Ranges programmed;
  machine.on_write[nvm::kBase + nvm::kCmd] = [&](std::uint32_t) {
    programmed.emplace_back(machine.registers[nvm::kBase + nvm::kAddr], machine.registers[nvm::kBase + nvm::kLenBytes]);
    machine.after(1000, [&] { machine.line(Irq::kNvm, true); });
  };
  machine.on_write[nvm::kBase + nvm::kIntrState] = [&](std::uint32_t) { machine.line(Irq::kNvm, false); };
  Nvm driver(machine);
  alignas(4) ByteArray<16> data{};
  ASSERT_TRUE(driver.program(contract::kPageBytes - 8, data));
  EXPECT_EQ(programmed, (Ranges{{contract::kPageBytes - 8, 8}, {contract::kPageBytes, 8}}));
  machine.registers[nvm::kBase + nvm::kStatus] = nvm::kStatusErrorMask;
  EXPECT_EQ(driver.erase_page(0).error().code, ErrorCode::kDevice);
  machine.registers[contract::kFlashBase + 8] = 0x44332211;
  ByteArray<3> out{};
  driver.read(9, out);
  EXPECT_EQ(out, (ByteArray<3>{0x22, 0x33, 0x44}));
}

TEST(TrngDriver, WaitsForWordsAndStopsWhenUnhealthy) {
  namespace trng = contract::trng;
  Machine machine;
  std::uint32_t word = 0;
  int not_ready = 3;
  machine.on_read[trng::kBase + trng::kStatus] = [&] { return not_ready-- > 0 ? 0u : 1u; };
  machine.on_read[trng::kBase + trng::kData] = [&] { return word += 0x01010101; };
  Trng driver(machine);
  ByteArray<6> out{};
  ASSERT_TRUE(driver.fill(out));
  EXPECT_EQ(out, (ByteArray<6>{1, 1, 1, 1, 2, 2}));
  EXPECT_EQ(machine.sleeps, 3);
  machine.on_read[trng::kBase + trng::kStatus] = [&] { return word < 0x05000000 ? 1u : 2u; };
  ByteArray<32> more;
  more.fill(0x77);
  EXPECT_EQ(driver.fill(more).error().code, ErrorCode::kDevice);
  EXPECT_EQ(more, ByteArray<32>{});  // a part of the randomness is none
  machine.on_read[trng::kBase + trng::kStatus] = [] { return 0u; };
  EXPECT_EQ(driver.fill(out).error().code, ErrorCode::kDevice);
}

TEST(BleTransportDriver, HandsPacketsBothWays) {
  Machine machine;
  BleTransport driver(machine);
  EXPECT_EQ(machine.registers[ble::kBase + ble::kIntrEnable], 1u);
  EXPECT_FALSE(driver.packet_waits());
  ByteArray<4> buffer{};
  EXPECT_TRUE(driver.receive(buffer)->empty());
  machine.registers[ble::kBase + ble::kRxLenBytes] = 3;
  machine.on_write[ble::kBase + ble::kRxAddr] = [&](std::uint32_t address) { machine.mutable_memory(address)[2] = 9; };
  EXPECT_TRUE(driver.packet_waits());
  EXPECT_EQ(driver.receive(buffer)->size(), 3u);
  EXPECT_EQ(buffer[2], 9);
  machine.registers[ble::kBase + ble::kRxLenBytes] = 5;
  EXPECT_EQ(driver.receive(buffer).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(driver.send(buffer));
  EXPECT_EQ(machine.registers[ble::kBase + ble::kTxLenBytes], 4u);
  machine.registers[ble::kBase + ble::kStatus] = ble::kStatusTxBusyMask;
  EXPECT_EQ(driver.send(buffer).error().code, ErrorCode::kDevice);
}

TEST(TimerDriver, SleepsToTheDeadlineOrTheLine) {
  Machine machine;
  Timer timer(machine, irq_bit(Irq::kBle));
  timer.sleep_until(10'000);
  EXPECT_NEAR(static_cast<double>(machine.now), 10'000, 100);
  machine.after(500, [&] { machine.line(Irq::kBle, true); });
  timer.sleep_until(kNever);
  EXPECT_NEAR(static_cast<double>(machine.now), 10'500, 100);
  const int sleeps = machine.sleeps;
  timer.sleep_until(10);  // already over
  EXPECT_EQ(machine.sleeps, sleeps);
}

}  // namespace
}  // namespace touchstone::firmware
