// The controls fall, and what stands in their place does not.
#include <gtest/gtest.h>

#include <algorithm>

#include "curve_host/host_curve.h"
#include "mpc/musig2_keys.h"
#include "mpc_weak/attacks.h"
#include "mpc_weak/lattice.h"
#include "mpc_weak/number.h"

namespace touchstone::mpc::weak {
namespace {

using crypto::Point;
using crypto::Scalar;

constexpr ByteArray<5> kMessage = {'p', 'a', 'y', ' ', '1'};

class Weak : public testing::Test {
 protected:
  Scalar key(const char* name) {
    Random random = SeedTree(3).stream(name);
    return scalar(1 + draw(random, order() - 1));
  }
  Random random(const char* name) { return SeedTree(4).stream(name); }
  crypto::HostCurve curve;
};

TEST_F(Weak, RogueKeyTakesThePlainSum) {
  const Point victim = curve.multiply_base(key("victim")).value();
  const RogueKey rogue = rogue_key(curve, victim, key("own"));
  EXPECT_TRUE(crypto::equal(curve.add(victim, rogue.claimed).value(), rogue.group));
  // The attacker signs for both.
  const Scalar nonce = key("nonce");
  const Point point = curve.multiply_base(nonce).value();
  const SchnorrSignature forged{point, nonce + schnorr_challenge(point, rogue.group, kMessage) * key("own")};
  EXPECT_TRUE(schnorr_verify(curve, forged, rogue.group, kMessage));
}

TEST_F(Weak, RogueKeyGainsNothingWithKeyAggregation) {
  const Point victim = curve.multiply_base(key("victim")).value();
  const RogueKey rogue = rogue_key(curve, victim, key("own"));
  const std::array keys = {crypto::compress(victim), crypto::compress(rogue.claimed)};
  const auto context = musig2::KeyAggContext::create(curve, keys);
  ASSERT_TRUE(context.ok());
  EXPECT_FALSE(crypto::equal(context->aggregate_point(), rogue.group));
  EXPECT_NE(context->aggregate_point().x, rogue.group.x);
}

TEST_F(Weak, TheSameNonceTwiceGivesTheKey) {
  const Scalar victim = key("victim");
  const DeterministicSigner signer(curve, victim);
  EXPECT_TRUE(equal_constant_time(key_from_reused_nonce(curve, signer, kMessage, random("reuse")), victim));
}

TEST_F(Weak, RosForgesFrom256Sessions) {
  OneNonceSigner signer(curve, key("victim"), random("signer"));
  const Scalar own = key("own");
  const Point group = curve.add(signer.public_key(), curve.multiply_base(own).value()).value();
  const SchnorrSignature forged = forge_by_ros(curve, signer, own, kMessage, random("ros"));
  EXPECT_TRUE(schnorr_verify(curve, forged, group, kMessage));
  SchnorrSignature changed = forged;
  changed.s += Scalar::from_u32(1);
  EXPECT_FALSE(schnorr_verify(curve, changed, group, kMessage));
}

TEST_F(Weak, WagnerFindsASumInFourLists) {
  // Three sessions and the forged message, on challenges of 48 bits: lists of 2^16.
  constexpr unsigned kBits = 48;
  std::array<std::vector<std::uint64_t>, 4> lists;
  Random r = random("wagner");
  for (auto& list : lists)
    for (std::size_t i = 0; i < (std::size_t{1} << 16); ++i) list.push_back(r.next_u64() >> (64 - kBits));
  const std::uint64_t target = r.next_u64() >> (64 - kBits);
  const auto found = four_list_sum(lists, target, kBits);
  ASSERT_TRUE(found.has_value());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += lists[i][(*found)[i]];
  EXPECT_EQ(sum & ((std::uint64_t{1} << kBits) - 1), target);
}

TEST(WeakLattice, ReducesAKnownBasis) {
  // Cohen's kind of example: (1 1 1) (-1 0 2) (3 5 6) spans a lattice with vectors of length 1.
  std::vector<Row> basis = {{1, 1, 1}, {-1, 0, 2}, {3, 5, 6}};
  reduce_lattice(basis);
  Integer shortest = 100;
  for (const Row& row : basis) shortest = std::min(shortest, Integer(row[0] * row[0] + row[1] * row[1] + row[2] * row[2]));
  EXPECT_EQ(shortest, 1);
  const Integer determinant = basis[0][0] * (basis[1][1] * basis[2][2] - basis[1][2] * basis[2][1]) -
                              basis[0][1] * (basis[1][0] * basis[2][2] - basis[1][2] * basis[2][0]) +
                              basis[0][2] * (basis[1][0] * basis[2][1] - basis[1][1] * basis[2][0]);
  EXPECT_EQ(abs(determinant), 3);
}

TEST_F(Weak, ShortNoncesGiveTheKey) {
  const Scalar secret = key("victim");
  const auto attack = [&](unsigned stuck_bits, unsigned assumed_bits, std::size_t count) {
    BiasedEcdsaSigner signer(curve, secret, stuck_bits, random("biased"));
    std::vector<EcdsaSignature> signatures;
    std::vector<ByteArray<32>> digests(count);
    Random r = random("digests");
    for (ByteArray<32>& digest : digests) {
      r.fill(digest);
      signatures.push_back(signer.sign(digest));
    }
    return key_from_biased_nonces(curve, signer.public_key(), signatures, digests, assumed_bits);
  };
  for (const auto& [bits, count] : {std::pair{64u, 5u}, std::pair{32u, 10u}}) {
    const auto found = attack(bits, bits, count);
    ASSERT_TRUE(found.has_value()) << bits << " bits";
    EXPECT_TRUE(equal_constant_time(*found, secret));
  }
  EXPECT_FALSE(attack(0, 64, 5).has_value()) << "whole nonces give nothing";
}

}  // namespace
}  // namespace touchstone::mpc::weak
