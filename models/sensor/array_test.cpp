// Placement, rotation, contrast and noise of what the array sees.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/check.h"
#include "sensor/fingerprint_sensor.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

struct NoIrq : IrqSink {
  void set_line(contract::Irq, bool) override {}
} no_irq;

GreyImage captured(const prints::SensorUnit& config, const FingerContact& contact, std::uint8_t shift = 0x10, std::uint8_t gain = 0x02,
                   const TouchCondition& condition = kCleanTouch) {
  // SystemC wants its modules before the simulation starts: one sensor serves a whole test.
  static FingerprintSensor sensor("sensor", config, no_irq, contract::Irq::kSensorIrq, SeedTree(1), nullptr, nullptr);
  TS_CHECK(sensor.unit().width_px == config.width_px && sensor.unit().height_px == config.height_px, "one geometry a test");
  sensor.set_condition(condition);
  sensor.power_on();
  touchstone::test::advance_us(1000 * 2);
  sensor.place(contact);
  const auto transact = [&](std::vector<std::uint8_t> tx, std::size_t more = 0) {
    tx.resize(tx.size() + more);
    sensor.select();
    for (std::uint8_t& b : tx) b = sensor.transfer(b);
    sensor.deselect();
    return tx;
  };
  transact({fpc::kAdcShiftGain, shift, gain});
  transact({fpc::kCaptureImage});
  touchstone::test::advance_us(1000 * 200);
  const std::vector<std::uint8_t> rx = transact({fpc::kReadImage}, 1 + static_cast<std::size_t>(config.width_px * config.height_px));
  GreyImage out(config.width_px, config.height_px);
  std::copy(rx.begin() + 2, rx.end(), out.pixels.begin());
  sensor.lift();
  sensor.power_off();
  return out;
}

GreyImage gradient(int width, int height) {
  GreyImage image(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.at(x, y) = static_cast<std::uint8_t>((3 * x + 5 * y) % 256);
  return image;
}

TEST(ArrayTest, WholePixelShiftsAndLargerImagesAreExact) {
  const prints::SensorUnit config{};
  const GreyImage image = gradient(300, 256);
  // The array's corner is at ((300 - 192) / 2, (256 - 192) / 2) = (54, 32) of the picture.
  EXPECT_EQ(captured(config, {.name = "", .image = image}), crop(image, 54, 32, 192, 192));
  EXPECT_EQ(captured(config, {.name = "", .image = image, .dx_px = 7, .dy_px = -9}), crop(image, 47, 41, 192, 192));
}

TEST(ArrayTest, ArraysLargerThanTheWindowRegisterAreReadWhole) {
  const prints::SensorUnit config{.width_px = 300, .height_px = 300};
  const GreyImage image = gradient(300, 300);
  EXPECT_EQ(captured(config, {.name = "", .image = image}), image);
}

TEST(ArrayTest, AnySizeWorks) {
  const prints::SensorUnit config{.width_px = 161, .height_px = 158};
  const GreyImage image = gradient(161, 158);
  EXPECT_EQ(captured(config, {.name = "", .image = image}), image);
}

TEST(ArrayTest, QuarterTurnsAreExactAndTurnClockwise) {
  const prints::SensorUnit config{};
  const GreyImage image = gradient(192, 192);
  const GreyImage turned = captured(config, {.name = "", .image = image, .rotation_deg = 90});
  const GreyImage back = captured(config, {.name = "", .image = image, .rotation_deg = -270});
  int off = 0;
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 192; ++x) off += turned.at(x, y) != image.at(y, 191 - x) ? 1 : 0;
  EXPECT_EQ(off, 0);
  EXPECT_EQ(turned, back);
}

TEST(ArrayTest, ASmallRotationFollowsTheMathematics) {
  const prints::SensorUnit config{};
  // Smooth: bilinear sampling of it is nearly exact.
  const auto f = [](double x, double y) { return 128 + 60 * std::sin(x / 11) + 50 * std::sin(y / 13); };
  GreyImage image(400, 400);
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x) image.at(x, y) = static_cast<std::uint8_t>(std::lround(f(x, y)));
  const GreyImage seen = captured(config, {.name = "", .image = image, .dx_px = 3.25, .dy_px = -1.5, .rotation_deg = 12.5});
  const double a = 12.5 * 3.14159265358979 / 180;
  double worst = 0;
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 192; ++x) {
      const double u = x - 95.5 - 3.25, v = y - 95.5 + 1.5;
      const double expected = f(u * std::cos(a) + v * std::sin(a) + 199.5, v * std::cos(a) - u * std::sin(a) + 199.5);
      worst = std::max(worst, std::fabs(seen.at(x, y) - expected));
    }
  EXPECT_LT(worst, 1.6);
}

