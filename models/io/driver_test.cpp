// The firmware's drivers, compiled for the host, on the models of the hardware: both sides of the register map meet here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <numeric>

#include "base/seed.h"
#include "bus/memory.h"
#include "bus/router.h"
#include "display/memory_lcd.h"
#include "drivers/display_driver.h"
#include "drivers/fingerprint_driver.h"
#include "drivers/nvm.h"
#include "drivers/spi_bus.h"
#include "drivers/trng.h"
#include "io/nvm_controller.h"
#include "io/spi_controller.h"
#include "io/sysctl.h"
#include "io/trng.h"
#include "mcu/peripherals.h"
#include "sensor/fingerprint_sensor.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

namespace c = contract;
using sc_core::sc_time;

/// The drivers' memory accesses on the card's bus; their waiting lets virtual time pass. Buffers of the host appear on the
/// bus as windows of 1 MB, one for each pointer handed to bus_address().
class HostHal : public firmware::Hal, public DmaPort, public HartInterrupts {
 public:
  HostHal(Router& router, sc_time clock_period) : router_(router), clock_period_(clock_period) {}

  std::uint32_t read32(std::uint32_t address) override {
    ByteArray<4> data{};
    EXPECT_TRUE(router_.read(address, data)) << "bus fault at " << address;
    return load_le32(data.data());
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    ByteArray<4> data;
    store_le32(data.data(), value);
    EXPECT_TRUE(router_.write(address, data)) << "bus fault at " << address;
    touchstone::test::settle();
  }
  std::uint32_t bus_address(const void* buffer) override {
    windows_.push_back(static_cast<std::uint8_t*>(const_cast<void*>(buffer)));
    return kWindows + static_cast<std::uint32_t>((windows_.size() - 1) << 20);
  }
  void wait_for_interrupt() override {
    while (!timer_ && !external_ && sc_core::sc_pending_activity())
      touchstone::test::advance(sc_core::sc_time_to_pending_activity());
  }
  std::uint64_t now_cycles() override { return sc_core::sc_time_stamp().value() / clock_period_.value(); }

  bool read(std::uint32_t address, MutableBytes out) override {
    const std::uint8_t* from = window(address);
    if (from != nullptr) std::copy_n(from, out.size(), out.begin());
    return from != nullptr;
  }
  bool write(std::uint32_t address, Bytes in) override {
    std::uint8_t* to = window(address);
    if (to != nullptr) std::copy(in.begin(), in.end(), to);
    return to != nullptr;
  }

  void set_interrupt(Interrupt line, bool level) override { (line == Interrupt::kTimer ? timer_ : external_) = level; }

 private:
  static constexpr std::uint32_t kWindows = 0x90000000;
  std::uint8_t* window(std::uint32_t address) const {
    const std::uint32_t index = (address - kWindows) >> 20;
    return address < kWindows || index >= windows_.size() ? nullptr : windows_[index] + ((address - kWindows) & 0xFFFFF);
  }

  Router& router_;
  sc_time clock_period_;
  std::vector<std::uint8_t*> windows_;
  bool timer_ = false, external_ = false;
};

/// The card without its processor, radio and accelerator.
struct Board : sc_core::sc_module {
  const sc_time period{1.0 / c::kClockHz, sc_core::SC_SEC};
  RecordingSink events;
  Router router{"router"};
  tlm_utils::simple_initiator_socket<Board> port{"port"};  // the bus has to have a master
  HostHal hal{router, period};
  Timer timer{"timer", period, hal};
  InterruptController intc{"intc", hal};
  Memory flash{"flash", c::kFlashSizeBytes, Memory::Kind::kFlash};
  SysCtl sysctl{"sysctl", 192, 192};
  Trng trng{"trng", SeedTree(1).stream("trng")};
  NvmController nvm{"nvm", flash, hal, intc, c::Irq::kNvm, SeedTree(1).stream("flash"), &events, nullptr};
  FingerprintSensor sensor{"sensor", {}, intc, c::Irq::kSensorIrq, SeedTree(1), &events, nullptr};
  MemoryLcd lcd{"lcd", &events, nullptr};
  SpiController sensor_spi{"sensor_spi", sensor, hal, intc, c::Irq::kSensorSpi, period};
  SpiController display_spi{"display_spi", lcd, hal, intc, c::Irq::kDisplaySpi, period};

  explicit Board(sc_core::sc_module_name name) : sc_module(name) {
    router.map(c::timer::kBase, c::timer::kSizeBytes, timer.socket);
    router.map(c::intc::kBase, c::intc::kSizeBytes, intc.socket);
    router.map(c::kFlashBase, c::kFlashSizeBytes, flash.socket);
    router.map(c::sysctl::kBase, c::sysctl::kSizeBytes, sysctl.socket);
    router.map(c::trng::kBase, c::trng::kSizeBytes, trng.socket);
    router.map(c::nvm::kBase, c::nvm::kSizeBytes, nvm.socket);
    router.map(c::spi::kSensorSpiBase, c::spi::kSizeBytes, sensor_spi.socket);
    router.map(c::spi::kDisplaySpiBase, c::spi::kSizeBytes, display_spi.socket);
    port.bind(router.in);
    sysctl.on_sensor_reset_n = [this](bool level) { sensor.set_reset_n(level); };
  }
  void power_on() {
    for (Powered* part : std::initializer_list<Powered*>{&timer, &intc, &sysctl, &trng, &nvm, &sensor, &lcd, &sensor_spi, &display_spi})
      part->power_on();
  }
};

