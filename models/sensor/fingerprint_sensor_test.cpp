#include "sensor/fingerprint_sensor.h"
#include "support/sc_advance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace touchstone::models {
namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using testing::ElementsAre;
using testing::ElementsAreArray;

constexpr double kPi = 3.14159265358979;

/// Ridges of period 9 px whose direction turns: every pixel differs from its neighbours' mirror image.
GreyImage ridges(int width, int height) {
  GreyImage image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.at(x, y) = static_cast<std::uint8_t>(127.5 + 120 * std::sin(2 * kPi * (x + 0.004 * x * y) / 9));
  return image;
}

struct SensorTest : testing::Test, IrqSink {
  bool irq = false;
  sc_time irq_at;
  RecordingSink events;
  FingerprintSensor sensor{"sensor", {}, *this, contract::Irq::kSensorIrq, SeedTree(1).child("sensor"), &events, nullptr};

  void set_line(contract::Irq, bool level) override {
    if (level != irq) irq_at = sc_time_stamp();
    irq = level;
  }
  std::vector<std::uint8_t> transact(std::vector<std::uint8_t> tx, std::size_t more = 0) {
    tx.resize(tx.size() + more);
    std::vector<std::uint8_t> rx;
    sensor.select();
    for (std::uint8_t b : tx) rx.push_back(sensor.transfer(b));
    sensor.deselect();
    return rx;
  }
  std::uint8_t take_interrupt() { return transact({fpc::kReadInterruptClear, 0})[1]; }
  void run_us(double us) { touchstone::test::advance_us(us); }
  void boot() {
    sensor.power_on();
    run_us(1350);
    ASSERT_EQ(take_interrupt(), fpc::kIrqReboot);
  }
  FingerContact finger(int width = 192, int height = 192) { return {.name = "right index", .image = ridges(width, height)}; }
  std::vector<std::uint8_t> capture() {
    transact({fpc::kCaptureImage});
    run_us(24040);
    EXPECT_EQ(take_interrupt(), fpc::kIrqNewData);
    std::vector<std::uint8_t> rx = transact({fpc::kReadImage}, 1 + 192 * 192);
    rx.erase(rx.begin(), rx.begin() + 2);
    return rx;
  }
};

TEST_F(SensorTest, BootsWithARebootInterruptAndTellsItsHardware) {
  EXPECT_THAT(transact({fpc::kHardwareId, 0, 0}), ElementsAre(0, 0, 0)) << "not powered";
  sensor.power_on();
  run_us(1349);
  EXPECT_FALSE(irq);
  EXPECT_THAT(transact({fpc::kHardwareId, 0, 0}), ElementsAre(0, 0, 0)) << "not up yet";
  run_us(1);
  EXPECT_TRUE(irq);
  EXPECT_THAT(transact({fpc::kHardwareId, 0, 0}), ElementsAre(0, 0x02, 0x0A));
  EXPECT_THAT(transact({fpc::kReadInterrupt, 0}), ElementsAre(0, 0xFF));
  EXPECT_TRUE(irq) << "reading alone does not clear";
  EXPECT_EQ(take_interrupt(), 0xFF);
  EXPECT_FALSE(irq);
  EXPECT_EQ(take_interrupt(), 0);
  // Status: one dummy byte; idle, image buffer empty, no interrupt.
  EXPECT_THAT(transact({fpc::kStatus, 0, 0}), ElementsAre(0, 0, fpc::kStatusIdle | fpc::kStatusFifoEmpty));
}

TEST_F(SensorTest, ResetPinAndSoftResetForgetEverything) {
  boot();
  transact({fpc::kDetectThreshold, 0x22});
  EXPECT_THAT(transact({fpc::kDetectThreshold, 0x22}), ElementsAre(0, 0x22));
  sensor.set_reset_n(false);
  run_us(5000);
  EXPECT_FALSE(irq);
  sensor.set_reset_n(true);
  run_us(1350);
  EXPECT_EQ(take_interrupt(), 0xFF);
  EXPECT_THAT(transact({fpc::kDetectThreshold, 0x22}), ElementsAre(0, 0x50));
  transact({fpc::kSoftReset});
  run_us(1350);
  EXPECT_EQ(take_interrupt(), 0xFF);
  EXPECT_THAT(transact({fpc::kDetectThreshold, 0x22}), ElementsAre(0, 0x50));
}

