// Set-up and what follows: signing, sealing, a burnt key and its replacement, changed and reordered messages.
#include <gtest/gtest.h>

#include "lindell_test_support.h"
#include "support/hex.h"

namespace touchstone::mpc::lindell {
namespace {

using namespace test_support;

class LindellSetup : public ::testing::Test {
 protected:
  SetupConfig config(PartyId own) { return setup_config(own, session_, random_); }
  HostCurve curve_;
  Random random_ = SeedTree(22).stream("lindell setup");
  Scalar x1_ = random_scalar(random_), x2_ = random_scalar(random_);
  SessionId session_ = random_array<32>(random_);
};

TEST_F(LindellSetup, MakesAKeyThatSignsAndSeals) {
  SetupRun run(curve_, x1_, x2_, config(kOwner), config(kEvaluator));
  std::size_t state = 1;
  run.network.pick = [&](std::size_t waiting) { return (state = state * 1103515245u + 12345u) / 65536u % waiting; };
  run.network.tamper = [&](Network::Message& m) {
    if (m.bytes[0] >= 8) run.network.inject(m);  // twice, in any order
    return true;
  };
  run.network.run();
  ASSERT_TRUE(run.owner.done() && run.evaluator.done());
  const OwnerKey owner = run.owner.key();
  const EvaluatorKey evaluator = run.evaluator.key();
  const Point expected = *curve_.multiply_base(x1_ + x2_);
  EXPECT_TRUE(crypto::equal(owner.key, expected) && crypto::equal(evaluator.key, expected));

  const ByteArray<32> root = random_array<32>(random_), message = random_array<32>(random_);
  const SealedKey sealed = seal(owner, root, random_array<32>(random_));
  const auto opened = open(curve_, sealed, root, 1, owner.key);
  ASSERT_TRUE(opened.ok());
  MemoryFuse fuse;
  OwnerSigner owner_signer(curve_, *opened, fuse, sign_config(kOwner, session_, message, random_));
  EvaluatorSigner evaluator_signer(curve_, evaluator, x2_, sign_config(kEvaluator, session_, message, random_));
  Network network;
  network.join(kOwner, owner_signer);
  network.join(kEvaluator, evaluator_signer);
  network.run();
  ASSERT_TRUE(evaluator_signer.done());
  EXPECT_TRUE(crypto::ecdsa_verify(curve_, expected, message, evaluator_signer.signature().bytes).ok());

  // Nothing else opens it: another root, epoch, key, or any changed byte.
  ByteArray<32> other_root = root;
  other_root[5] ^= 1;
  EXPECT_EQ(open(curve_, sealed, other_root, 1, owner.key).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(open(curve_, sealed, root, 2, owner.key).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(open(curve_, sealed, root, 1, crypto::negate(owner.key)).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(open(curve_, Bytes(sealed).first(100), root, 1, owner.key).error().code, ErrorCode::kBadFormat);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    SealedKey changed = sealed;
    changed[at] ^= 0x10;
    EXPECT_FALSE(open(curve_, changed, root, 1, owner.key).ok()) << at;
  }
}

/// The owner's key before a set-up, with its fuse.
struct Before {
  Before(HostCurve& curve, const Scalar& x1, const Scalar& x2)
      : key{paillier_key(), *curve.multiply_base(x1), *curve.multiply_base(x1 + x2), 1} {}
  FormerKey former() const { return lindell::former(key, fuse); }
  /// Why the owner does not begin to set up another one; "" if it does.
  std::string refusal(HostCurve& curve, const Scalar& share, SetupConfig config) const {
    OwnerSetup session(curve, paillier_key(), share, config, former());
    Port port;
    const Status started = session.start(port);
    if (started) return "";
    EXPECT_EQ(started.error().code, ErrorCode::kState);
    EXPECT_FALSE(session.failure()->culprit);
    return started.error().what;
  }
  OwnerKey key;
  MemoryFuse fuse;
};

TEST_F(LindellSetup, ABurntKeyIsReplacedByFreshSharesOfTheSameKey) {
  Before burnt(curve_, x1_, x2_);
  ASSERT_TRUE(burnt.fuse.blow().ok());
  const Scalar delta = random_scalar(random_);
  SetupConfig owner = config(kOwner), evaluator = config(kEvaluator);
  owner.epoch = evaluator.epoch = 2;
  owner.pinned_key = evaluator.pinned_key = burnt.key.key;
  // Neither the old share nor the old epoch comes back.
  EXPECT_EQ(burnt.refusal(curve_, x1_, owner), "the share of a burnt key must be refreshed");
  SetupConfig old = owner;
  old.epoch = 1;
  EXPECT_EQ(burnt.refusal(curve_, x1_ + delta, old), "the share of a burnt key must be refreshed");
  SetupRun run(curve_, x1_ + delta, x2_ - delta, owner, evaluator, burnt.former());
  run.network.run();
  ASSERT_TRUE(run.owner.done() && run.evaluator.done());
  EXPECT_TRUE(crypto::equal(run.owner.key().key, burnt.key.key));
  EXPECT_EQ(run.owner.key().burns, 1u);
}

TEST_F(LindellSetup, TooManyBurnsRetireAnAccount) {
  Before before(curve_, x1_, x2_);
  SetupConfig next = config(kOwner);
  next.epoch = 2;
  next.pinned_key = before.key.key;
  const Scalar share = x1_ + random_scalar(random_);
  const ByteArray<32> root{1}, salt{2};
  for (std::uint32_t burns = 0; burns < kMaxBurns; ++burns) {
    // A key that has not burnt counts for none, and storage forgets nothing.
    before.key.burns = burns;
    const auto kept = open(curve_, seal(before.key, root, salt), root, 1, before.key.key);
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(kept->burns, burns);
    EXPECT_EQ(before.former().burns, burns);
    EXPECT_EQ(before.refusal(curve_, share, next), "");
    ASSERT_TRUE(before.fuse.blow().ok());
    EXPECT_EQ(before.former().burns, burns + 1);
    EXPECT_EQ(before.refusal(curve_, share, next),
              burns + 1 < kMaxBurns ? "" : "the account is retired: too many of its keys have burnt");
    ASSERT_TRUE(before.fuse.mend().ok());
  }
  // Another X is no way around the count.
  before.key.burns = kMaxBurns;
  for (const auto& other : {std::optional(before.key.own_point), std::optional<Point>()}) {
    next.pinned_key = other;
    EXPECT_EQ(before.refusal(curve_, share, next), "the account is retired: too many of its keys have burnt");
  }
}

TEST_F(LindellSetup, AnotherXWithTheSameShareInheritsTheCount) {
  Before before(curve_, x1_, x2_);
  before.key.burns = 1;
  SetupConfig owner = config(kOwner), evaluator = config(kEvaluator);
  owner.epoch = evaluator.epoch = 2;
  const Scalar other_share = random_scalar(random_);
  {
    SetupRun run(curve_, x1_, other_share, owner, evaluator, before.former());
    run.network.run();
    ASSERT_TRUE(run.owner.done() && run.evaluator.done());
    EXPECT_FALSE(crypto::equal(run.owner.key().key, before.key.key));
    EXPECT_EQ(run.owner.key().burns, 1u);
  }
  // What is known of the share of a burnt key is known under every X.
  ASSERT_TRUE(before.fuse.blow().ok());
  EXPECT_EQ(before.refusal(curve_, x1_, owner), "the share of a burnt key must be refreshed");
  owner.pinned_key = *curve_.multiply_base(x1_ + other_share);
  EXPECT_EQ(before.refusal(curve_, x1_, owner), "the share of a burnt key must be refreshed");
  EXPECT_EQ(before.refusal(curve_, x1_ + other_share, owner), "");
}

TEST_F(LindellSetup, AKeyThatBurnsWhileItsSuccessorIsMadeIsCounted) {
  // The evaluator sets up the next key under the same share and, before it ends that, has the former decrypt what is none.
  const Plaintext wrong = Plaintext::resized(natural(x1_ + Scalar::from_u32(1)));
  const Keys keys(curve_, x1_, x2_, wrong, random_);
  const ByteArray<32> message = random_array<32>(random_);
  for (const bool burns : {false, true}) {
    MemoryFuse fuse;
    SetupConfig owner = config(kOwner), evaluator = config(kEvaluator);
    owner.pinned_key = evaluator.pinned_key = keys.owner.key;
    SetupRun run(curve_, x1_, x2_, owner, evaluator, former(keys.owner, fuse));
    run.network.tamper = [&](Network::Message& m) {
      if (!burns || m.bytes[0] != wire::SetupOpen::kId) return true;
      SignRun beside(curve_, keys, fuse, random_array<32>(random_), message, random_);
      beside.network.run();
      return true;
    };
    run.network.run();
    EXPECT_EQ(fuse.blown(), burns);
    EXPECT_EQ(run.owner.done(), !burns);
    EXPECT_EQ(run.evaluator.done(), !burns);
    if (!burns) continue;
    ASSERT_TRUE(run.owner.failure());
    EXPECT_EQ(run.owner.failure()->error.code, ErrorCode::kState);
    EXPECT_STREQ(run.owner.failure()->error.what, "the former key has burnt meanwhile");
    // Begun again it knows of the burn.
    EXPECT_EQ(former(keys.owner, fuse).burns, 1u);
  }
}

TEST_F(LindellSetup, AnotherKeyThanThePinnedOneIsRefusedByBoth) {
  SetupConfig owner = config(kOwner), evaluator = config(kEvaluator);
  owner.pinned_key = evaluator.pinned_key = *curve_.multiply_base(x1_ + x2_ + Scalar::from_u32(1));
  SetupRun run(curve_, x1_, x2_, owner, evaluator);
  run.network.run();
  EXPECT_EQ(run.evaluator.failure()->error.code, ErrorCode::kMismatch);
  EXPECT_FALSE(run.evaluator.failure()->culprit) << "the wrong share may be its own";
  EXPECT_FALSE(run.owner.done());
  // An evaluator that goes on all the same.
  OwnerSetup refusing(curve_, paillier_key(), x1_, owner);
  Port port;
  ASSERT_TRUE(refusing.start(port).ok());
  const Context context = Transcript("touchstone/lindell/setup")
                              .add(session_)
                              .add_u32(kOwner)
                              .add_u32(kEvaluator)
                              .add_u32(owner.epoch)
                              .add(crypto::compress(*owner.pinned_key))
                              .digest();
  const KnownPoint known = *prove_knowledge(curve_, x2_, random_scalar(random_), context, kEvaluator);
  wire::SetupHello hello{.session = session_};
  const ByteArray<32> blind{};
  hello.commitment = commit(blind, known.point, known.proof, context, kEvaluator);
  pedersen_key().prove(hello, context, random_array<32>(random_));
  ASSERT_TRUE(refusing.receive(kEvaluator, encoded(hello), port).ok());
  const wire::SetupOpen opened{session_, blind, known.point, known.proof};
  EXPECT_EQ(refusing.receive(kEvaluator, encoded(opened), port).error().code, ErrorCode::kMismatch);
  EXPECT_FALSE(refusing.failure()->culprit);
  // The shares' sum must not be infinity.
  SetupRun zero(curve_, x1_, -x1_, config(kOwner), config(kEvaluator));
  zero.network.run();
  EXPECT_EQ(zero.evaluator.failure()->error.code, ErrorCode::kInfinity);
}

TEST_F(LindellSetup, NobodyIsBlamedForALinkThatTakesNoMessage) {
  Port port, refusing;
  refusing.refuses = true;
  EvaluatorSetup silenced(curve_, pedersen_key(), x2_, config(kEvaluator));
  EXPECT_EQ(silenced.start(refusing).error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(silenced.failure()->culprit);
  EvaluatorSetup evaluator(curve_, pedersen_key(), x2_, config(kEvaluator));
  OwnerSetup owner(curve_, paillier_key(), x1_, config(kOwner));
  ASSERT_TRUE(evaluator.start(port).ok() && owner.start(port).ok());
  EXPECT_EQ(owner.receive(kEvaluator, port.last, refusing).error().code, ErrorCode::kTooLarge);
  EXPECT_FALSE(owner.failure()->culprit);
}

TEST_F(LindellSetup, NoChangedByteIsAccepted) {
  // An honest run is recorded; then one side again, with the same random bytes, hears it with one bit changed, in every
  // field of every kind of message.
  const SetupConfig owner_config = config(kOwner), evaluator_config = config(kEvaluator);
  std::vector<Network::Message> to_owner, to_evaluator;
  SetupRun honest(curve_, x1_, x2_, owner_config, evaluator_config);
  honest.network.tamper = [&](Network::Message& m) {
    (m.to == kOwner ? to_owner : to_evaluator).push_back(m);
    return true;
  };
  honest.network.run();
  ASSERT_TRUE(honest.owner.done() && honest.evaluator.done());
  Port unheard;
  const auto replay = [&](TwoPartySession& session, const std::vector<Network::Message>& messages, std::uint8_t id,
                          std::size_t at) {
    ASSERT_TRUE(session.start(unheard).ok());
    bool changed = false;
    for (Network::Message m : messages) {
      if (m.bytes[0] == id && !changed) {
        m.bytes.at(at) ^= static_cast<std::uint8_t>(1u << random_.below(8));
        changed = true;
      }
      if (!session.receive(m.from, m.bytes, unheard).ok()) break;
    }
    EXPECT_TRUE(changed);
    EXPECT_FALSE(session.done()) << int{id} << ' ' << at;
    ASSERT_TRUE(session.failure()) << int{id} << ' ' << at;
    EXPECT_EQ(session.failure()->culprit, messages[0].from);
  };
  const std::vector<std::pair<std::uint8_t, std::vector<std::size_t>>> for_owner = {
      {5, {40, 70, 200, 400, 700, 900, 1100, 2000, 7200}}, {10, {40, 80, 120}}};
  for (const auto& [id, places] : for_owner)
    for (const std::size_t at : places) {
      OwnerSetup again(curve_, paillier_key(), x1_, owner_config);
      replay(again, to_owner, id, at);
    }
  const std::vector<std::pair<std::uint8_t, std::vector<std::size_t>>> for_evaluator = {
      {6, {40, 80, 200, 500, 1000, 1600, 1690}},
      {7, {100, 300, 600, 900, 1200, 1500, 1800, 1900, 2200, 2500, 2900}},
      {8, {34, 60}},
      {9, {36, 100}},
      {11, {40}}};
  for (const auto& [id, places] : for_evaluator)
    for (const std::size_t at : places) {
      EvaluatorSetup again(curve_, pedersen_key(), x2_, evaluator_config);
      replay(again, to_evaluator, id, at);
    }
}

TEST_F(LindellSetup, LostMessagesAndForeignSessionsLeadNowhere) {
  for (const std::uint8_t lost : {5, 7, 10}) {
    SetupRun run(curve_, x1_, x2_, config(kOwner), config(kEvaluator));
    run.network.tamper = [&](Network::Message& m) { return m.bytes[0] != lost; };
    run.network.run();
    EXPECT_FALSE(run.evaluator.done());
    EXPECT_FALSE(run.owner.done());
  }
  SetupConfig other = config(kOwner);
  other.session[3] ^= 1;
  SetupRun run(curve_, x1_, x2_, other, config(kEvaluator));
  run.network.run();
  EXPECT_FALSE(run.owner.done() || run.owner.failure());
  // Epochs that differ: the owner's view of the context is another.
  SetupConfig later = config(kOwner);
  later.epoch = 9;
  SetupRun epochs(curve_, x1_, x2_, later, config(kEvaluator));
  epochs.network.run();
  EXPECT_EQ(epochs.owner.failure()->error.code, ErrorCode::kMismatch);
}

}  // namespace
}  // namespace touchstone::mpc::lindell
