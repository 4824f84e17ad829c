#include "face_head/head.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/seed.h"
#include "crypto/sha256.h"

namespace touchstone::biometrics {
namespace {

constexpr std::size_t kInputs = 6, kOutputs = 4;

Head small_head() {
  Random r = SeedTree(1).stream("head");
  Head head{.embedder = "a test's", .embedder_digest = {1, 2, 3}, .alpha = 0.5F, .mean = {}, .projection = {}};
  for (std::size_t i = 0; i < kInputs; ++i) head.mean.push_back(static_cast<float>(r.uniform(-0.1, 0.1)));
  for (std::size_t i = 0; i < kInputs * kOutputs; ++i) head.projection.push_back(static_cast<float>(r.uniform(-1, 1)));
  return head;
}

std::vector<std::vector<float>> pictures(std::size_t count, std::uint64_t seed = 2) {
  Random r = SeedTree(seed).stream("pictures");
  std::vector<std::vector<float>> out(count, std::vector<float>(kInputs));
  for (auto& p : out) {
    for (float& x : p) x = static_cast<float>(r.normal());
  }
  return out;
}

Result<FaceVector> vector_of(const Head& head, const std::vector<std::vector<float>>& pictures) {
  const std::vector<std::span<const float>> views(pictures.begin(), pictures.end());
  return head.vector(views);
}

/// The digest at the end set right again.
void sign(std::vector<std::uint8_t>& file) {
  const auto digest = crypto::sha256(Bytes(file).first(file.size() - 32));
  std::copy(digest.begin(), digest.end(), file.end() - 32);
}

TEST(FaceHead, AVectorCanBeWorkedOutByHand) {
  // Two pictures (3, 4) and (0, 2): unit (0.6, 0.8) and (0, 1), mean (0.3, 0.9), less (0.2, 0.4): (0.1, 0.5). Rows (1, 0), (0, 1): root
  // mean square of (0.1, 0.5) is sqrt(0.13), so 32 * 0.1 / 0.36056 = 8.875 and 44.38.
  const Head head{.embedder = {}, .embedder_digest = {}, .alpha = 0, .mean = {0.2F, 0.4F}, .projection = {1, 0, 0, 1}};
  const auto v = vector_of(head, {{3, 4}, {0, 2}});
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(v->components, (std::vector<std::int8_t>{9, 44}));
}

TEST(FaceHead, TheOrderAndTheLengthOfPicturesChangeNothing) {
  const Head head = small_head();
  auto rows = pictures(5);
  const auto first = vector_of(head, rows);
  ASSERT_TRUE(first.ok());
  std::reverse(rows.begin(), rows.end());
  std::swap(rows[0], rows[1]);
  for (float& x : rows[2]) x *= 8;  // a power of two: no other rounding
  const auto second = vector_of(head, rows);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->components, second->components);
}

TEST(FaceHead, EveryVectorHasADeviationOf32) {
  const Head head = small_head();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto v = vector_of(head, pictures(1 + seed % 4, seed));
    ASSERT_TRUE(v.ok());
    double square = 0;
    for (const std::int8_t c : v->components) square += static_cast<double>(c) * static_cast<double>(c);
    EXPECT_NEAR(std::sqrt(square / kOutputs), 32, 0.5);
  }
}

TEST(FaceHead, EmbeddingsThatCannotBeAreRefused) {
  const Head head = small_head();
  const auto refused = [&](std::vector<std::vector<float>> rows) { return vector_of(head, rows).error().code == ErrorCode::kOutOfRange; };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused(pictures(65)));
  EXPECT_TRUE(refused({std::vector<float>(kInputs)}));
  EXPECT_TRUE(refused({std::vector<float>(kInputs - 1, 1.0F)}));
  auto rows = pictures(2);
  rows[1][3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(refused(rows));
  // A face at the population's mean has no direction.
  const Head at_mean{.embedder = {}, .embedder_digest = {}, .alpha = 0, .mean = {0.5F, 0}, .projection = {0, 1}};
  EXPECT_EQ(vector_of(at_mean, {{2, 0}}).error().code, ErrorCode::kOutOfRange);
}

TEST(FaceHead, AFileGivesItsHeadBack) {
  const Head head = small_head();
  const auto file = serialise(head);
  const auto again = load_head(Bytes(file));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(serialise(*again), file);
  EXPECT_EQ(again->embedder, head.embedder);
  EXPECT_EQ(again->embedder_digest, head.embedder_digest);
  EXPECT_EQ(again->alpha, head.alpha);
  EXPECT_EQ(again->mean, head.mean);
  EXPECT_EQ(again->projection, head.projection);
  EXPECT_EQ(digest(*again), crypto::sha256(file));
}

TEST(FaceHead, EveryChangedByteAndEveryCutIsRefused) {
  const auto file = serialise(small_head());
  for (std::size_t i = 0; i < file.size(); ++i) {
    auto changed = file;
    changed[i] ^= 0x10;
    EXPECT_FALSE(load_head(Bytes(changed)).ok()) << "byte " << i;
    EXPECT_FALSE(load_head(Bytes(file).first(i)).ok()) << "cut at " << i;
  }
  auto longer = file;
  longer.push_back(0);
  EXPECT_EQ(load_head(Bytes(longer)).error().code, ErrorCode::kBadFormat);
}

TEST(FaceHead, WhatIsWrongInASoundFileIsRefusedByName) {
  const auto code_of = [](auto change) {
    auto file = serialise(small_head());
    change(file);
    sign(file);
    return load_head(Bytes(file)).error().code;
  };
  EXPECT_EQ(code_of([](auto& f) { f[4] = 2; }), ErrorCode::kUnsupported);
  EXPECT_EQ(code_of([](auto& f) { store_le32(&f[8], 1); }), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of([](auto& f) { store_le32(&f[12], 0); }), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of([](auto& f) { store_le32(&f[12], 1025); }), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of([](auto& f) { store_le32(&f[12], kOutputs + 1); }), ErrorCode::kBadFormat);
  EXPECT_EQ(code_of([](auto& f) { f[20] = 200; }), ErrorCode::kBadFormat);  // a name longer than the file
  const auto infinity = [](std::size_t at) { return [at](auto& f) { store_le32(&f[at], 0x7f800000); }; };
  EXPECT_EQ(code_of(infinity(16)), ErrorCode::kOutOfRange);
  EXPECT_EQ(code_of([&](auto& f) { infinity(f.size() - 36)(f); }), ErrorCode::kOutOfRange);
  EXPECT_EQ(load_head(std::filesystem::path("/no/such/file")).error().code, ErrorCode::kDevice);
}

}  // namespace
}  // namespace touchstone::biometrics
