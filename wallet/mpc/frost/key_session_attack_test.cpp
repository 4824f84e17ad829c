// Parties that cheat while a key is made, refreshed or moved.
#include <gtest/gtest.h>

#include "contract/frost.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Point;
using crypto::Scalar;
namespace wire = contract::frost;

/// A dealer written apart from KeySession, up to its shares, that can be made to cheat.
class Dealer final : public Session {
 public:
  enum class Cheat {
    kNone,
    kBadProof,
    kProofOfOtherParty,
    kProofOfOtherSession,
    kProofOfOtherEpoch,
    kProofOfOtherRole,
    kOneTooFew,
    kOneTooMany,
    kOpensOther,  // another polynomial than committed to
    kPointOffTheCurve,
    kPointAtInfinity,
    kCancelsAnother,  // rogue key: its constant takes away what `other` is known to bring
    kEquivocates,     // a polynomial for even parties, another for odd ones
  };

  Dealer(crypto::Curve& curve, const KeyPlan& plan, PartyId own, const Scalar& constant, Random& random, Cheat cheat,
         const Point& other = {})
      : curve_(curve), plan_(plan), own_(own), cheat_(cheat), other_(other) {
    for (Version& version : versions_) {
      version.polynomial.push_back(constant);
      for (int m = 1; m < plan.threshold; ++m) version.polynomial.push_back(scalar(random));
      make_open(version, random);
    }
    if (cheat_ != Cheat::kEquivocates) versions_[1] = versions_[0];
    for (Version& version : versions_) version.digest = digest(version);
    if (cheat_ == Cheat::kOpensOther) {
      for (Version& version : versions_) version.polynomial[1] += Scalar::from_u32(1), make_open(version, random);
    }
  }

