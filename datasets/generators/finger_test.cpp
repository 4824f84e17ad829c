#include "fingers/finger.h"

#include <gtest/gtest.h>

#include <cmath>

namespace touchstone::fingers {
namespace {

std::uint64_t fnv1a(const GreyImage& image) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::uint8_t p : image.pixels) hash = (hash ^ p) * 0x100000001b3ULL;
  return hash;
}

TEST(Finger, PixelsAreAFunctionOfTheSeeds) {
  const Finger a = Finger::make(SeedTree(7).child(1));
  const Finger b = Finger::make(SeedTree(7).child(1));
  EXPECT_EQ(a.master(), b.master());
  EXPECT_NE(a.master(), Finger::make(SeedTree(7).child(2)).master());
  const Conditions c = Conditions::draw(SeedTree(8));
  EXPECT_EQ(impression(a, c, 192, 192), impression(b, c, 192, 192));
  EXPECT_NE(impression(a, c, 192, 192), impression(a, Conditions::draw(SeedTree(9)), 192, 192));
  // The very pixels, on every machine and compiler.
  EXPECT_EQ(fnv1a(a.master()), 16540457857218775480ULL);
  EXPECT_EQ(fnv1a(impression(a, c, 192, 192)), 18068947435509539610ULL);
}

TEST(Finger, EveryClassGrowsRidgesOfAboutNinePixels) {
  for (const PatternClass pattern :
       {PatternClass::kArch, PatternClass::kTentedArch, PatternClass::kLeftLoop, PatternClass::kRightLoop, PatternClass::kWhorl}) {
    const Finger finger = Finger::make(SeedTree(31), pattern);
    EXPECT_EQ(finger.pattern(), pattern);
    // Above the core ridges lie across: count ridge borders down the middle column there.
    int borders = 0;
    int dark = 0;
    for (int y = 21; y < 160; ++y) {
      const bool now = finger.master().at(Finger::kSize_px / 2, y) < 128;
      const bool before = finger.master().at(Finger::kSize_px / 2, y - 1) < 128;
      borders += now != before ? 1 : 0;
      dark += now ? 1 : 0;
    }
    EXPECT_GE(borders, 20) << to_string(pattern);
    EXPECT_LE(borders, 42) << to_string(pattern);
    EXPECT_GE(dark, 40);
    EXPECT_LE(dark, 100);
  }
}

TEST(Impression, MorePressureIsDarker) {
  const Finger finger = Finger::make(SeedTree(3));
  const auto mean = [&](double pressure) {
    Conditions c;
    c.pressure = pressure;
    double sum = 0;
    const GreyImage image = impression(finger, c, 192, 192);
    for (const std::uint8_t p : image.pixels) sum += p;
    return sum / static_cast<double>(image.pixels.size());
  };
  EXPECT_GT(mean(0.1), mean(0.5) + 5);
  EXPECT_GT(mean(0.5), mean(0.9) + 5);
}

TEST(Impression, PlacementMovesThePrint) {
  const Finger finger = Finger::make(SeedTree(4));
  Conditions far;
  far.dx_px = 500;
  const GreyImage missed = impression(finger, far, 192, 192);
  for (const std::uint8_t p : missed.pixels) ASSERT_GT(p, 230);
  Conditions still;
  still.noise = 0;
  Conditions moved = still;
  moved.dx_px = 8;
  const GreyImage a = impression(finger, still, 192, 192);
  const GreyImage b = impression(finger, moved, 192, 192);
  int same = 0;
  for (int y = 60; y < 130; ++y) {
    for (int x = 60; x < 130; ++x) same += std::abs(a.at(x, y) - b.at(x + 8, y)) < 30 ? 1 : 0;
  }
  EXPECT_GT(same, 70 * 70 * 95 / 100);
}

}  // namespace
}  // namespace touchstone::fingers
