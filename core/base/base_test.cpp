#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <set>

#include "base/bytes.h"
#include "base/event.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/seed.h"

namespace touchstone {
namespace {

TEST(Bytes, ByteOrderIsExplicit) {
  const ByteArray<8> b{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(load_le16(b.data()), 0x0201);
  EXPECT_EQ(load_le32(b.data()), 0x04030201u);
  EXPECT_EQ(load_be32(b.data()), 0x01020304u);
  EXPECT_EQ(load_le64(b.data()), 0x0807060504030201u);
  EXPECT_EQ(load_be64(b.data()), 0x0102030405060708u);
  ByteArray<8> out{};
  store_be64(out.data(), 0x0102030405060708u);
  EXPECT_EQ(out, b);
}

TEST(ByteReader, NeverReadsPastTheEnd) {
  const ByteArray<3> b{1, 2, 3};
  ByteReader r(b);
  EXPECT_EQ(r.le16(), 0x0201);
  EXPECT_EQ(r.le32(), 0u);
  EXPECT_TRUE(r.failed());
  EXPECT_FALSE(r.complete());
  EXPECT_EQ(r.u8(), 0) << "a failed reader stays failed and empty";
}

TEST(ByteWriter, NeverWritesPastTheEnd) {
  ByteArray<5> buffer{};
  ByteWriter w(MutableBytes(buffer).first(4));
  w.le32(0x04030201);
  w.u8(9);
  EXPECT_TRUE(w.failed());
  EXPECT_EQ(w.size(), 4u);
  EXPECT_EQ(buffer[4], 0);
}

TEST(Result, CarriesValueOrError) {
  const Result<int> good = 5;
  const Result<int> bad = Error{ErrorCode::kBadFormat, "x"};
  EXPECT_EQ(*good, 5);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kBadFormat);
  EXPECT_STREQ(to_string(ErrorCode::kNoMatch), "no_match");
}

TEST(ResultDeathTest, ValueOfAnErrorIsOurBug) {
  const Result<int> bad = Error{ErrorCode::kBadFormat, "x"};
  EXPECT_DEATH((void)*bad, "internal error");
}

TEST(Secret, IsWipedWhenItEnds) {
  alignas(Secret<32>) unsigned char storage[sizeof(Secret<32>)];
  auto* secret = new (storage) Secret<32>();
  for (std::uint8_t& b : secret->expose()) b = 0xAA;
  secret->~Secret<32>();
  for (unsigned char b : storage) EXPECT_EQ(b, 0);
}

TEST(Secret, MovesLeaveNothingBehind) {
  Secret<4> a;
  a.expose()[0] = 7;
  const Secret<4> b = std::move(a);
  EXPECT_EQ(b.expose()[0], 7);
  EXPECT_EQ(a.expose()[0], 0);  // NOLINT: the moved-from state is what is tested
  static_assert(!std::is_copy_constructible_v<Secret<4>>);
}

TEST(ConstantTimeEqual, ComparesEveryByte) {
  ByteArray<32> a{}, b{};
  EXPECT_TRUE(equal_constant_time(a, b));
  for (std::size_t i = 0; i < a.size(); ++i) {
    b = a;
    b[i] ^= 0x80;
    EXPECT_FALSE(equal_constant_time(a, b));
  }
  EXPECT_FALSE(equal_constant_time(a, Bytes(b).first(31)));
}

// The first output for seed 0 as other implementations of SplitMix64 seeding give it.
TEST(Random, FollowsTheDefinition) { EXPECT_EQ(Random(0).next_u64(), 0x99ec5f36cb75f2b4ULL); }

TEST(Random, BelowIsUnbiasedEnough) {
  Random r(3);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[r.below(6)];
  for (int c : counts) EXPECT_NEAR(c, 10'000, 500);
}

TEST(Random, NormalHasMeanZeroAndUnitVariance) {
  Random r(4);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = r.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(SeedTree, StreamsAreIndependentOfEachOther) {
  const SeedTree a(7);
  Random first = a.stream("ble/jitter");
  (void)a.stream("other").next_u64();
  Random again = SeedTree(7).stream("ble/jitter");
  EXPECT_EQ(first.next_u64(), again.next_u64());
  std::set<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    seeds.insert(a.child(i).seed());
    seeds.insert(a.child("x" + std::to_string(i)).seed());
    seeds.insert(SeedTree(i).child("x").seed());
  }
  EXPECT_EQ(seeds.size(), 3000u);
}

}  // namespace
}  // namespace touchstone
