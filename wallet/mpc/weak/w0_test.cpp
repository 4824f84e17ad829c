// W0 signs, and each of its four mistakes gives away what it must not.
#include <gtest/gtest.h>

#include "curve_host/host_curve.h"
#include "mpc_weak/w0.h"

namespace touchstone::mpc::weak::w0 {
namespace {

using crypto::Point;
using crypto::Scalar;

class W0 : public testing::Test {
 protected:
  W0() {
    Random random = SeedTree(8).stream("w0/keys");
    x1 = scalar(1 + draw(random, order() - 1));
    x2 = scalar(1 + draw(random, order() - 1));
    random.fill(digest);
    compound = curve.multiply_base(x1 * x2).value();
  }
  Random stream(const char* name) { return SeedTree(8).stream(name); }
  void set_up(WalletDevice& wallet, ConfirmationDevice& card) {
    ASSERT_TRUE(verify(curve, card.proof_of_share()));
    opening = wallet.opening();
    ASSERT_TRUE(card.accept(wallet.answer(card.challenge(opening))));
    ASSERT_TRUE(crypto::equal(card.compound_key(), compound));
  }

  crypto::HostCurve curve;
  Scalar x1, x2;
  ByteArray<32> digest;
  Point compound;
  Opening opening;
};

TEST_F(W0, Signs) {
  WalletDevice wallet(curve, x1, stream("wallet"));
  ConfirmationDevice card(curve, x2, stream("card"));
  set_up(wallet, card);
  const Point r1 = wallet.start();
  const EcdsaSignature signature = wallet.finish(card.nonce(digest), card.sign(r1, digest));
  EXPECT_TRUE(ecdsa_verify(curve, signature, compound, digest));
  EXPECT_FALSE(signature.s.is_high());
  EXPECT_FALSE(card.accept(wallet.start())) << "another alpha";
}

TEST_F(W0, Break1TheSameMessageTwiceGivesTheKey) {
  Random random = stream("attacker");
  const PaillierKey own(random, 1024);
  ConfirmationDevice card(curve, x2, stream("card"));
  const Integer challenge = card.challenge({own.public_key(), curve.multiply_base(x1).value(), own.public_key().encrypt(integer(x1), random)});
  ASSERT_TRUE(card.accept(curve.multiply_base(scalar(own.decrypt(challenge))).value()));
  EXPECT_TRUE(equal_constant_time(key_from_two_signatures(curve, card, own, digest, random), x1 * x2));
}

TEST_F(W0, Break2AMissingRangeProofGivesTheShare) {
  Random random = stream("attacker");
  const PaillierKey own(random, 1024);
  ConfirmationDevice card(curve, x2, stream("card"));
  const auto found = share_from_large_plaintext(curve, card, own, x1, digest, random);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(equal_constant_time(*found, x2));
}

TEST_F(W0, Break3AbortsGiveTheOtherShareBitByBit) {
  WalletDevice wallet(curve, x1, stream("wallet"));
  ConfirmationDevice card(curve, x2, stream("card"));
  set_up(wallet, card);
  EXPECT_EQ(bits_from_aborts(curve, wallet, opening, x2, 12, stream("attacker")), integer(x1) & 0xFFF);
}

TEST_F(W0, Break4AProofWithoutKnowledgeIsAccepted) {
  Random random = stream("attacker");
  const Proof forged = forge_proof(curve, random);
  EXPECT_TRUE(verify(curve, forged));
  Proof changed = forged;
  changed.statement = compound;
  EXPECT_FALSE(verify(curve, changed));
}

}  // namespace
}  // namespace touchstone::mpc::weak::w0
