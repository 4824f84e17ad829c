#include "face_secret/face_secret.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/seed.h"

namespace touchstone::biometrics {
namespace {

/// A vector like a head's; `agreement` percent of each component are those of face `number`.
FaceVector face(std::uint64_t number, int agreement = 100, std::uint64_t picture = 0) {
  Random own = SeedTree(number).stream("face"), other = SeedTree(number).child(picture).stream("picture");
  std::vector<std::int8_t> out(128);
  for (auto& c : out) {
    const auto draw = [](Random& r) { return static_cast<int>(r.below(111)) - 55; };  // uniform: standard deviation 32
    const int a = draw(own), b = draw(other);
    c = static_cast<std::int8_t>((a * agreement + b * (100 - agreement)) / 100);
  }
  return FaceVector(std::move(out));
}

ByteArray<32> randomness(std::uint64_t seed) {
  ByteArray<32> out{};
  SeedTree(seed).stream("randomness").fill(out);
  return out;
}

TEST(FaceSecret, AFaceOpensItsRecordAndNoOther) {
  int opened = 0, by_strangers = 0;
  constexpr int kPeople = 40;
  for (std::uint64_t p = 0; p < kPeople; ++p) {
    HelperData helper;
    Secret<32> root, again;
    ASSERT_TRUE(enrol_face(face(p), randomness(p), helper, root).ok());
    EXPECT_FALSE(helper.weak);
    const Status own = open_face(face(p, 75, 1), helper, again);
    if (own.ok()) {
      ++opened;
      EXPECT_TRUE(equal_constant_time(again.expose(), root.expose()));
    }
    const Status stranger = open_face(face(p + 1000), helper, again);
    by_strangers += stranger.ok() ? 1 : 0;
    if (!stranger.ok()) {
      EXPECT_EQ(stranger.error().code, ErrorCode::kNoMatch);
    }
  }
  EXPECT_GE(opened, kPeople * 9 / 10);
  EXPECT_EQ(by_strangers, 0);
}

TEST(FaceSecret, RecordsOfOneFaceAreNotAlike) {
  HelperData a, b;
  Secret<32> root_a, root_b;
  ASSERT_TRUE(enrol_face(face(1), randomness(1), a, root_a).ok());
  ASSERT_TRUE(enrol_face(face(1), randomness(2), b, root_b).ok());
  EXPECT_NE(a.offset, b.offset);
  EXPECT_NE(a.seed, b.seed);
}

TEST(FaceSecret, LikenessIsACosine) {
  const FaceVector a(std::vector<std::int8_t>{3, 4, 0}), b(std::vector<std::int8_t>{0, 0, 5}), c(std::vector<std::int8_t>{3, 4, 0}), zero(std::vector<std::int8_t>{0, 0, 0}), minus(std::vector<std::int8_t>{-6, -8, 0});
  const auto of = [&](std::vector<const FaceVector*> others) { return likeness(a, others); };
  EXPECT_DOUBLE_EQ(of({&c}), 1);
  EXPECT_DOUBLE_EQ(of({&b}), 0);
  EXPECT_DOUBLE_EQ(of({&minus}), -1);
  EXPECT_DOUBLE_EQ(of({&b, &c}), 5 / std::sqrt(50.0));
  EXPECT_DOUBLE_EQ(of({&c, &minus}), -1);
  EXPECT_DOUBLE_EQ(of({&zero}), 0);
}

TEST(FaceSecret, VectorsOfAnotherLengthAreRefused) {
  HelperData helper;
  Secret<32> root;
  EXPECT_EQ(enrol_face(FaceVector(std::vector<std::int8_t>(100)), randomness(1), helper, root).error().code, ErrorCode::kUnsupported);
  ASSERT_TRUE(enrol_face(face(1), randomness(1), helper, root).ok());
  EXPECT_EQ(open_face(FaceVector(std::vector<std::int8_t>(64)), helper, root).error().code, ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace touchstone::biometrics
