#include "biometrics/converter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "codes/rotation.h"
#include "biometrics/test_prints.h"

namespace touchstone::biometrics {
namespace {

ByteArray<32> randomness(std::uint64_t seed) {
  ByteArray<32> out;
  Random(seed).fill(out);
  return out;
}

// Fingers whose every component is drawn from the population the whitening aims at, without an image.
void draw_touch(const std::vector<double>& finger, Random& random, double likeness, Feature& out) {
  out.pose_count = 1;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const double v = 32 * (likeness * finger[i] + std::sqrt(1 - likeness * likeness) * random.normal());
    out.poses[0][i] = static_cast<std::int8_t>(std::clamp(v, -127.0, 127.0));
  }
}
std::vector<double> draw_finger(Random& random) {
  std::vector<double> finger(kDimensions);
  for (double& v : finger) v = random.normal();
  return finger;
}

TEST(Converter, TheSameTouchOpensItsRecord) {
  Random random(1);
  const auto finger = draw_finger(random);
  std::vector<Feature> touches(4);
  for (Feature& t : touches) draw_touch(finger, random, 0.97, t);
  HelperData helper;
  Secret<32> root;
  ASSERT_TRUE(enrol(touches, randomness(2), helper, root).ok());
  Secret<32> again;
  ASSERT_TRUE(regenerate(touches[1], helper, again).ok());
  EXPECT_TRUE(equal_constant_time(root.expose(), again.expose()));
}

TEST(Converter, AStrangerDoesNotAndLeavesNoRoot) {
  Random random(3);
  std::vector<Feature> touches(4);
  const auto finger = draw_finger(random);
  for (Feature& t : touches) draw_touch(finger, random, 0.97, t);
  HelperData helper;
  Secret<32> root;
  ASSERT_TRUE(enrol(touches, randomness(4), helper, root).ok());
  for (int i = 0; i < 200; ++i) {
    Feature stranger;
    draw_touch(draw_finger(random), random, 0.97, stranger);
    Secret<32> out;
    const auto result = regenerate(stranger, helper, out);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kNoMatch);
    EXPECT_TRUE(equal_constant_time(out.expose(), ByteArray<32>{}));
  }
}

TEST(Converter, RecordsOfOneFingerDiffer) {
  Random random(5);
  const auto finger = draw_finger(random);
  std::vector<Feature> touches(2);
  for (Feature& t : touches) draw_touch(finger, random, 0.97, t);
  HelperData a;
  HelperData b;
  Secret<32> root_a;
  Secret<32> root_b;
  ASSERT_TRUE(enrol(touches, randomness(6), a, root_a).ok());
  ASSERT_TRUE(enrol(touches, randomness(7), b, root_b).ok());
  EXPECT_NE(a.seed, b.seed);
  EXPECT_NE(a.offset, b.offset);
  EXPECT_FALSE(equal_constant_time(root_a.expose(), root_b.expose()));
}

TEST(Converter, EveryChangedBitOfTheRecordCloses) {
  Random random(8);
  const auto finger = draw_finger(random);
  std::vector<Feature> touches(4);
  for (Feature& t : touches) draw_touch(finger, random, 0.99, t);
  HelperData helper;
  Secret<32> root;
  ASSERT_TRUE(enrol(touches, randomness(9), helper, root).ok());
  ByteArray<HelperData::kBytes> bytes;
  helper.serialize(bytes);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1U << (bit % 8));
    const auto parsed = HelperData::parse(changed);
    Secret<32> out;
    EXPECT_FALSE(parsed.ok() && regenerate(touches[0], *parsed, out).ok()) << "bit " << bit;
  }
}

TEST(HelperData, ComesBackFromItsBytes) {
  Random random(10);
  std::vector<Feature> touches(1);
  draw_touch(draw_finger(random), random, 0.9, touches[0]);
  HelperData helper;
  Secret<32> root;
  ASSERT_TRUE(enrol(touches, randomness(11), helper, root).ok());
  ByteArray<HelperData::kBytes> bytes;
  helper.serialize(bytes);
  const auto parsed = HelperData::parse(bytes);
  ASSERT_TRUE(parsed.ok());
  ByteArray<HelperData::kBytes> again;
  parsed->serialize(again);
  EXPECT_EQ(bytes, again);
}

TEST(HelperData, RefusesWhatItDidNotWrite) {
  ByteArray<HelperData::kBytes> bytes{};
  EXPECT_EQ(HelperData::parse(bytes).error().code, ErrorCode::kUnsupported);
  bytes[0] = 1;
  EXPECT_TRUE(HelperData::parse(bytes).ok());
  EXPECT_EQ(HelperData::parse(Bytes(bytes).first(40)).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(HelperData::parse({}).error().code, ErrorCode::kBadFormat);
  bytes[24] |= 0x80;
  EXPECT_EQ(HelperData::parse(bytes).error().code, ErrorCode::kBadFormat);
}

TEST(Converter, RefusesWrongUse) {
  std::vector<Feature> touches(1);
  HelperData helper;
  Secret<32> root;
  EXPECT_EQ(enrol(touches, randomness(1), helper, root).error().code, ErrorCode::kOutOfRange);  // an empty touch
  touches[0].pose_count = 1;
  EXPECT_EQ(enrol({}, randomness(1), helper, root).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(enrol(touches, ByteArray<31>{}, helper, root).error().code, ErrorCode::kOutOfRange);
}

// The whole way on generated fingers that the whitening never saw.
TEST(Converter, GeneratedFingersOpenTheirOwnRecordsOnly) {
  constexpr std::uint64_t kFingers = 8;
  std::vector<std::vector<std::unique_ptr<Feature>>> probes;
  std::vector<HelperData> records(kFingers);
  std::vector<Secret<32>> roots(kFingers);
  for (std::uint64_t f = 0; f < kFingers; ++f) {
    const SeedTree seed = SeedTree(900).child(f);
    const auto finger = fingers::Finger::make(seed);
    std::vector<Feature> touches(4);
    for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(test::extract(test::touch(finger, seed, i), touches[i]).ok());
    ASSERT_TRUE(enrol(touches, randomness(f), records[f], roots[f]).ok());
    probes.emplace_back();
    for (std::uint64_t i = 4; i < 8; ++i) {
      probes.back().push_back(std::make_unique<Feature>());
      ASSERT_TRUE(test::extract(test::touch(finger, seed, i), *probes.back().back()).ok());
    }
  }
  int genuine = 0;
  int impostor = 0;
  for (std::uint64_t f = 0; f < kFingers; ++f) {
    for (std::uint64_t g = 0; g < kFingers; ++g) {
      for (const auto& probe : probes[g]) {
        Secret<32> root;
        if (!regenerate(*probe, records[f], root).ok()) continue;
        EXPECT_TRUE(equal_constant_time(root.expose(), roots[f].expose()));
        (f == g ? genuine : impostor) += 1;
      }
    }
  }
  EXPECT_GE(genuine, 24) << "of 32";
  EXPECT_LE(impostor, 2) << "of 224";
}

}  // namespace
}  // namespace touchstone::biometrics
