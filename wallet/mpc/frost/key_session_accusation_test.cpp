// Shares that do not fit, accusations true and false, and confirmations without a share.
#include <gtest/gtest.h>

#include <set>

#include "contract/frost.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Scalar;
namespace wire = contract::frost;

using FrostAccusation = FrostTest;

/// Adds 1 to a scalar that ends a message.
void spoil_last_scalar(Network::Message& m) {
  const MutableBytes last = MutableBytes(m.bytes).last(32);
  (Scalar::from_bytes_reduce(last) + Scalar::from_u32(1)).write_bytes(last);
}

TEST_F(FrostAccusation, ABadShareIsAnsweredInPublicOrBlamedByAll) {
  for (const bool answers : {true, false}) {
    for (const bool canonical : {true, false}) {
      const KeyPlan plan = plan_generation(2, first_parties(4));
      Crew<KeySession> crew;
      set_up(crew, plan);
      std::size_t answered = 0;
      crew.network.tamper = [&](Network::Message& m) {
        if (m.from != 2) return true;
        if (m.bytes[0] == wire::Share::kId && m.to != 4) {
          spoil_last_scalar(m);
          if (!canonical) std::fill(m.bytes.end() - 32, m.bytes.end(), 0xff);
        }
        if (m.bytes[0] == wire::Answer::kId) {
          ++answered;
          if (!answers) spoil_last_scalar(m);
        }
        return true;
      };
      crew.network.run();
      EXPECT_EQ(answered, 6u) << "to 1 and 3, heard by three";
      if (answers) {
        ASSERT_TRUE(crew.all_done());
        check_key(crew, plan);
      } else {
        crew.expect_blamed(2, 3);
      }
    }
  }
}

TEST_F(FrostAccusation, FalseAccusationsHarmNobody) {
  const KeyPlan plan = plan_generation(2, first_parties(3));
  for (const PartyId last_accused : {1, 3}) {  // 2 says that its shares are bad, and says so to all
    Crew<KeySession> crew;
    set_up(crew, plan);
    std::set<PartyId> answering;
    crew.network.tamper = [&](Network::Message& m) {
      if (m.to == 2 && m.from <= last_accused && m.bytes[0] == wire::Share::kId) spoil_last_scalar(m);
      if (m.bytes[0] == wire::Answer::kId) answering.insert(m.from);
      return true;
    };
    crew.network.run();
    EXPECT_EQ(answering, last_accused == 1 ? std::set<PartyId>({1}) : std::set<PartyId>({1, 3}));
    ASSERT_TRUE(crew.all_done());
    check_key(crew, plan);
  }
  for (const std::uint8_t nonsense : {0b010, 0b1000}) {  // itself; nobody
    Crew<KeySession> crew;
    set_up(crew, plan);
    crew.network.tamper = [&](Network::Message& m) {
      if (m.from == 2 && m.bytes[0] == wire::Verdict::kId) m.bytes[65] = nonsense;
      return true;
    };
    crew.network.run();
    crew.expect_blamed(2, 2);
  }
}

// The last party accuses party 1, tells one of the others alone, and says no more. Without their echoes, who has been
// told would wait for an answer that party 1 does not know of, and take its silence for guilt.
TEST_F(FrostAccusation, AnAccusationToldToOneEndsTheRunForAll) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const auto run = random_array<32>(random_);
  for (const KeyPlan& plan : {plan_generation(2, first_parties(3)), KeyPlan::refresh(group, run).value(),
                              KeyPlan::reshare(group, parties({1, 2}), parties({3, 4}), 2, run).value()}) {
    const PartyId liar = plan.receivers[plan.receivers.size() - 1];
    for (PartyId told = 1; told < liar; ++told) {
      Crew<KeySession> crew;
      set_up(crew, plan, plan.purpose == KeyPlan::Purpose::kGenerate ? Members() : members);
      crew.network.tamper = [&](Network::Message& m) {
        if (m.from == liar && m.to == told && m.bytes[0] == wire::Verdict::kId) m.bytes[65] = 0b001;
        return m.from != liar || m.bytes[0] <= wire::Verdict::kId;
      };
      crew.network.run();
      for (PartyId id = 1; id < liar; ++id) {
        EXPECT_EQ(crew.error_of(id), ErrorCode::kMismatch);
        EXPECT_FALSE(crew.culprit_of(id).has_value()) << "nobody can know who lies";
      }
    }
  }
}

TEST_F(FrostAccusation, WithoutTheShareThereIsNoConfirmation) {
  const KeyPlan plan = plan_generation(2, first_parties(3));
  Crew<KeySession> crew;
  set_up(crew, plan);
  crew.network.tamper = [&](Network::Message& m) {
    if (m.from == 2 && m.bytes[0] == wire::Confirm::kId) spoil_last_scalar(m);
    return true;
  };
  crew.network.run();
  crew.expect_blamed(2, 2);
}

}  // namespace
}  // namespace touchstone::mpc::frost
