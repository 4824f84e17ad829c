// Roots of few bits: what anybody who holds public data, or what a peer is told, does to them offline.
#include "testplan/guessing.h"

#include <gtest/gtest.h>

#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "mpc_frost/key_plan.h"
#include "mpc_lindell/keys.h"
#include "mpc_session/roots.h"

namespace touchstone::test {
namespace {

using crypto::Scalar;

constexpr std::uint32_t kRoots = 1u << 11;
constexpr mpc::KeyName kName{mpc::Scheme::kDkls23, 1, 0, 1};

/// One of few roots, as a secret of so few bits would be stretched to 32 bytes.
Secret<32> root_of(std::uint32_t secret) {
  Secret<32> out;
  ByteArray<4> bytes;
  store_be32(bytes.data(), secret);
  crypto::hkdf_sha256(bytes, {}, text("a secret of few bits"), out.expose());
  return out;
}
Scalar share_of(std::uint32_t secret) { return mpc::derive_share(root_of(secret), kName).value(); }

/// How often `fits` says yes, and where for the last time.
struct Guesses {
  std::uint32_t right = 0, last = 0;
};
template <typename Fits>
Guesses guess_all(Fits&& fits) {
  Guesses out;
  for (std::uint32_t guess = 0; guess < kRoots; ++guess) {
    if (!fits(guess)) continue;
    ++out.right;
    out.last = guess;
  }
  return out;
}

class OfflineGuessing : public testing::Test {
 protected:
  std::uint32_t secret_ = static_cast<std::uint32_t>(SeedTree(30).stream("guessing").below(kRoots));
  crypto::HostCurve curve_;
};

// The record of the converter holds 24 bits and the check of them: 2^24 guesses open any record without a print. Here 14 of them are
// unknown; guessing_long_test.cpp does the whole.
TEST_F(OfflineGuessing, ARecordOpensToWhoTriesItsMessages) {
  ByteArray<32> randomness{};
  const int k = biometrics::code_for(1, biometrics::kMaxDimensions).k;
  while (message_from(randomness, k) >= 1u << 14) store_le32(randomness.data(), load_le32(randomness.data()) + 1);
  biometrics::HelperData record;
  Secret<32> root;
  enrol_any_finger(randomness, record, root);
  const auto found = guess_root(record, 14);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(equal_constant_time(found->root, root.expose()));
  EXPECT_EQ(found->guesses, message_from(randomness, k) + 1);
  RecordProperty("guesses", static_cast<int>(found->guesses));
}

// The point of a share is with every peer: DKLs23's KeyOpen, Lindell17's SetupShare and SetupOpen, MuSig2's list of keys.
TEST_F(OfflineGuessing, ThePointOfAShareTellsARightGuess) {
  const crypto::Point point = curve_.multiply_base(share_of(secret_)).value();
  const auto found = guess_all([&](std::uint32_t guess) { return crypto::equal(curve_.multiply_base(share_of(guess)).value(), point); });
  EXPECT_EQ(found.right, 1u);
  EXPECT_EQ(found.last, secret_);
}

// What a party stores under its root is an oracle too, and a quicker one: an offset of FROST, Lindell17's Paillier key.
TEST_F(OfflineGuessing, WhatIsStoredUnderARootTellsARightGuess) {
  mpc::frost::GroupKey group;
  const std::array<mpc::PartyId, 2> ids = {1, 2};
  group.parties = mpc::Parties::of(ids).value();
  group.threshold = 2;
  group.point = curve_.multiply_base(Scalar::from_u32(5)).value();
  for (std::uint32_t i = 0; i < 2; ++i) group.verification_shares[i] = curve_.multiply_base(Scalar::from_u32(12 + 7 * i)).value();
  const auto offset = mpc::frost::make_offset(share_of(secret_), Scalar::from_u32(12), group, 1);
  const auto found = guess_all([&](std::uint32_t guess) { return mpc::frost::open_offset(share_of(guess), offset, group, 1).ok(); });
  EXPECT_EQ(found.right, 1u);
  EXPECT_EQ(found.last, secret_);

  const auto sealing_key = [](std::uint32_t secret) {
    Secret<32> out;
    mpc::derive_sealing_key(root_of(secret), {mpc::Scheme::kLindell17, 1, 0, 1}, out);
    return out;
  };
  const mpc::lindell::OwnerKey key{mpc::lindell::PaillierKey::generate(ByteArray<32>{7}).value(), crypto::generator(), group.point, 1};
  const auto sealed = mpc::lindell::seal(key, sealing_key(secret_).expose(), ByteArray<32>{1});
  // Every eighth: what is right is rebuilt, what is wrong ends at the tag.
  const auto opened = guess_all([&](std::uint32_t guess) {
    return (guess % 8 == secret_ % 8) && mpc::lindell::open(curve_, sealed, sealing_key(guess).expose(), 1, group.point).ok();
  });
  EXPECT_EQ(opened.right, 1u);
  EXPECT_EQ(opened.last, secret_);
}

// Who knows only what is on the chain has no such oracle: the other share, of full entropy, hides which guess is right. Whoever learns the
// other share too - a thief of the phone - has it back.
TEST_F(OfflineGuessing, TheJointKeyTellsNothingWithoutTheOtherShare) {
  const Scalar other = Scalar::from_wide_reduce([] {
    ByteArray<64> wide;
    SeedTree(31).stream("other share").fill(wide);
    return wide;
  }());
  const crypto::Point joint = curve_.multiply_base(share_of(secret_) + other).value(), minus_other = crypto::negate(curve_.multiply_base(other).value());
  const auto alone = guess_all([&](std::uint32_t guess) { return crypto::equal(curve_.multiply_base(share_of(guess)).value(), joint); });
  EXPECT_EQ(alone.right, 0u);
  const crypto::Point rest = curve_.add(joint, minus_other).value();
  const auto with_other = guess_all([&](std::uint32_t guess) { return crypto::equal(curve_.multiply_base(share_of(guess)).value(), rest); });
  EXPECT_EQ(with_other.right, 1u);
  EXPECT_EQ(with_other.last, secret_);
}

// The derivation adds no bits and loses none: a root that is not among the guesses is not found, whatever oracle is asked.
TEST_F(OfflineGuessing, ARootOfFullEntropyIsNotAmongTheGuesses) {
  Secret<32> root;
  SeedTree(32).stream("root").fill(root.expose());
  const crypto::Point point = curve_.multiply_base(mpc::derive_share(root, kName).value()).value();
  const auto found = guess_all([&](std::uint32_t guess) { return crypto::equal(curve_.multiply_base(share_of(guess)).value(), point); });
  EXPECT_EQ(found.right, 0u);
}

}  // namespace
}  // namespace touchstone::test
