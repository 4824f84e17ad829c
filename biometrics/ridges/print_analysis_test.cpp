#include "ridges/print_analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "image/grey_image.h"
#include "prints/impression.h"
#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr double kPi = std::numbers::pi;

struct Analysed {
  std::vector<std::uint64_t> work;
  Result<PrintAnalysis> result;
  explicit Analysed(const GreyImage& image)
      : work(PrintAnalysis::work_bytes(image.width_px, image.height_px) / 8 + 1),
        result(PrintAnalysis::analyse({image.pixels, static_cast<std::uint16_t>(image.width_px), static_cast<std::uint16_t>(image.height_px)},
                                      MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8))) {}
};

GreyImage draw(int width, int height, const std::function<double(double, double)>& phase) {
  GreyImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.at(x, y) = static_cast<std::uint8_t>(std::lround(128 - 100 * std::cos(phase(x, y))));
  }
  return image;
}

// Ridges of direction `turn` with one ridge that begins at (x0, y0) and goes on in that direction: the amplitude- and
// frequency-modulation model with a single spiral.
GreyImage draw_fork(double x0, double y0, double turn, double period_px) {
  return draw(192, 192, [=](double x, double y) {
    const double along = (x - x0) * std::cos(turn) + (y - y0) * std::sin(turn);
    const double across = -(x - x0) * std::sin(turn) + (y - y0) * std::cos(turn);
    return 2 * kPi * across / period_px + std::atan2(across, along);
  });
}

double turn_between(std::uint8_t direction, double angle) { return std::abs(std::remainder(direction * 2 * kPi / 256 - angle, 2 * kPi)); }

TEST(Angle, AgreesWithTheLibrary) {
  for (int y = -300; y <= 300; y += 7) {
    for (int x = -300; x <= 300; x += 7) {
      if (x == 0 && y == 0) continue;
      EXPECT_LT(turn_between(angle_of(y, x), std::atan2(y, x)), 1.5 * 2 * kPi / 256) << x << " " << y;
    }
  }
  EXPECT_EQ(angle_of(0, 0), 0);
  for (int i = 0; i < 256; ++i) {
    EXPECT_NEAR(cosine_q14(static_cast<std::uint8_t>(i)), 16384 * std::cos(2 * kPi * i / 256), 0.51);
    EXPECT_NEAR(sine_q7(static_cast<std::uint8_t>(i)), 127 * std::sin(2 * kPi * i / 256), 0.51);
  }
  for (const std::uint32_t v : {0U, 1U, 2U, 3U, 4U, 99U, 100U, 65535U, 65536U, 4294836224U, 4294836225U, 4294967295U}) {
    const std::uint64_t root = square_root(v);
    EXPECT_LE(root * root, v);
    EXPECT_GT((root + 1) * (root + 1), v);
  }
}

TEST(PrintAnalysis, ParallelRidgesHaveNoMinutiae) {
  for (const double turn : {0.0, 0.4, 1.2, 2.5}) {
    for (const double period : {7.0, 9.0, 11.0}) {
      Analysed a(draw(192, 192, [=](double x, double y) { return 2 * kPi * (-x * std::sin(turn) + y * std::cos(turn)) / period; }));
      ASSERT_TRUE(a.result.ok());
      EXPECT_TRUE(a.result->minutiae().empty()) << turn << " " << period;
      EXPECT_GT(a.result->quality().ridge_percent, 80);
    }
  }
}

TEST(PrintAnalysis, FindsTheOnlyForkWhereverItPoints) {
  for (int step = 0; step < 24; ++step) {
    const double turn = 2 * kPi * step / 24 + 0.05;
    const double x0 = 90 + 7 * std::cos(step);
    const double y0 = 100 + 9 * std::sin(2 * step);
    Analysed a(draw_fork(x0, y0, turn, 9));
    ASSERT_TRUE(a.result.ok());
    ASSERT_EQ(a.result->minutiae().size(), 1U) << step;
    const Minutia& m = a.result->minutiae()[0];
    // Across the ridges to a ninth of their period; along them the filter blurs where the new one begins.
    const double dx = m.x_q2 / 4.0 - x0;
    const double dy = m.y_q2 / 4.0 - y0;
    EXPECT_LT(std::abs(-dx * std::sin(turn) + dy * std::cos(turn)), 1.2) << step;
    EXPECT_LT(std::abs(dx * std::cos(turn) + dy * std::sin(turn)), 4) << step;
    EXPECT_LT(turn_between(m.direction, turn), 0.3) << step;
  }
}

TEST(PrintAnalysis, TheOtherWayIsAnotherDirection) {
  // One ridge less in that direction is one more in the opposite one.
  Analysed a(draw(192, 192, [](double x, double y) { return 2 * kPi * (y - 96) / 9 - std::atan2(y - 96, x - 96); }));
  ASSERT_TRUE(a.result.ok());
  ASSERT_EQ(a.result->minutiae().size(), 1U);
  EXPECT_LT(turn_between(a.result->minutiae()[0].direction, kPi), 0.3);
}

