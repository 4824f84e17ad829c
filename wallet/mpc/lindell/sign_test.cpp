// Signing: many keys judged by libsecp256k1, changed, repeated, lost and foreign messages, the fuse, and the two
// attacks that its rules are for: abort oracle and oversized share.
#include <gtest/gtest.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "lindell_test_support.h"
#include "support/hex.h"

namespace touchstone::mpc::lindell {
namespace {

using namespace test_support;

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
         secp256k1_ecdsa_recoverable_signature_parse_compact(context, &recoverable, signature.bytes.data(),
                                                             signature.recovery_id) == 1 &&
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
  // The nonces follow session and commitment: no nonce comes twice, and neither side signs with a nonce of the message
  // alone.
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
  struct Case {
    PartyId from;
    std::uint8_t id;
    std::size_t size, step;
  };
  for (const Case c :
       {Case{kEvaluator, 1, 65, 1}, Case{kOwner, 2, 131, 1}, Case{kEvaluator, 3, 675, 12}, Case{kOwner, 4, 97, 1}})
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
      if (at > 32 && hit.failure()) {
        EXPECT_EQ(hit.failure()->culprit, c.from);
      }
      // Only a changed ciphertext costs the key.
      const bool in_ciphertext = c.id == 3 && at >= 163;
      EXPECT_TRUE(!fuse.blown() || in_ciphertext) << at;
      if (in_ciphertext) {
        EXPECT_TRUE(fuse.blown() || run.owner.failure()->error.code == ErrorCode::kOutOfRange);
      }
    }
}

TEST_F(LindellSign, WrongLengths) {
  for (const std::uint8_t id : {1, 2, 3, 4})
    for (const int change : {-1, 1, -100}) {
      SignRun run(curve_, keys_, fuse_, session_, message_, random_);
      run.network.tamper = [&](Network::Message& m) {
        if (m.bytes[0] == id)
          m.bytes.resize(static_cast<std::size_t>(std::max(0, static_cast<int>(m.bytes.size()) + change)));
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

TEST_F(LindellSign, NobodyIsBlamedForALinkThatTakesNoMessage) {
  Port port, refusing;
  refusing.refuses = true;
  const auto expect_ours = [](const Session& session) {
    ASSERT_TRUE(session.failure());
    EXPECT_EQ(session.failure()->error.code, ErrorCode::kTooLarge);
    EXPECT_FALSE(session.failure()->culprit);
  };
  SignRun silenced(curve_, keys_, fuse_, session_, message_, random_);
  EXPECT_FALSE(silenced.evaluator.start(refusing).ok());
  expect_ours(silenced.evaluator);
  SignRun run(curve_, keys_, fuse_, session_, message_, random_);
  ASSERT_TRUE(run.owner.start(port).ok() && run.evaluator.start(port).ok());
  EXPECT_FALSE(run.owner.receive(kEvaluator, port.last, refusing).ok());
  expect_ours(run.owner);
}

TEST_F(LindellSign, FuseIsBlownBeforeDecryption) {
  // Power is lost in the decryption: what is stored says burnt.
  struct DyingFuse final : Fuse {
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
  struct BrokenFuse final : Fuse {
    bool blown() const override { return false; }
    Status blow() override { return Error{ErrorCode::kStorage, "worn out"}; }
    Status mend() override {
      ADD_FAILURE();
      return {};
    }
  } broken;
  SignRun second(curve_, keys_, broken, session_, message_, random_);
  second.network.run();
  EXPECT_EQ(second.owner.failure()->error.code, ErrorCode::kStorage);
}

TEST_F(LindellSign, ParallelSessionsDecryptOneBadCiphertext) {
  MemoryFuse fuse;
  SignRun a(curve_, keys_, fuse, SessionId{1}, message_, random_),
      b(curve_, keys_, fuse, SessionId{2}, message_, random_);
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
  while (a.network.step()) {
  }
  EXPECT_EQ(a.owner.failure()->error.code, ErrorCode::kBadSignature);
  b.network.inject(ciphers[1]);
  while (b.network.step()) {
  }
  EXPECT_EQ(b.owner.failure()->error.code, ErrorCode::kState);
}

}  // namespace
}  // namespace touchstone::mpc::lindell
