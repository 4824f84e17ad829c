#include "mpc_session/hedged.h"

#include <gtest/gtest.h>

#include <set>

namespace touchstone::mpc {
namespace {

using crypto::Scalar;

ByteArray<32> drawn(const HedgedRandom& random) {
  ByteArray<32> out;
  random.fill(out, "touchstone/test/purpose");
  return out;
}

TEST(MpcHedgedRandom, EveryInputCounts) {
  const ByteArray<32> zeros{}, ones{1};
  const Scalar one = Scalar::from_u32(1), two = Scalar::from_u32(2);
  const std::set<ByteArray<32>> all = {drawn({zeros, {&one}, zeros}), drawn({ones, {&one}, zeros}),
                                       drawn({zeros, {&two}, zeros}), drawn({zeros, {&one}, ones}),
                                       drawn({zeros, {&one, &two}, zeros}), drawn({zeros, {&two, &one}, zeros})};
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(drawn({zeros, {&one}, zeros}), drawn({zeros, {&one}, zeros}));
}

TEST(MpcHedgedRandom, EveryPurposeNumberAndAgreementHasItsOwn) {
  const ByteArray<32> zeros{};
  const Scalar one = Scalar::from_u32(1);
  const HedgedRandom random(zeros, {&one}, zeros);
  const ByteArray<1> agreed{};
  const std::set<ByteArray<32>> all = {
      random.scalar("touchstone/test/purpose").to_bytes(), random.scalar("touchstone/test/other").to_bytes(),
      random.scalar("touchstone/test/purpose", 1).to_bytes(),
      random.scalar("touchstone/test/purpose", 0, agreed).to_bytes(), drawn(random)};
  EXPECT_EQ(all.size(), 5u);
}

}  // namespace
}  // namespace touchstone::mpc