TEST(PrintAnalysis, ANeighbourhoodTurnsWithItsMinutia) {
  Analysed upright(draw_fork(96, 96, 0.3, 9));
  ASSERT_TRUE(upright.result.ok());
  ASSERT_EQ(upright.result->minutiae().size(), 1U);
  Patch reference;
  upright.result->sample(upright.result->minutiae()[0], reference);
  for (const double turn : {1.1, 2.6, 4.4}) {
    Analysed turned(draw_fork(96, 96, turn, 9));
    ASSERT_EQ(turned.result->minutiae().size(), 1U);
    Patch patch;
    turned.result->sample(turned.result->minutiae()[0], patch);
    // Near the minutia; further out a few degrees, which the fork itself leaves open, are a whole phase.
    double product = 0;
    double energy = 0;
    for (int y = 10; y < 22; ++y) {
      for (int x = 10; x < 22; ++x) {
        const auto i = static_cast<std::size_t>(y * kPatchSide + x);
        product += reference[i] * patch[i];
        energy += reference[i] * reference[i];
      }
    }
    EXPECT_GT(product / energy, 0.35) << turn;
  }
}

TEST(PrintAnalysis, ADotOrAGapIsNoMinutia) {
  GreyImage image = draw(192, 192, [](double, double y) { return 2 * kPi * y / 9; });
  for (int y = 88; y < 92; ++y) {
    for (int x = 60; x < 64; ++x) image.at(x, y) = 20;
    for (int x = 120; x < 124; ++x) image.at(x, y) = 235;
  }
  Analysed a(image);
  ASSERT_TRUE(a.result.ok());
  EXPECT_TRUE(a.result->minutiae().empty());
}

TEST(PrintAnalysis, RefusesWhatIsNoPrint) {
  EXPECT_EQ(Analysed(GreyImage(192, 192, 255)).result.error().code, ErrorCode::kPoorQuality);
  EXPECT_EQ(Analysed(GreyImage(192, 192, 0)).result.error().code, ErrorCode::kPoorQuality);
  EXPECT_EQ(Analysed(GreyImage(40, 192)).result.error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(Analysed(GreyImage(192, 2000)).result.error().code, ErrorCode::kOutOfRange);
  GreyImage noise(192, 192);
  Random random = SeedTree(1).stream("noise");
  for (std::uint8_t& p : noise.pixels) p = static_cast<std::uint8_t>(random.below(256));
  EXPECT_EQ(Analysed(noise).result.error().code, ErrorCode::kPoorQuality);
  const std::vector<std::uint8_t> few(100);
  std::vector<std::uint64_t> work(PrintAnalysis::work_bytes(192, 192) / 8);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  EXPECT_EQ(PrintAnalysis::analyse({few, 192, 192}, area).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(PrintAnalysis::analyse({noise.pixels, 192, 192}, area.first(1000)).error().code, ErrorCode::kTooLarge);
}

// Against the generator's truth: most real minutiae are found where they are, most found ones are real.
TEST(PrintAnalysis, FindsWhatTheFingerHas) {
  int real = 0;
  int found = 0;
  int hits = 0;
  int directed = 0;
  std::uint64_t digest = 0xcbf29ce484222325ULL;
  for (std::uint64_t f = 0; f < 12; ++f) {
    const prints::Finger finger = prints::Finger::make(SeedTree(5).child(f));
    const auto unit = prints::SensorUnit::nominal(prints::SensorKind::kOptical);
    const prints::Impression touch = prints::impress(finger, prints::Conditions{}, unit);
    Analysed a(touch.image);
    ASSERT_TRUE(a.result.ok());
    for (const Minutia& m : a.result->minutiae()) {
      digest = (digest ^ static_cast<std::uint64_t>(m.x_q2 * 65536 + m.y_q2 * 256 + m.direction)) * 0x100000001b3ULL;
    }
    const auto inner = [&](double x, double y) {
      for (const double turn : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}) {
        if (touch.contact.at_or(static_cast<int>(x + 24 * std::cos(turn)), static_cast<int>(y + 24 * std::sin(turn)), 0) == 0) return false;
      }
      return true;
    };
    for (const prints::Minutia& truth : touch.minutiae) {
      if (!inner(truth.x, truth.y)) continue;
      ++real;
      for (const Minutia& m : a.result->minutiae()) {
        if (std::hypot(m.x_q2 / 4.0 - truth.x, m.y_q2 / 4.0 - truth.y) > 12) continue;
        ++hits;
        directed += turn_between(m.direction, truth.direction) < 0.6 ? 1 : 0;
        break;
      }
    }
    for (const Minutia& m : a.result->minutiae()) found += inner(m.x_q2 / 4.0, m.y_q2 / 4.0) ? 1 : 0;
  }
  EXPECT_GT(hits, real * 90 / 100) << real << " real, " << found << " found";
  EXPECT_LT(found, real * 110 / 100) << real << " real, " << hits << " hits";
  EXPECT_GT(directed, hits * 90 / 100) << hits;
  // The very minutiae, on every machine and compiler.
  EXPECT_EQ(digest, 10713199189724181233U);
}

}  // namespace
}  // namespace touchstone::biometrics
