// The two attacks that signing's rules are for, each with a control in which it succeeds: the abort oracle of
// CVE-2023-33242 without the fuse, and an oversized share without the range proof.
#include <gtest/gtest.h>

#include "lindell_test_support.h"
#include "support/hex.h"

namespace touchstone::mpc::lindell {
namespace {

using namespace test_support;

class LindellAttacks : public ::testing::Test {
 protected:
  HostCurve curve_;
  Random random_ = SeedTree(24).stream("lindell attacks");
  Scalar x1_ = random_scalar(random_), x2_ = random_scalar(random_);
  Keys keys_{curve_, x1_, x2_, random_};
  ByteArray<32> message_ = random_array<32>(random_);
  SessionId session_ = random_array<32>(random_);
};

/// What both sides' proofs are bound to, computed here once more.
Context sign_context(const SignConfig& config, const OwnerKey& key) {
  return Transcript("touchstone/lindell/sign")
      .add(config.session)
      .add_u32(kOwner)
      .add_u32(kEvaluator)
      .add_u32(key.epoch)
      .add(key.paillier.public_key().n().to_bytes())
      .add(crypto::compress(key.key))
      .add(config.message_hash)
      .digest();
}

/// As the wallet, but c3 is what the test says.
Result<Signature> sign_with(
    HostCurve& curve, const OwnerKey& owner_key, Fuse& fuse, const ByteArray<32>& message, const Scalar& k2,
    Random& random, const std::function<std::optional<PaillierPublicKey::Ciphertext>(const Scalar& r)>& ciphertext) {
  Port port;
  SignConfig config = sign_config(kOwner, random_array<32>(random), message, random);
  OwnerSigner owner(curve, owner_key, fuse, config);
  if (const Status started = owner.start(port); !started) return started.error();
  const Context context = sign_context(config, owner_key);
  const KnownPoint nonce = *prove_knowledge(curve, k2, random_scalar(random), context, kEvaluator);
  const ByteArray<32> blind{};
  const auto send = [&](const auto& m) { return owner.receive(kEvaluator, encoded(m), port); };
  EXPECT_TRUE(
      send(wire::SignCommit{config.session, commit(blind, nonce.point, nonce.proof, context, kEvaluator)}).ok());
  const auto answer = *wire::SignNonce::decode(port.last);
  const Point r_point = *curve.multiply(k2, *crypto::decompress(curve, answer.nonce));
  const auto c3 = ciphertext(Scalar::from_bytes_reduce(r_point.x));
  if (!c3) return Error{ErrorCode::kAborted, "the attacker has given up before c3"};
  if (const auto out = send(wire::SignCipher{config.session, blind, nonce.point, nonce.proof,
                                             owner_key.paillier.public_key().to_bytes(*c3)});
      !out)
    return out.error();
  return owner.signature();
}

/// CVE-2023-33242: k2 = 2^l and a plaintext divided by 2^l modulo N. It is a signature exactly if the bits of x1 below
/// l are as guessed. Returns how many low bits it has learnt for certain.
std::size_t abort_oracle(HostCurve& curve, const Keys& keys, Fuse& fuse, const Scalar& x1, Random& random,
                         std::size_t tries) {
  const auto& paillier = keys.evaluator.paillier;
  const ByteArray<32> message{5};
  std::size_t known = 0;
  std::uint64_t low = 0;
  while (tries-- > 0) {
    const std::uint64_t guess = random.below(2);
    const std::size_t l = known + 1;
    const Scalar k2 = Scalar::from_u32(1u << l);
    const auto out =
        sign_with(curve, keys.owner, fuse, message, k2, random,
                  [&](const Scalar& r) -> std::optional<PaillierPublicKey::Ciphertext> {
                    const Natural<256> multiplier = natural(r);
                    if (!multiplier.is_odd()) return std::nullopt;  // would not tell; another session costs nothing
                    // T = r x1 + a + j q with j such that 2^l divides T if the guess is right.
                    const Natural<256> q = Natural<256>::from_bytes(
                        test::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
                    Plaintext added = Plaintext::resized(natural(Scalar::from_bytes_reduce(message) + r * keys.share2));
                    const std::uint64_t mask = (std::uint64_t{1} << l) - 1;
                    const auto low_of = [](bignum::Limbs x) { return static_cast<std::uint64_t>(x[0]); };
                    while (((low_of(multiplier) * (low | guess << known) + low_of(added)) & mask) != 0)
                      bignum::add(added, added, Plaintext::resized(q));
                    const auto total = paillier.add(paillier.encrypt(added, Plaintext(1)),
                                                    paillier.multiply(keys.evaluator.share_ciphertext, multiplier));
                    // 2^-l modulo N.
                    Plaintext power, inverse;
                    power.limbs()[0] = bignum::Limb{1} << l;
                    EXPECT_EQ(bignum::invert(inverse, power, paillier.n()), 1u);
                    return paillier.multiply(total, inverse);
                  });
    if (!out.ok() && out.error().code == ErrorCode::kAborted) {
      ++tries;
      continue;
    }
    if (!out.ok() && out.error().code == ErrorCode::kState) return known;  // the key is burnt
    const std::uint64_t bit = out.ok() ? guess : 1 - guess;
    EXPECT_EQ(bit, static_cast<std::uint64_t>(natural(x1).bit(known)));
    low |= bit << known;
    ++known;
  }
  return known;
}

TEST_F(LindellAttacks, AbortOracleEndsAtTheFirstWrongGuess) {
  // Every bit before the last was guessed right, which anybody does with probability one half a bit; the last is the
  // one that the failure tells. So two bits on average, ever.
  std::size_t bits = 0;
  const std::size_t kKeys = 24;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const Scalar x1 = random_scalar(random_);
    const Keys keys(curve_, x1, x2_, random_);
    MemoryFuse fuse;
    const std::size_t known = abort_oracle(curve_, keys, fuse, x1, random_, 20);
    EXPECT_TRUE(fuse.blown() || known == 20);
    bits += known;
    SignRun honest(curve_, keys, fuse, session_, message_, random_);
    honest.network.run();
    EXPECT_EQ(honest.owner.failure()->error.code, ErrorCode::kState);
  }
  EXPECT_LE(bits, 4 * kKeys);
}

TEST_F(LindellAttacks, ControlAbortOracleReadsOnWithoutTheFuse) {
  struct NoFuse final : Fuse {
    bool blown() const override { return false; }
    Status blow() override { return {}; }
    Status mend() override { return {}; }
  } no_fuse;
  EXPECT_EQ(abort_oracle(curve_, keys_, no_fuse, x1_, random_, 20), 20u);
}

TEST_F(LindellAttacks, ControlOversizedShareTellsTheWalletsShare) {
  // What the range proof is for: c_key = Enc(x1 + q 2^700) lifts k2^-1 r above the mask, and one decryption gives x2.
  const Natural<256> q =
      Natural<256>::from_bytes(test::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
  Natural<1024> shift;
  shift.limbs()[700 / bignum::kLimbBits] = bignum::Limb{1} << (700 % bignum::kLimbBits);
  const Natural<1280> lifted = q * shift;
  Plaintext encrypted = Plaintext::resized(lifted);
  bignum::add(encrypted, encrypted, Plaintext::resized(natural(x1_)));
  const Keys keys(curve_, x1_, x2_, encrypted, random_);
  // The attacker is the owner, with a nonce of its own.
  Port port;
  const SignConfig config = sign_config(kEvaluator, session_, message_, random_);
  EvaluatorSigner evaluator(curve_, keys.evaluator, x2_, config);
  ASSERT_TRUE(evaluator.start(port).ok());
  const Context committed = Transcript("touchstone/lindell/sign/committed")
                                .add(sign_context(config, keys.owner))
                                .add(wire::SignCommit::decode(port.last)->commitment)
                                .digest();
  const KnownPoint nonce = *prove_knowledge(curve_, random_scalar(random_), random_scalar(random_), committed, kOwner);
  const auto bytes = encoded(wire::SignNonce{session_, nonce.point, nonce.proof});
  ASSERT_TRUE(evaluator.receive(kOwner, bytes, port).ok());
  const auto cipher = *wire::SignCipher::decode(port.last);

  const auto plaintext = *keys.owner.paillier.decrypt(*keys.evaluator.paillier.parse_ciphertext(cipher.ciphertext));
  Plaintext quotient;
  Natural<1280> rest;
  bignum::divide(quotient, rest, plaintext, lifted);
  const Scalar v = Scalar::from_bytes_reduce(Natural<256>::resized(quotient).to_bytes());  // k2^-1 r
  const Scalar known = Scalar::from_bytes_reduce(remainder(plaintext, q).to_bytes());      // k2^-1 m + v (x1 + x2)
  const Point r_point = *curve_.multiply(nonce.secret, *crypto::decompress(curve_, cipher.nonce));
  const Scalar r = Scalar::from_bytes_reduce(r_point.x);
  const Scalar stolen = known * v.inverse() - Scalar::from_bytes_reduce(message_) * r.inverse() - x1_;
  EXPECT_TRUE(equal_constant_time(stolen, x2_));
}

}  // namespace
}  // namespace touchstone::mpc::lindell