  Status start(Transport& t) override {
    each([&](PartyId to, const Version& version) {
      wire::Commit m;
      m.digest = version.digest;
      send(t, to, m);
    });
    return {};
  }
  Result<Delivery> receive(PartyId, Bytes m, Transport& t) override {
    const std::size_t others = plan_.participants.size() - 1, dealers = plan_.dealers.size() - 1;
    if (m[0] == wire::Commit::kId && ++commits_ == dealers) {
      each([&](PartyId to, const Version& version) {
        wire::Open open;
        open.commitments = version.commitments;
        open.proof_nonce = version.proof.nonce;
        open.proof = version.proof.response;
        send(t, to, open);
      });
    }
    if (m[0] == wire::Open::kId && ++opens_ == others) {
      each([&](PartyId to, const Version& version) {
        wire::Share share;
        Scalar value;
        for (std::size_t k = version.polynomial.size(); k-- > 0;)
          value = value * Scalar::from_u32(to) + version.polynomial[k];
        share.share = value.to_bytes();
        send(t, to, share);
      });
    }
    return Delivery::kTaken;
  }
  bool done() const override { return false; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override {}

 private:
  struct Version {
    std::vector<Scalar> polynomial;
    std::vector<std::uint8_t> commitments;
    KnowledgeProof proof;
    ByteArray<32> digest;
  };

  static Scalar scalar(Random& random) { return Scalar::from_bytes_reduce(random_array<32>(random)); }
  template <typename F>
  void each(F&& say) {
    for (const PartyId to : plan_.participants)
      if (to != own_) say(to, versions_[to % 2]);
  }
  template <typename Message>
  void send(Transport& t, PartyId to, Message m) {
    m.session = plan_.session_id();
    ByteArray<Message::kMaxBytes> buffer;
    (void)t.send(to, m.encode(buffer).value());
  }
  void make_open(Version& version, Random& random) {
    version.commitments.clear();
    const std::size_t first = plan_.purpose == KeyPlan::Purpose::kRefresh ? 1 : 0;
    Point statement;
    for (std::size_t m = first; m < version.polynomial.size(); ++m) {
      Point point = curve_.multiply_base(version.polynomial[m]).value();
      if (m == first && cheat_ == Cheat::kCancelsAnother) point = curve_.add(point, crypto::negate(other_)).value();
      if (m == first) statement = point;
      auto bytes = crypto::compress(point);
      if (m == 1 && cheat_ == Cheat::kPointOffTheCurve) bytes = {2, 0, 0, 0, 5};
      if (m == 1 && cheat_ == Cheat::kPointAtInfinity) bytes = {};
      version.commitments.insert(version.commitments.end(), bytes.begin(), bytes.end());
    }
    if (cheat_ == Cheat::kOneTooFew) version.commitments.resize(version.commitments.size() - 33);
    if (cheat_ == Cheat::kOneTooMany) {
      const auto extra = crypto::compress(crypto::generator());
      version.commitments.insert(version.commitments.end(), extra.begin(), extra.end());
    }
    SessionId session = plan_.session_id();
    session[0] ^= cheat_ == Cheat::kProofOfOtherSession;
    Transcript context("touchstone/frost/proof of possession");
    context.add(session).add_u32(cheat_ == Cheat::kProofOfOtherParty ? 1 : own_);
    context.add_u32(cheat_ == Cheat::kProofOfOtherRole ? wire::Confirm::kId : wire::Open::kId);
    context.add_u32(cheat_ == Cheat::kProofOfOtherEpoch ? plan_.epoch - 1 : plan_.epoch);
    version.proof = prove_knowledge(curve_, context, version.polynomial[first], statement, scalar(random)).value();
    version.proof.response[31] ^= cheat_ == Cheat::kBadProof;
  }
  ByteArray<32> digest(const Version& version) const {
    Transcript out("touchstone/frost/commit");
    out.add(plan_.session_id()).add_u32(own_).add(version.commitments);
    return out.add(version.proof.nonce).add(version.proof.response).digest();
  }

  crypto::Curve& curve_;
  KeyPlan plan_;
  PartyId own_;
  Cheat cheat_;
  Point other_;
  std::array<Version, 2> versions_;
  std::size_t commits_ = 0, opens_ = 0;
  std::optional<Failure> failure_;
};
using Cheat = Dealer::Cheat;

/// Says under its own name what party 1 says.
class Parrot final : public Session {
 public:
  Status start(Transport&) override { return {}; }
  Result<Delivery> receive(PartyId from, Bytes m, Transport& t) override {
    if (from == 1) TS_RETURN_IF_ERROR(t.send(kEverybody, m));
    return Delivery::kTaken;
  }
  bool done() const override { return false; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override {}

 private:
  std::optional<Failure> failure_;
};

class FrostKeyAttack : public FrostTest {
 protected:
  /// The run with `cheater` in the place of `id`.
  void run_against(Crew<KeySession>& crew, const KeyPlan& plan, PartyId id, Session& cheater, const Members& old = {}) {
    set_up(crew, plan, old);
    crew.network.join(id, cheater);
    crew.network.run();
  }
};

TEST_F(FrostKeyAttack, EveryCheatOfADealerIsFoundAndBlamed) {
  const std::map<Cheat, ErrorCode> expected = {{Cheat::kBadProof, ErrorCode::kBadSignature},
                                               {Cheat::kProofOfOtherParty, ErrorCode::kBadSignature},
                                               {Cheat::kProofOfOtherSession, ErrorCode::kBadSignature},
                                               {Cheat::kProofOfOtherEpoch, ErrorCode::kBadSignature},
                                               {Cheat::kProofOfOtherRole, ErrorCode::kBadSignature},
                                               {Cheat::kCancelsAnother, ErrorCode::kBadSignature},
                                               {Cheat::kOneTooFew, ErrorCode::kBadFormat},
                                               {Cheat::kOneTooMany, ErrorCode::kBadFormat},
                                               {Cheat::kOpensOther, ErrorCode::kMismatch},
                                               {Cheat::kPointOffTheCurve, ErrorCode::kNotOnCurve},
                                               {Cheat::kPointAtInfinity, ErrorCode::kBadFormat}};
  for (const auto& [cheat, code] : expected) {
    SCOPED_TRACE(static_cast<int>(cheat));
    const KeyPlan plan = plan_generation(3, first_parties(4));
    Crew<KeySession> crew;
    Dealer dealer(curve_, plan, 2, fresh_scalar(), random_, cheat, *curve_.multiply_base(Scalar::from_u32(5)));
    run_against(crew, plan, 2, dealer);
    crew.expect_blamed(2, 3);
    for (const PartyId id : {1, 3, 4}) EXPECT_EQ(crew.error_of(id), code);
  }
}

// The control of the test above: the same dealer without a cheat gets as far as it goes.
TEST_F(FrostKeyAttack, TheDealerOfTheseTestsIsFoundHonestWhenItIs) {
  const KeyPlan plan = plan_generation(3, first_parties(4));
  Crew<KeySession> crew;
  Dealer dealer(curve_, plan, 2, fresh_scalar(), random_, Cheat::kNone);
  std::size_t verdicts = 0;
  crew.network.tamper = [&](const Network::Message& m) {
    const auto verdict = wire::Verdict::decode(m.bytes);
    EXPECT_TRUE(!verdict || verdict->accused == 0);
    verdicts += verdict.ok();
    return true;
  };
  run_against(crew, plan, 2, dealer);
  EXPECT_EQ(verdicts, 9u);
  for (const PartyId id : {1, 3, 4}) EXPECT_FALSE(crew.of(id).failure().has_value());
}

TEST_F(FrostKeyAttack, EquivocationIsFoundByAll) {
  for (const bool refreshes : {false, true}) {
    Members members;
    const Parties all = first_parties(4);
    const KeyPlan plan = refreshes ? KeyPlan::refresh(generate(2, all, members), random_array<32>(random_)).value()
                                   : plan_generation(2, all);
    Crew<KeySession> crew;
    Dealer dealer(curve_, plan, 2, refreshes ? Scalar() : fresh_scalar(), random_, Cheat::kEquivocates);
    run_against(crew, plan, 2, dealer, members);
    for (const PartyId id : {1, 3, 4}) {
      EXPECT_EQ(crew.error_of(id), ErrorCode::kMismatch);
      EXPECT_FALSE(crew.culprit_of(id).has_value()) << "1, 3 and 4 cannot know who lies";
    }
  }
}

TEST_F(FrostKeyAttack, RepeatingAnothersMessagesIsFoundAndBlamed) {
  const KeyPlan plan = plan_generation(2, first_parties(3));
  Crew<KeySession> crew;
  Parrot parrot;
  run_against(crew, plan, 2, parrot);
  crew.expect_blamed(2, 2);
  EXPECT_EQ(crew.error_of(3), ErrorCode::kMismatch);
}

TEST_F(FrostKeyAttack, AResharingDealerMustDealItsShare) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const Parties dealers = parties({1, 2});
  const KeyPlan plan = KeyPlan::reshare(group, dealers, parties({1, 2, 4}), 2, random_array<32>(random_)).value();
  const Scalar share = *open_offset(members.at(2).pad, members.at(2).offset, group, 2);
  for (const bool honest : {true, false}) {
    Crew<KeySession> crew;
    const Scalar constant = lagrange_coefficient(dealers, 2) * share + Scalar::from_u32(honest ? 0 : 1);
    Dealer dealer(curve_, plan, 2, constant, random_, Cheat::kNone);
    run_against(crew, plan, 2, dealer, members);
    if (honest) {
      for (const PartyId id : {1, 4}) EXPECT_FALSE(crew.of(id).failure().has_value());
      continue;
    }
    crew.expect_blamed(2, 2);
    EXPECT_EQ(crew.error_of(4), ErrorCode::kMismatch);
  }
}

TEST_F(FrostKeyAttack, ANewPartyTakesNoSharesOfAnotherKey) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const auto run = random_array<32>(random_);
  const KeyPlan plan = KeyPlan::reshare(group, parties({1, 2}), parties({1, 2, 4}), 2, run).value();
  // A record of another key: the new party does not even hear the others.
  GroupKey other = group;
  other.point = crypto::negate(other.point);
  {
    Crew<KeySession> crew;
    set_up(crew, plan, members);
    const auto random32 = random_array<32>(random_);
    KeySession misled(curve_, KeyPlan::reshare(other, plan.dealers, plan.receivers, 2, run).value(), 4,
                      {fresh_scalar(), {}, random32});
    crew.network.join(4, misled);
    crew.network.run();
    EXPECT_FALSE(misled.done());
    EXPECT_FALSE(crew.of(1).done() || crew.of(2).done());
  }
  // All have a record whose shares are not of its key.
  Crew<KeySession> crew;
  const KeyPlan inconsistent = KeyPlan::reshare(other, plan.dealers, plan.receivers, 2, run).value();
  for (const PartyId id : inconsistent.participants) {
    const auto random32 = random_array<32>(random_);
    const Scalar share = id == 4 ? Scalar() : *open_offset(members.at(id).pad, members.at(id).offset, group, id);
    crew.add(id, curve_, inconsistent, id, KeyInput{fresh_scalar(), share, random32});
  }
  crew.network.run();
  for (const PartyId id : inconsistent.participants) EXPECT_EQ(crew.error_of(id), ErrorCode::kMismatch);
}

}  // namespace
}  // namespace touchstone::mpc::frost