struct DriverTest : testing::Test {
  Board board{"board"};
  HostHal& hal = board.hal;
  FingerprintSensor& sensor = board.sensor;
  MemoryLcd& lcd = board.lcd;
  DriverTest() {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    board.power_on();
  }
};

TEST_F(DriverTest, FingerprintSensor) {
  firmware::SpiBus bus(hal, c::spi::kSensorSpiBase, c::Irq::kSensorSpi, firmware::FingerprintDriver::kSpiClock_hz);
  firmware::FingerprintDriver driver(hal, bus);
  ASSERT_EQ(driver.geometry().size_bytes(), 192u * 192u);
  ASSERT_TRUE(driver.start().ok());
  EXPECT_FALSE(driver.finger_present().value());

  ASSERT_TRUE(driver.arm_touch().ok());
  EXPECT_FALSE(driver.touched().value());
  GreyImage image(192, 192);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 31 + i / 192);
  sensor.place({.name = "thumb", .image = image});
  touchstone::test::advance_us(20000);
  EXPECT_TRUE(driver.touched().value());
  EXPECT_FALSE(driver.touched().value());
  EXPECT_TRUE(driver.finger_present().value());

  std::vector<std::uint8_t> pixels(192 * 192);
  ASSERT_TRUE(driver.capture(pixels).ok());
  EXPECT_EQ(pixels, image.pixels);
  sensor.lift();
  EXPECT_FALSE(driver.finger_present().value());
  EXPECT_TRUE(driver.sleep().ok());
  EXPECT_FALSE(driver.finger_present().ok()) << "in deep sleep nothing answers";
  EXPECT_TRUE(driver.start().ok());
  EXPECT_TRUE(driver.finger_present().ok());
}

TEST_F(DriverTest, Display) {
  firmware::SpiBus bus(hal, c::spi::kDisplaySpiBase, c::Irq::kDisplaySpi, firmware::DisplayDriver::kSpiClock_hz);
  firmware::DisplayDriver driver(hal, bus);
  firmware::Display::Frame frame{};
  const auto expect_shown = [&] {
    for (std::size_t i = 0; i < frame.size(); ++i) ASSERT_EQ(lcd.picture()[i], static_cast<std::uint8_t>(~frame[i])) << i;
  };
  frame[0] = 0x80;  // ink in the upper left corner
  ASSERT_TRUE(driver.show(frame).ok());
  expect_shown();
  frame[127 * 16 + 15] = 0x01;
  frame[64 * 16 + 3] = 0x5A;
  ASSERT_TRUE(driver.show(frame).ok());
  expect_shown();
  EXPECT_EQ(lcd.frames().size(), 2u);
  for (int i = 0; i < 30; ++i) {
    driver.maintain();
    touchstone::test::advance_us(200000);
  }
  EXPECT_EQ(lcd.vcom_violations(), 0u);
  EXPECT_EQ(lcd.protocol_errors(), 0u);
  expect_shown();
}

TEST_F(DriverTest, FlashAndRandomNumbers) {
  firmware::Nvm driver(hal);
  std::vector<std::uint8_t> data(6000), back(6000);
  std::iota(data.begin(), data.end(), std::uint8_t{0});
  const std::uint32_t offset = c::kFlashRecordOffset + 2048;  // over a page border
  for (std::uint32_t page : {0u, 4096u}) ASSERT_TRUE(driver.erase_page(c::kFlashRecordOffset + page).ok());
  ASSERT_TRUE(driver.program(offset, data).ok());
  driver.read(offset, back);
  EXPECT_EQ(back, data);
  hal.write32(c::nvm::kBase + c::nvm::kLock, 1);  // as the boot ROM does
  EXPECT_FALSE(driver.erase_page(0).ok()) << "the program";

  firmware::Trng generator(hal);
  ByteArray<32> a{}, b{};
  ASSERT_TRUE(generator.fill(a).ok());
  ASSERT_TRUE(generator.fill(b).ok());
  EXPECT_NE(a, b);
  board.trng.stick_at(0x5A5A5A5A);
  EXPECT_TRUE(!generator.fill(a).ok());
  EXPECT_EQ(a, (ByteArray<32>{}));
}

TEST_F(DriverTest, RandomNumbersRightAfterPowerUp) {
  firmware::Trng generator(hal);
  ByteArray<32> a{};
  EXPECT_TRUE(generator.fill(a).ok());
}

}  // namespace
}  // namespace touchstone::models
