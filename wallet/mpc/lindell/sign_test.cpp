// Signing: many keys judged by libsecp256k1, changed, repeated, lost and foreign messages, the fuse, and the two attacks that
// its rules are for: abort oracle and oversized share.
#include <gtest/gtest.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "lindell_test_support.h"
#include "support/hex.h"

namespace touchstone::mpc::lindell {
namespace {

using namespace test_support;
using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
namespace wire = contract::lindell;

/// libsecp256k1's word: valid, low s, and the recovery id gives the key.
bool accepted(const Point& key, const ByteArray<32>& message, const Signature& signature) {
  static secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  const auto bytes = crypto::compress(key);
  secp256k1_pubkey public_key, recovered;
  secp256k1_ecdsa_signature parsed;
  secp256k1_ecdsa_recoverable_signature recoverable;
  return secp256k1_ec_pubkey_parse(context, &public_key, bytes.data(), bytes.size()) == 1 &&
         secp256k1_ecdsa_signature_parse_compact(context, &parsed, signature.bytes.data()) == 1 &&
         secp256k1_ecdsa_verify(context, &parsed, message.data(), &public_key) == 1 &&
         secp256k1_ecdsa_recoverable_signature_parse_compact(context, &recoverable, signature.bytes.data(), signature.recovery_id) == 1 &&
         secp256k1_ecdsa_recover(context, &recovered, &recoverable, message.data()) == 1 &&
         secp256k1_ec_pubkey_cmp(context, &recovered, &public_key) == 0;
}

class LindellSign : public ::testing::Test {
 protected:
  HostCurve curve_;
  Random random_ = SeedTree(21).stream("lindell sign");
  Scalar x1_ = random_scalar(random_), x2_ = random_scalar(random_);
  Keys keys_{curve_, x1_, x2_, random_};
  MemoryFuse fuse_;
  ByteArray<32> message_ = random_array<32>(random_);
  SessionId session_ = random_array<32>(random_);
};

TEST_F(LindellSign, SignaturesOfManyKeysAreAccepted) {
  for (int i = 0; i < 24; ++i) {
    const Keys keys(curve_, random_scalar(random_), random_scalar(random_), random_);
    const auto message = random_array<32>(random_);
    SignRun run(curve_, keys, fuse_, random_array<32>(random_), message, random_);
    run.network.run();
    ASSERT_TRUE(run.owner.done() && run.evaluator.done());
    EXPECT_TRUE(accepted(keys.owner.key, message, run.owner.signature()));
    EXPECT_TRUE(accepted(keys.owner.key, message, run.evaluator.signature()));
    EXPECT_EQ(run.owner.signature().bytes, run.evaluator.signature().bytes);
    EXPECT_EQ(run.owner.signature().recovery_id, run.evaluator.signature().recovery_id);
    EXPECT_FALSE(fuse_.blown());
    EXPECT_EQ(run.network.sent_messages(), 4u);
    EXPECT_LE(run.network.sent_bytes(), 1024u);
  }
}

TEST_F(LindellSign, SharesAtTheEdges) {
  for (const Scalar& x1 : {Scalar::from_u32(1), -Scalar::from_u32(1)})
    for (const Scalar& x2 : {Scalar::from_u32(2), -Scalar::from_u32(3)}) {
      const Keys keys(curve_, x1, x2, random_);
      SignRun run(curve_, keys, fuse_, session_, ByteArray<32>{}, random_);
      run.network.run();
      ASSERT_TRUE(run.evaluator.done());
      EXPECT_TRUE(accepted(keys.owner.key, ByteArray<32>{}, run.evaluator.signature()));
    }
}

TEST_F(LindellSign, SameMessageSameRandomnessTwice) {
  // The nonces follow session and commitment: no nonce comes twice, and neither side signs with a nonce of the message alone.
  std::vector<ByteArray<64>> seen;
  for (std::uint8_t i = 0; i < 2; ++i) {
    OwnerSigner owner(curve_, keys_.owner, fuse_, {SessionId{i}, kOwner, kEvaluator, message_, {}});
    EvaluatorSigner evaluator(curve_, keys_.evaluator, x2_, {SessionId{i}, kEvaluator, kOwner, message_, {}});
    Network network;
    network.join(kOwner, owner);
    network.join(kEvaluator, evaluator);
    network.run();
    ASSERT_TRUE(owner.done());
    seen.push_back(owner.signature().bytes);
  }
  EXPECT_NE(test::hex(Bytes(seen[0]).first(32)), test::hex(Bytes(seen[1]).first(32)));
}

TEST_F(LindellSign, NoChangedByteGivesAWrongResult) {
  // Every byte of the three short messages, and of the ciphertext's each a twelfth.
  struct Case { PartyId from; std::uint8_t id; std::size_t size, step; };
  for (const Case c : {Case{kEvaluator, 1, 65, 1}, Case{kOwner, 2, 131, 1}, Case{kEvaluator, 3, 675, 12}, Case{kOwner, 4, 97, 1}})
    for (std::size_t at = 0; at < c.size; at += at < 163 ? c.step / 4 + 1 : c.step) {
      MemoryFuse fuse;
      SignRun run(curve_, keys_, fuse, session_, message_, random_);
      run.network.tamper = [&](Network::Message& m) {
        if (m.bytes[0] == c.id) {
          EXPECT_EQ(m.bytes.size(), c.size);
          m.bytes[at] ^= static_cast<std::uint8_t>(1u << random_.below(8));
        }
        return true;
      };
      run.network.run();
      EXPECT_FALSE(run.evaluator.done()) << int{c.id} << ' ' << at;
      EXPECT_EQ(run.owner.done(), c.id == 4) << int{c.id} << ' ' << at;
      const TwoPartySession& hit = c.from == kOwner ? static_cast<TwoPartySession&>(run.evaluator) : run.owner;
      if (at > 32 && hit.failure()) { EXPECT_EQ(hit.failure()->culprit, c.from); }
      // Only a changed ciphertext costs the key.
      const bool in_ciphertext = c.id == 3 && at >= 163;
      EXPECT_TRUE(!fuse.blown() || in_ciphertext) << at;
      if (in_ciphertext) { EXPECT_TRUE(fuse.blown() || run.owner.failure()->error.code == ErrorCode::kOutOfRange); }
    }
}

TEST_F(LindellSign, WrongLengths) {
  for (const std::uint8_t id : {1, 2, 3, 4})
    for (const int change : {-1, 1, -100}) {
      SignRun run(curve_, keys_, fuse_, session_, message_, random_);
      run.network.tamper = [&](Network::Message& m) {
        if (m.bytes[0] == id) m.bytes.resize(static_cast<std::size_t>(std::max(0, static_cast<int>(m.bytes.size()) + change)));
        return true;
      };
      run.network.run();
      EXPECT_FALSE(run.evaluator.done());
      EXPECT_FALSE(fuse_.blown());
    }
}

TEST_F(LindellSign, LossRepetitionReflectionAndOtherSessions) {
  for (const std::uint8_t lost : {1, 2, 3, 4}) {
    SignRun run(curve_, keys_, fuse_, session_, message_, random_);
    run.network.tamper = [&](Network::Message& m) { return m.bytes[0] != lost; };
    run.network.run();
    EXPECT_FALSE(run.evaluator.done());
    EXPECT_FALSE(fuse_.blown());
  }
  // Everything twice, everything back to where it came from, everything of an earlier session too: taken once.
  std::vector<Network::Message> earlier;
  for (int round = 0; round < 2; ++round) {
    SignRun run(curve_, keys_, fuse_, random_array<32>(random_), message_, random_);
    for (const Network::Message& m : earlier) run.network.inject(m);
    run.network.tamper = [&](Network::Message& m) {
      if (round == 0) earlier.push_back(m);
      run.network.inject(m);
      run.network.inject({m.to, m.from, m.bytes});
      return true;
    };
    run.network.run();
    EXPECT_TRUE(run.owner.done() && run.evaluator.done());
    EXPECT_TRUE(accepted(keys_.owner.key, message_, run.evaluator.signature()));
  }
  // The ciphertext before the commitment waits.
  SignRun run(curve_, keys_, fuse_, session_, message_, random_);
  const auto early = std::find_if(earlier.begin(), earlier.end(), [](const auto& m) { return m.bytes[0] == 3; });
  std::copy(session_.begin(), session_.end(), early->bytes.begin() + 1);
  run.network.inject(*early);
  run.network.run();
  EXPECT_FALSE(run.owner.done());  // and then is not what was committed to
  EXPECT_EQ(run.owner.failure()->error.code, ErrorCode::kMismatch);
  EXPECT_FALSE(fuse_.blown());
}

TEST_F(LindellSign, OtherMessageOtherKeyOtherEpoch) {
  const auto differ = [&](auto change) {
    Keys other = keys_;
    ByteArray<32> message = message_;
    change(other, message);
    OwnerSigner owner(curve_, keys_.owner, fuse_, sign_config(kOwner, session_, message_, random_));
    EvaluatorSigner evaluator(curve_, other.evaluator, x2_, sign_config(kEvaluator, session_, message, random_));
    Network network;
    network.join(kOwner, owner);
    network.join(kEvaluator, evaluator);
    network.run();
    EXPECT_FALSE(owner.done());
    EXPECT_FALSE(evaluator.done());
    EXPECT_FALSE(fuse_.blown());
  };
  differ([](Keys&, ByteArray<32>& message) { message[0] ^= 1; });
  differ([](Keys& keys, ByteArray<32>&) { keys.evaluator.epoch = 2; });
  differ([&](Keys& keys, ByteArray<32>&) { keys.evaluator.key = crypto::negate(keys.evaluator.key); });
  // A wallet whose share is wrong does not begin: it would cost the card its key.
  EvaluatorSigner wrong(curve_, keys_.evaluator, x1_, sign_config(kEvaluator, session_, message_, random_));
  Network network;
  network.join(kEvaluator, wrong);
  network.run();
  EXPECT_EQ(wrong.failure()->error.code, ErrorCode::kState);
  EXPECT_FALSE(wrong.failure()->culprit);
}

struct Port final : Transport {
  Status send(PartyId, Bytes m) override {
    last.assign(m.begin(), m.end());
    return {};
  }
  std::vector<std::uint8_t> last;
};
template <typename Message>
std::vector<std::uint8_t> encoded(const Message& message) {
  std::vector<std::uint8_t> out(Message::kMaxBytes);
  EXPECT_TRUE(message.encode(out).ok());
  return out;
}
/// What both sides' proofs are bound to, computed here once more.
Context sign_context(const SignConfig& config, const OwnerKey& key) {
  return Transcript("touchstone/lindell/sign").add(config.session).add_u32(kOwner).add_u32(kEvaluator).add_u32(key.epoch)
      .add(key.paillier.public_key().n().to_bytes()).add(crypto::compress(key.key)).add(config.message_hash).digest();
}

/// As the wallet, but c3 is what the test says.
Result<Signature> sign_with(HostCurve& curve, const OwnerKey& owner_key, KeyFuse& fuse, const ByteArray<32>& message, const Scalar& k2, Random& random,
                            const std::function<std::optional<PaillierPublicKey::Ciphertext>(const Scalar& r)>& ciphertext) {
  Port port;
  SignConfig config = sign_config(kOwner, random_array<32>(random), message, random);
  OwnerSigner owner(curve, owner_key, fuse, config);
  if (const Status started = owner.start(port); !started) return started.error();
  const Context context = sign_context(config, owner_key);
  const KnownPoint nonce = *prove_knowledge(curve, k2, random_scalar(random), context, kEvaluator);
  const ByteArray<32> blind{};
  const auto send = [&](const auto& m) { return owner.receive(kEvaluator, encoded(m), port); };
  EXPECT_TRUE(send(wire::SignCommit{config.session, commit(blind, nonce.point, nonce.proof, context, kEvaluator)}).ok());
  const auto answer = *wire::SignNonce::decode(port.last);
  const Point r_point = *curve.multiply(k2, *crypto::decompress(curve, answer.nonce));
  const auto c3 = ciphertext(Scalar::from_bytes_reduce(r_point.x));
  if (!c3) return Error{ErrorCode::kAborted, "the attacker has given up before c3"};
  if (const auto out = send(wire::SignCipher{config.session, blind, nonce.point, nonce.proof, owner_key.paillier.public_key().to_bytes(*c3)}); !out)
    return out.error();
  return owner.signature();
}

/// CVE-2023-33242: k2 = 2^l and a plaintext divided by 2^l modulo N. It is a signature exactly if the bits of x1 below l are as
/// guessed. Returns how many low bits it has learnt for certain.
std::size_t abort_oracle(HostCurve& curve, const Keys& keys, KeyFuse& fuse, const Scalar& x1, Random& random, std::size_t tries) {
  const auto& paillier = keys.evaluator.paillier;
  const ByteArray<32> message{5};
  std::size_t known = 0;
  std::uint64_t low = 0;
  while (tries-- > 0) {
    const std::uint64_t guess = random.below(2);
    const std::size_t l = known + 1;
    const Scalar k2 = Scalar::from_u32(1u << l);
    const auto out = sign_with(curve, keys.owner, fuse, message, k2, random, [&](const Scalar& r) -> std::optional<PaillierPublicKey::Ciphertext> {
      const Natural<256> multiplier = natural(r);
      if (!multiplier.is_odd()) return std::nullopt;  // would not tell; another session costs nothing
      // T = r x1 + a + j q with j such that 2^l divides T if the guess is right.
      const Natural<256> q = Natural<256>::from_bytes(test::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
      Plaintext added = Plaintext::resized(natural(Scalar::from_bytes_reduce(message) + r * keys.share2));
      const std::uint64_t mask = (std::uint64_t{1} << l) - 1;
      const auto low_of = [](bignum::Limbs x) { return static_cast<std::uint64_t>(x[0]); };
      while (((low_of(multiplier) * (low | guess << known) + low_of(added)) & mask) != 0) bignum::add(added, added, Plaintext::resized(q));
      const auto total = paillier.add(paillier.encrypt(added, Plaintext(1)), paillier.multiply(keys.evaluator.share_ciphertext, multiplier));
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

TEST_F(LindellSign, AbortOracleEndsAtTheFirstWrongGuess) {
  // Every bit before the last was guessed right, which anybody does with probability one half a bit; the last is the one that the
  // failure tells. So two bits on average, ever.
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

TEST_F(LindellSign, ControlAbortOracleReadsOnWithoutTheFuse) {
  struct NoFuse final : KeyFuse {
    bool blown() const override { return false; }
    Status blow() override { return {}; }
    Status mend() override { return {}; }
  } no_fuse;
  EXPECT_EQ(abort_oracle(curve_, keys_, no_fuse, x1_, random_, 20), 20u);
}

TEST_F(LindellSign, FuseIsBlownBeforeDecryption) {
  // Power is lost in the decryption: what is stored says burnt.
  struct DyingFuse final : KeyFuse {
    bool blown() const override { return stored; }
    Status blow() override {
      stored = true;
      return {};
    }
    Status mend() override { return Error{ErrorCode::kStorage, "no power"}; }
    bool stored = false;
  } dying;
  SignRun run(curve_, keys_, dying, session_, message_, random_);
  run.network.run();
  EXPECT_FALSE(run.owner.done());
  EXPECT_EQ(run.owner.failure()->error.code, ErrorCode::kStorage);
  EXPECT_FALSE(run.evaluator.done());
  EXPECT_TRUE(dying.blown());
  // Storage that does not keep: nothing is decrypted.
  struct BrokenFuse final : KeyFuse {
    bool blown() const override { return false; }
    Status blow() override { return Error{ErrorCode::kStorage, "worn out"}; }
    Status mend() override { ADD_FAILURE(); return {}; }
  } broken;
  SignRun second(curve_, keys_, broken, session_, message_, random_);
  second.network.run();
  EXPECT_EQ(second.owner.failure()->error.code, ErrorCode::kStorage);
}

TEST_F(LindellSign, ParallelSessionsDecryptOneBadCiphertext) {
  MemoryFuse fuse;
  SignRun a(curve_, keys_, fuse, SessionId{1}, message_, random_), b(curve_, keys_, fuse, SessionId{2}, message_, random_);
  std::vector<Network::Message> ciphers;
  for (SignRun* run : {&a, &b}) {
    run->network.tamper = [&](Network::Message& m) {
      if (m.bytes[0] != 3) return true;
      m.bytes.back() ^= 1;
      ciphers.push_back(m);
      return false;
    };
    run->network.run();
  }
  ASSERT_EQ(ciphers.size(), 2u);
  a.network.inject(ciphers[0]);
  while (a.network.step()) {}
  EXPECT_EQ(a.owner.failure()->error.code, ErrorCode::kBadSignature);
  b.network.inject(ciphers[1]);
  while (b.network.step()) {}
  EXPECT_EQ(b.owner.failure()->error.code, ErrorCode::kState);
}

TEST_F(LindellSign, ControlOversizedShareTellsTheWalletsShare) {
  // What the range proof is for: c_key = Enc(x1 + q 2^700) lifts k2^-1 r above the mask, and one decryption gives x2.
  const Natural<256> q = Natural<256>::from_bytes(test::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
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
  const Context committed = Transcript("touchstone/lindell/sign/committed").add(sign_context(config, keys.owner))
      .add(wire::SignCommit::decode(port.last)->commitment).digest();
  const KnownPoint nonce = *prove_knowledge(curve_, random_scalar(random_), random_scalar(random_), committed, kOwner);
  const auto bytes = encoded(wire::SignNonce{session_, nonce.point, nonce.proof});
  ASSERT_TRUE(evaluator.receive(kOwner, bytes, port).ok());
  const auto cipher = *wire::SignCipher::decode(port.last);

  const auto plaintext = *keys.owner.paillier.decrypt(*keys.evaluator.paillier.parse_ciphertext(cipher.ciphertext));
  Plaintext quotient;
  Natural<1280> rest;
  bignum::divide(quotient, rest, plaintext, lifted);
  const Scalar v = Scalar::from_bytes_reduce(Natural<256>::resized(quotient).to_bytes());  // k2^-1 r
  const Scalar known = Scalar::from_bytes_reduce(remainder(plaintext, q).to_bytes());       // k2^-1 m + v (x1 + x2)
  const Point r_point = *curve_.multiply(nonce.secret, *crypto::decompress(curve_, cipher.nonce));
  const Scalar r = Scalar::from_bytes_reduce(r_point.x);
  const Scalar stolen = known * v.inverse() - Scalar::from_bytes_reduce(message_) * r.inverse() - x1_;
  EXPECT_TRUE(equal_constant_time(stolen, x2_));
}

}  // namespace
}  // namespace touchstone::mpc::lindell