TEST_F(SensorTest, SetupRegistersSwapOldForNewOnTheWire) {
  boot();
  EXPECT_THAT(transact({fpc::kCaptureSize, 1, 2, 3, 4}), ElementsAre(0, 0, 192, 0, 192));
  EXPECT_THAT(transact({fpc::kCaptureSize, 9, 9}), ElementsAre(0, 1, 2)) << "incomplete: not taken";
  EXPECT_THAT(transact({fpc::kCaptureSize, 0, 0, 0, 0}), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(SensorTest, ReadOutEqualsTheImageOnTheGlass) {
  boot();
  sensor.place(finger());
  const std::vector<std::uint8_t> pixels = capture();
  EXPECT_EQ(pixels, finger().image.pixels);
  ASSERT_EQ(events.records().size(), 3u);
  EXPECT_EQ(events.records()[0].name, "sensor.finger_down");
  EXPECT_EQ(events.records()[0].text("finger"), "right index");
  EXPECT_EQ(events.records()[1].name, "sensor.capture");
  EXPECT_EQ(events.records()[1].number("width_px"), 192);
  EXPECT_EQ(events.records()[1].number("contact_percent"), 100);
  EXPECT_EQ(events.records()[2].name, "sensor.read");
  EXPECT_EQ(events.records()[2].number("bytes"), 192 * 192);
  // All is read: one byte more is an underflow.
  EXPECT_EQ(transact({fpc::kReadImage, 0, 0})[2], 0);
  EXPECT_EQ(take_interrupt(), fpc::kIrqError);
  EXPECT_EQ(transact({fpc::kReadErrorClear, 0})[1], fpc::kErrorFifoUnderflow);
  EXPECT_EQ(transact({fpc::kReadErrorClear, 0})[1], 0);
}

TEST_F(SensorTest, AnImageMayBeReadInPieces) {
  boot();
  sensor.place(finger());
  transact({fpc::kCaptureImage});
  run_us(24040);
  EXPECT_EQ(transact({fpc::kStatus, 0, 0})[2] & fpc::kStatusFifoFull, fpc::kStatusFifoFull);
  const GreyImage image = finger().image;
  EXPECT_THAT(transact({fpc::kReadImage, 0, 0, 0}), ElementsAre(0, 0, image.at(0, 0), image.at(1, 0)));
  EXPECT_THAT(transact({fpc::kReadImage, 0, 0, 0}), ElementsAre(0, 0, image.at(2, 0), image.at(3, 0)));
}

TEST_F(SensorTest, CaptureTakesTimeInProportionToItsWindow) {
  boot();
  sensor.place(finger());
  transact({fpc::kCaptureSize, 10, 20, 16, 64});
  transact({fpc::kCaptureImage});
  const sc_time start = sc_time_stamp();
  // 1 ms, then 20 rows of 8 groups of 5 us.
  run_us(1799);
  EXPECT_FALSE(irq);
  run_us(1);
  EXPECT_EQ(irq_at, start + sc_time(1800, sc_core::SC_US));
  EXPECT_EQ(FingerprintSensor::capture_time(20, 64), sc_time(1800, sc_core::SC_US));
  take_interrupt();
  std::vector<std::uint8_t> rx = transact({fpc::kReadImage}, 1 + 20 * 64);
  rx.erase(rx.begin(), rx.begin() + 2);
  const GreyImage expected = crop(finger().image, 16, 10, 64, 20);
  EXPECT_THAT(rx, ElementsAreArray(expected.pixels));
}

TEST_F(SensorTest, WithoutAFingerTheImageIsBlank) {
  boot();
  const std::vector<std::uint8_t> pixels = capture();
  EXPECT_EQ(pixels, std::vector<std::uint8_t>(192 * 192, FingerprintSensor::kBackground));
  EXPECT_EQ(events.named("sensor.capture")[0].number("contact_percent"), 0);
}

TEST_F(SensorTest, AFingerLiftedMidwayLeavesTheLaterRowsBlank) {
  boot();
  sensor.place(finger());
  transact({fpc::kCaptureImage});
  run_us(1000 + 100 * 120 + 60);  // set-up, 100 rows and a half
  sensor.lift();
  run_us(24040 - 13060);
  EXPECT_EQ(take_interrupt(), fpc::kIrqNewData);
  std::vector<std::uint8_t> rx = transact({fpc::kReadImage}, 1 + 192 * 192);
  const GreyImage image = finger().image;
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 192; ++x) {
      const std::uint8_t expected = y < 100 ? image.at(x, y) : FingerprintSensor::kBackground;
      ASSERT_EQ(rx[static_cast<std::size_t>(2 + y * 192 + x)], expected) << "row " << y;
    }
  EXPECT_EQ(events.named("sensor.capture")[0].number("contact_percent"), 52);
}

TEST_F(SensorTest, WaitForFingerRaisesAtTheNextLookAfterTheTouch) {
  boot();
  transact({fpc::kWaitForFinger});
  const sc_time start = sc_time_stamp();
  run_us(33'000);
  EXPECT_FALSE(irq);
  sensor.place(finger());
  run_us(100'000);
  EXPECT_EQ(irq_at, start + sc_time(40, sc_core::SC_MS));
  EXPECT_EQ(take_interrupt(), fpc::kIrqFingerDown | fpc::kIrqCommandDone);
  run_us(100'000);
  EXPECT_FALSE(irq) << "once for one command";
  // A finger that lies there already is seen too.
  transact({fpc::kWaitForFinger});
  run_us(10'000);
  EXPECT_EQ(take_interrupt(), fpc::kIrqFingerDown | fpc::kIrqCommandDone);
}

TEST_F(SensorTest, SleepWakesByAFingerAndDeepSleepDoesNot) {
  boot();
  transact({fpc::kSleep});
  EXPECT_EQ(transact({fpc::kStatus, 0, 0})[2] & fpc::kStatusIdle, 0);
  sensor.place(finger());
  run_us(50'000);
  EXPECT_EQ(take_interrupt(), fpc::kIrqFingerDown);
  transact({fpc::kDeepSleep});
  sensor.lift();
  sensor.place(finger());
  run_us(1'000'000);
  EXPECT_FALSE(irq);
  transact({fpc::kCaptureImage});
  run_us(1'000'000);
  EXPECT_FALSE(irq) << "asleep: not heard";
  transact({fpc::kIdle});
  EXPECT_EQ(take_interrupt(), fpc::kIrqCommandDone);
  EXPECT_EQ(capture(), finger().image.pixels);
}

TEST_F(SensorTest, PresentQueryTellsTheZones) {
  boot();
  const auto query = [&] {
    transact({fpc::kFingerPresentQuery});
    run_us(999);
    EXPECT_FALSE(irq);
    run_us(1);
    const std::uint8_t interrupt = take_interrupt();
    const std::vector<std::uint8_t> rx = transact({fpc::kFingerPresentStatus, 0, 0});
    const int zones = rx[1] << 8 | rx[2];
    EXPECT_EQ(interrupt, zones != 0 ? 0x81 : 0x80);
    return zones;
  };
  EXPECT_EQ(query(), 0);
  sensor.place(finger());
  EXPECT_EQ(query(), 0xFFF);
  FingerContact half = finger();
  half.dx_px = -96;  // the right half is bare: columns 2 and 3 of 4
  sensor.place(half);
  EXPECT_EQ(query(), 0x333);
  FingerContact low = finger();
  low.dy_px = 128;  // only the lowest row of zones
  sensor.place(low);
  EXPECT_EQ(query(), 0xF00);
  sensor.lift();
  EXPECT_EQ(query(), 0);
}

TEST_F(SensorTest, PowerOffForgetsImageAndLowersTheInterrupt) {
  boot();
  sensor.place(finger());
  transact({fpc::kCaptureImage});
  run_us(24040);
  EXPECT_TRUE(irq);
  sensor.power_off();
  EXPECT_FALSE(irq);
  sensor.power_on();
  run_us(1350);
  EXPECT_EQ(take_interrupt(), 0xFF);
  EXPECT_EQ(transact({fpc::kReadImage, 0, 0})[2], 0);
  EXPECT_EQ(take_interrupt(), fpc::kIrqError);
}

TEST_F(SensorTest, CommandsDuringACaptureAreNotHeardExceptIdleAndReset) {
  boot();
  sensor.place(finger());
  transact({fpc::kCaptureImage});
  run_us(5000);
  transact({fpc::kFingerPresentQuery});
  transact({fpc::kCaptureImage});
  run_us(19040);
  EXPECT_EQ(take_interrupt(), fpc::kIrqNewData);
  transact({fpc::kCaptureImage});
  run_us(5000);
  transact({fpc::kIdle});
  EXPECT_EQ(take_interrupt(), fpc::kIrqCommandDone);
  run_us(100'000);
  EXPECT_FALSE(irq);
}

}  // namespace
}  // namespace touchstone::models
