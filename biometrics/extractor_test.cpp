#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "biometrics/descriptor.h"
#include "biometrics/test_prints.h"
#include "biometrics/whitening.h"

namespace touchstone::biometrics {
namespace {

using fingers::Conditions;
using fingers::PatternClass;

const fingers::Finger& loop() {
  static const fingers::Finger finger = fingers::Finger::make(SeedTree(11), PatternClass::kRightLoop);
  return finger;
}

double cosine(const Feature::Vector& a, const Feature::Vector& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double r = kWhitening.reliability[i];
    ab += a[i] * b[i] * r;
    aa += a[i] * a[i] * r;
    bb += b[i] * b[i] * r;
  }
  return ab / std::sqrt(aa * bb + 1e-9);
}

double best_cosine(const Feature& enrolled, const Feature& probe) {
  double best = -1;
  for (int p = 0; p < probe.pose_count; ++p) {
    best = std::max(best, cosine(enrolled.poses[0], probe.poses[static_cast<std::size_t>(p)]));
  }
  return best;
}

TEST(Extractor, SameImageSameVector) {
  const GreyImage image = impression(loop(), {}, 300, 300);
  Feature a;
  Feature b;
  ASSERT_TRUE(test::extract(image, a).ok());
  ASSERT_TRUE(test::extract(image, b).ok());
  EXPECT_EQ(a.pose_count, kMaxPoses);
  EXPECT_EQ(a.poses, b.poses);
}

TEST(Extractor, ToleratesPlacementAndRotation) {
  Feature straight;
  ASSERT_TRUE(test::extract(impression(loop(), {}, 300, 300), straight).ok());
  for (const auto& [dx, dy, turn] : {std::tuple{15.0, -10.0, 0.0}, {-20.0, 5.0, 8.0}, {6.0, 18.0, -8.0}}) {
    Conditions c;
    c.dx_px = dx;
    c.dy_px = dy;
    c.rotation_deg = turn;
    c.touch_seed = 5;
    Feature moved;
    ASSERT_TRUE(test::extract(impression(loop(), c, 300, 300), moved).ok());
    EXPECT_GT(best_cosine(straight, moved), 0.75) << dx << " " << dy << " " << turn;
  }
}

TEST(Extractor, TellsFingersApart) {
  Feature mine;
  ASSERT_TRUE(test::extract(impression(loop(), {}, 300, 300), mine).ok());
  double sum = 0;
  for (std::uint64_t f = 0; f < 6; ++f) {
    Feature other;
    ASSERT_TRUE(test::extract(impression(fingers::Finger::make(SeedTree(100 + f)), {}, 300, 300), other).ok());
    sum += best_cosine(mine, other);
  }
  EXPECT_LT(sum / 6, 0.45);
}

TEST(Extractor, RefusesWhatIsNoPrint) {
  Feature out;
  const auto code = [&](const GreyImage& image) { return test::extract(image, out).error().code; };
  EXPECT_EQ(code(GreyImage(192, 192, 255)), ErrorCode::kPoorQuality);
  EXPECT_EQ(code(GreyImage(192, 192, 40)), ErrorCode::kPoorQuality);
  GreyImage noise(300, 300);
  Random random(1);
  random.fill(noise.pixels);
  EXPECT_EQ(code(noise), ErrorCode::kPoorQuality);
  Conditions edge;  // the finger all but misses the sensor
  edge.dx_px = 230;
  EXPECT_EQ(code(impression(loop(), edge, 192, 192)), ErrorCode::kPoorQuality);
}

TEST(Extractor, RefusesSizesItDoesNotKnow) {
  Feature out;
  EXPECT_EQ(test::extract(GreyImage(152, 192), out).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(test::extract(GreyImage(300, 328), out).error().code, ErrorCode::kOutOfRange);
  const GreyImage image = impression(loop(), {}, 192, 192);
  alignas(8) std::array<std::uint8_t, 64> little{};
  EXPECT_EQ(Extractor().extract({image.pixels, 192, 192}, little, out).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(Extractor().extract({Bytes(image.pixels).first(100), 192, 192}, little, out).error().code, ErrorCode::kOutOfRange);
}

TEST(Extractor, LeavesNothingInTheWorkArea) {
  const GreyImage image = impression(loop(), {}, 192, 192);
  std::vector<std::uint64_t> work(Extractor::work_bytes(192, 192) / 8);
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  Feature out;
  ASSERT_TRUE(Extractor().extract({image.pixels, 192, 192}, bytes, out).ok());
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; }));
}

TEST(Extractor, FitsTheCardsMemory) {
  EXPECT_LE(Extractor::work_bytes(kMaxSide_px, kMaxSide_px), 110U * 1024);
  EXPECT_LE(90000 + Extractor::work_bytes(300, 300) + 4 * sizeof(Feature), 160U * 1024);
}

TEST(Feature, IsWipedAtItsEnd) {
  alignas(Feature) std::array<std::uint8_t, sizeof(Feature)> memory{};
  auto* feature = new (memory.data()) Feature;
  feature->poses[3][7] = 99;
  feature->pose_count = 5;
  feature->~Feature();
  const volatile std::uint8_t* left = memory.data();  // what really lies there, not what the compiler may assume
  for (std::size_t i = 0; i < 4800; ++i) ASSERT_EQ(left[i], 0) << i;
}

TEST(Descriptor, FindsTheCoreOfAGeneratedLoopAgain) {
  const auto reference_of = [](const Conditions& c) {
    const GreyImage image = impression(loop(), c, 300, 300);
    std::vector<std::uint64_t> work(orientation_map_work_bytes(300, 300) / 8 + 1);
    Quality quality;
    const OrientationMap map = make_orientation_map(
        {image.pixels, 300, 300}, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), quality);
    Pose pose;
    EXPECT_TRUE(find_reference(map, pose));
    return std::pair{pose.x_q4 / 16.0, pose.y_q4 / 16.0};
  };
  const auto [x0, y0] = reference_of({});
  Conditions moved;
  moved.dx_px = 23;
  moved.dy_px = -17;
  const auto [x1, y1] = reference_of(moved);
  EXPECT_NEAR(x1 - x0, 23, 4);
  EXPECT_NEAR(y1 - y0, -17, 4);
}

}  // namespace
}  // namespace touchstone::biometrics