TEST(ArrayTest, TheConverterChangesTheContrast) {
  const prints::SensorUnit config{};
  const FingerContact contact{.name = "", .image = GreyImage(192, 192, 155)};  // 100 below white
  EXPECT_EQ(captured(config, contact, 0x10, 0x06).at(5, 5), 105);  // gain 1 + 4/8
  EXPECT_EQ(captured(config, contact, 0x14, 0x02).at(5, 5), 139);  // four steps of shift
}

TEST(ArrayTest, TheElectronicsAreThoseOfTheGeneratorsSensors) {
  const prints::SensorUnit unit = prints::SensorUnit::draw(prints::SensorKind::kCard, SeedTree(7));
  const GreyImage image = gradient(300, 256);
  const TouchCondition never_wiped{.residue = 0.1};
  Random frames = SeedTree(1).stream("frames");
  const prints::Placement centred{149.5, 127.5, 0, 508};
  EXPECT_EQ(captured(unit, {.name = "", .image = image}, 0x10, 0x02, never_wiped), prints::capture(unit, image, centred, {}, {frames.next_u64()}))
      << "same picture, same part, same frame";
  const GreyImage next = captured(unit, {.name = "", .image = GreyImage(192, 192, 200), .residue = 0.4}, 0x10, 0x02, never_wiped);
  const GreyImage left = prints::lay(unit, image, centred, {});
  GreyImage expected = prints::lay(unit, GreyImage(192, 192, 200), {95.5, 95.5, 0, 508}, {});
  prints::read_out(unit, {frames.next_u64(), 0.4, &left}, expected);
  EXPECT_EQ(next, expected) << "under the next finger a share of the one before stays";
}

GreyImage stripes() {
  GreyImage image(192, 192);
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 192; ++x) image.at(x, y) = x / 5 % 2 == 0 ? 40 : 220;
  return image;
}

/// Mean difference between light and dark stripes, in grey levels, over the whole array.
double depth(const GreyImage& image) {
  double light = 0, dark = 0;
  for (int y = 0; y < 192; ++y)
    for (int x = 0; x < 190; ++x) (x / 5 % 2 == 0 ? dark : light) += image.at(x, y);
  return (light - dark) / (192 * 95);
}

TEST(ArrayTest, WetDirtyAndColdTouchesLoseContrastAsSaid) {
  const prints::SensorUnit config{};
  const FingerContact contact{.name = "finger", .image = stripes()};
  const auto with = [&](const TouchCondition& condition) { return captured(config, contact, 0x10, 0x02, condition); };
  EXPECT_DOUBLE_EQ(depth(with(kCleanTouch)), 180);
  EXPECT_NEAR(depth(with(kWetFinger)), 18, 1.5);                            // a tenth of the valleys' depth is left
  EXPECT_NEAR(depth(with({.surface = {.dirt = 0.5}})), 180 * (1 - 0.5 * 0.75), 12);      // half the cells lose three quarters
  EXPECT_NEAR(depth(with(kColdFinger)), 90 * (1 - 0.25 * 0.75), 5);
  EXPECT_EQ(with({.surface = {.dirt = 0.5}}), with({.surface = {.dirt = 0.5}})) << "dirt stays where it is";
  EXPECT_EQ(with(kCleanTouch), stripes()) << "and can be wiped off";
}

TEST(ArrayTest, GreaseShowsTheLastPrintUnderTheNext) {
  const prints::SensorUnit config{};
  const TouchCondition greasy{.residue = 0.4};
  captured(config, {.name = "first", .image = stripes()}, 0x10, 0x02, greasy);
  const GreyImage next = captured(config, {.name = "second", .image = GreyImage(192, 192, 255)}, 0x10, 0x02, greasy);
  EXPECT_EQ(next.at(2, 50), 169);  // 255 - 0.4 * 215
  EXPECT_EQ(next.at(7, 50), 241);  // 255 - 0.4 * 35
}

}  // namespace
}  // namespace touchstone::models
