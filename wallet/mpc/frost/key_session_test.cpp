// Honest runs: a new key, a refresh, other parties; and what is stored of them.
#include "mpc_frost/key_session.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "contract/frost.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Scalar;

class FrostKeys : public FrostTest {
 protected:
  /// A run of `plan` in which everybody is honest.
  GroupKey carry_out(const KeyPlan& plan, Members& members) {
    Crew<KeySession> run;
    set_up(run, plan, members);
    run.network.run();
    EXPECT_TRUE(run.all_done());
    check_key(run, plan);
    for (const PartyId id : plan.participants) members.erase(id);
    members.merge(members_of(run, plan));
    return run.of(plan.participants[0]).key();
  }
};

TEST_F(FrostKeys, GroupsOfAnySize) {
  const std::vector<std::pair<std::size_t, Parties>> groups = {{2, first_parties(2)},  {2, first_parties(3)},
                                                               {3, first_parties(5)},  {2, parties({9, 200, 255})},
                                                               {2, first_parties(16)}, {16, first_parties(16)}};
  for (const auto& [t, all] : groups) {
    Members members;
    const GroupKey group = generate(t, all, members);
    EXPECT_EQ(group.threshold, t);
    EXPECT_EQ(group.epoch, 7u);
    const SigningKey key = signing_key(group);
    expect_signs(key, all, members);
    expect_signs(key, parties({all.end() - t, all.end()}), members);
  }
}

// With t = 1 every party would hold the whole key; above n nobody could sign.
TEST_F(FrostKeys, ThresholdsFromTwoToN) {
  const auto run = random_array<32>(random_);
  EXPECT_EQ(KeyPlan::generate(first_parties(1), 1, 0, run).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(KeyPlan::generate(first_parties(3), 1, 0, run).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(KeyPlan::generate(first_parties(3), 4, 0, run).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(KeyPlan::generate(Parties(), 0, 0, run).error().code, ErrorCode::kOutOfRange);
}

// The same roots give the same key whatever else is random: all of them together bring it back without any offset.
TEST_F(FrostKeys, TheKeyComesFromTheRootsAlone) {
  std::vector<ByteArray<33>> keys;
  std::vector<ByteArray<32>> digests;
  for (int time = 0; time < 2; ++time) {
    const KeyPlan plan = plan_generation(2, first_parties(3));
    Crew<KeySession> run;
    for (const PartyId id : plan.participants) {
      run.add(id, curve_, plan, id, KeyInput{Scalar::from_u32(1000u + id), {}, random_array<32>(random_)});
    }
    run.network.run();
    ASSERT_TRUE(run.all_done());
    keys.push_back(crypto::compress(run.of(1).key().point));
    digests.push_back(run.of(1).key().digest());
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_NE(digests[0], digests[1]) << "the shares are random";
}

// Equal random bytes, as from a stuck generator, in two runs: nothing secret repeats.
TEST_F(FrostKeys, AStuckGeneratorRepeatsNothing) {
  std::set<ByteArray<32>> shares, proof_nonces;
  for (int time = 0; time < 2; ++time) {
    const KeyPlan plan = plan_generation(2, first_parties(2));
    Crew<KeySession> run;
    const ByteArray<32> stuck{};
    for (const PartyId id : plan.participants) run.add(id, curve_, plan, id, KeyInput{Scalar::from_u32(id), {}, stuck});
    run.network.tamper = [&](const Network::Message& m) {
      if (const auto share = contract::frost::Share::decode(m.bytes)) shares.insert(share->share);
      if (const auto open = contract::frost::Open::decode(m.bytes)) proof_nonces.insert(x_of(open->proof_nonce));
      if (const auto confirm = contract::frost::Confirm::decode(m.bytes))
        proof_nonces.insert(x_of(confirm->proof_nonce));
      return true;
    };
    run.network.run();
    ASSERT_TRUE(run.all_done());
  }
  EXPECT_EQ(shares.size(), 4u);
  EXPECT_EQ(proof_nonces.size(), 8u);
}

TEST_F(FrostKeys, ARefreshKeepsTheKeyAndChangesEveryShare) {
  Members members;
  const GroupKey first = generate(2, first_parties(3), members);
  const Members old_members = members;
  const GroupKey second = carry_out(KeyPlan::refresh(first, random_array<32>(random_)).value(), members);
  EXPECT_TRUE(crypto::equal(first.point, second.point));
  EXPECT_EQ(second.epoch, first.epoch + 1);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_FALSE(crypto::equal(first.verification_shares[i], second.verification_shares[i]));
  for (const auto& [id, member] : members) EXPECT_NE(member.offset.value, old_members.at(id).offset.value);
  for (const auto& signers : {parties({1, 2}), parties({1, 3}), parties({2, 3})}) {
    expect_signs(signing_key(second), signers, members);
  }
  // Old and new shares lie on different polynomials: together they are no share of anything.
  const Parties pair = parties({1, 2});
  const Scalar old_share = *open_offset(old_members.at(1).pad, old_members.at(1).offset, first, 1);
  const Scalar new_share = *open_offset(members.at(2).pad, members.at(2).offset, second, 2);
  const Scalar mixed = lagrange_coefficient(pair, 1) * old_share + lagrange_coefficient(pair, 2) * new_share;
  EXPECT_FALSE(crypto::equal(*curve_.multiply_base(mixed), first.point));
}

TEST_F(FrostKeys, APartyIsAddedReplacedAndRemoved) {
  Members members;
  GroupKey group = generate(2, first_parties(2), members);
  const auto key = group.point;
  const auto step = [&](const Parties& dealers, const Parties& receivers, std::uint8_t threshold) {
    const std::uint32_t epoch = group.epoch;
    group =
        carry_out(KeyPlan::reshare(group, dealers, receivers, threshold, random_array<32>(random_)).value(), members);
    EXPECT_TRUE(crypto::equal(group.point, key));
    EXPECT_EQ(group.epoch, epoch + 1);
    EXPECT_EQ(group.parties, receivers);
    expect_signs(signing_key(group), parties({receivers.begin(), receivers.begin() + threshold}), members);
    expect_signs(signing_key(group), receivers, members);
  };
  step(parties({1, 2}), parties({1, 2, 3}), 2);        // 3 is new
  step(parties({1, 3}), parties({1, 3, 4}), 2);        // 4 replaces 2, which has no part in it
  step(parties({3, 4}), parties({7, 8}), 2);           // to others altogether
  step(parties({7, 8}), parties({1, 2, 3, 7, 8}), 4);  // another threshold
  step(parties({1, 2, 3, 7, 8}), parties({1, 2}), 2);  // more dealers than needed
}

TEST_F(FrostKeys, ResharingPlansThatCannotBe) {
  Members members;
  const GroupKey group = generate(3, first_parties(4), members);
  const ByteArray<32> run{};
  EXPECT_EQ(KeyPlan::reshare(group, parties({1, 2}), first_parties(4), 2, run).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(KeyPlan::reshare(group, parties({1, 2, 9}), first_parties(4), 2, run).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(KeyPlan::reshare(group, first_parties(3), first_parties(3), 1, run).error().code, ErrorCode::kOutOfRange);
  std::vector<PartyId> many;
  for (PartyId id = 100; id < 116; ++id) many.push_back(id);
  EXPECT_EQ(KeyPlan::reshare(group, first_parties(3), parties(many), 2, run).error().code, ErrorCode::kTooLarge);
  GroupKey last = group;
  last.epoch = 0xffffffff;
  EXPECT_EQ(KeyPlan::refresh(last, run).error().code, ErrorCode::kOutOfRange);
}

TEST_F(FrostKeys, AnOffsetOpensWithItsOwnPadKeyAndEpochAlone) {
  Members members;
  const GroupKey first = generate(2, first_parties(3), members);
  const Member old = members.at(1);
  const GroupKey second = carry_out(KeyPlan::refresh(first, random_array<32>(random_)).value(), members);
  const Member now = members.at(1);
  ASSERT_TRUE(open_offset(old.pad, old.offset, first, 1).ok());
  ASSERT_TRUE(open_offset(now.pad, now.offset, second, 1).ok());
  const auto refused = [](const Result<Scalar>& out) { return !out.ok() && out.error().code == ErrorCode::kMismatch; };
  EXPECT_TRUE(refused(open_offset(now.pad, old.offset, second, 1))) << "rolled back";
  EXPECT_TRUE(refused(open_offset(old.pad, old.offset, second, 1)));
  EXPECT_TRUE(refused(open_offset(old.pad, now.offset, second, 1)));
  EXPECT_TRUE(refused(open_offset(now.pad, now.offset, first, 1)));
  EXPECT_TRUE(refused(open_offset(now.pad, now.offset, second, 2)));
  for (std::size_t byte = 0; byte < 64; ++byte) {
    StoredOffset changed = now.offset;
    (byte < 32 ? changed.value[byte] : changed.tag[byte - 32]) ^= 1;
    EXPECT_TRUE(refused(open_offset(now.pad, changed, second, 1))) << byte;
  }
}

// A run that is done at some parties alone is run again in the same epoch, so with the same pad. Under one mask the
// offsets would tell y2 - y1, and so y2 to whoever has got y1 of the run that was given up.
TEST_F(FrostKeys, TwoSharingsOfOneEpochHaveMasksOfTheirOwn) {
  Members members;
  const GroupKey old = generate(2, first_parties(3), members);
  const Scalar old_share = *open_offset(members.at(1).pad, members.at(1).offset, old, 1);
  using Plan = std::function<KeyPlan()>;
  const Plan generates = [&] { return plan_generation(2, first_parties(3)); };
  const Plan refreshes = [&] { return KeyPlan::refresh(old, random_array<32>(random_)).value(); };
  const Plan reshares = [&] {
    return KeyPlan::reshare(old, parties({1, 2}), first_parties(3), 2, random_array<32>(random_)).value();
  };
  for (const Plan& plan_run : {generates, refreshes, reshares}) {
    const Scalar pad = fresh_scalar();
    std::array<Scalar, 2> shares;
    std::array<StoredOffset, 2> offsets;
    std::array<GroupKey, 2> keys;
    for (std::size_t time = 0; time < 2; ++time) {
      const KeyPlan plan = plan_run();
      Crew<KeySession> run;
      set_up(run, plan, plan.purpose == KeyPlan::Purpose::kGenerate ? Members() : members);
      const auto random32 = random_array<32>(random_);
      KeySession session(curve_, plan, 1, {pad, old_share, random32});
      run.network.join(1, session);
      run.network.run();
      ASSERT_TRUE(session.done());
      shares[time] = session.share();
      offsets[time] = session.offset();
      keys[time] = session.key();
    }
    ASSERT_EQ(keys[0].epoch, keys[1].epoch);
    const Scalar moved = *Scalar::from_bytes(offsets[1].value) - *Scalar::from_bytes(offsets[0].value);
    EXPECT_FALSE(equal_constant_time(moved, shares[1] - shares[0]));
    for (std::size_t time = 0; time < 2; ++time) {
      EXPECT_TRUE(equal_constant_time(*open_offset(pad, offsets[time], keys[time], 1), shares[time]));
      EXPECT_EQ(open_offset(pad, offsets[time], keys[1 - time], 1).error().code, ErrorCode::kMismatch);
    }
  }
}

// Were the offset's mask the constant of the party's polynomial, an offset would give it to whoever knows one more
// point: 2 of 2, D = f_1(1) + f_2(1) - f_1(0). So each is a derivation of its own.
TEST_F(FrostKeys, AnOffsetTellsAnotherPartyNothing) {
  const KeyPlan plan = plan_generation(2, first_parties(2));
  Crew<KeySession> run;
  set_up(run, plan);
  Scalar to_first, to_second;        // f_2(1), f_1(2)
  crypto::CompressedPoint constant;  // f_1(0)*G
  run.network.tamper = [&](const Network::Message& m) {
    const auto open = contract::frost::Open::decode(m.bytes);
    if (open && m.from == 1) std::copy_n(open->commitments.begin(), constant.size(), constant.begin());
    if (m.bytes[0] == 3) (m.to == 1 ? to_first : to_second) = *Scalar::from_bytes(Bytes(m.bytes).subspan(33));
    return true;
  };
  run.network.run();
  ASSERT_TRUE(run.all_done());
  const StoredOffset offset = run.of(1).offset();
  const Scalar slope = *Scalar::from_bytes(offset.value) - to_first;  // if f_1(0) were the mask
  EXPECT_NE(crypto::compress(*curve_.multiply_base(to_second - slope - slope)), constant);
  const Scalar share = *open_offset(pads_.at(1), offset, run.of(1).key(), 1);
  EXPECT_TRUE(equal_constant_time(share, run.of(1).share()));
}

TEST_F(FrostKeys, BadInputEndsTheSessionAtItsStart) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const KeyPlan plan = KeyPlan::refresh(group, random_array<32>(random_)).value();
  struct Null final : Transport {
    int sent = 0;
    Status send(PartyId, Bytes) override { return ++sent, Status(); }
  } transport;
  const auto random32 = random_array<32>(random_);
  const Scalar pad = fresh_scalar(), share = *open_offset(members.at(1).pad, members.at(1).offset, group, 1);
  const auto start = [&](PartyId own, const KeyInput& input) {
    KeySession session(curve_, plan, own, input);
    const Status status = session.start(transport);
    EXPECT_EQ(session.failure().has_value(), !status.ok());
    EXPECT_FALSE(session.failure() && session.failure()->culprit);
    return status.ok() ? ErrorCode{} : status.error().code;
  };
  EXPECT_EQ(start(1, {Scalar(), share, random32}), ErrorCode::kOutOfRange);
  EXPECT_EQ(start(1, {pad, Scalar(), random32}), ErrorCode::kOutOfRange);
  EXPECT_EQ(start(1, {pad, share + Scalar::from_u32(1), random32}), ErrorCode::kMismatch);
  EXPECT_EQ(start(2, {pad, share, random32}), ErrorCode::kMismatch);
  EXPECT_EQ(start(9, {pad, share, random32}), ErrorCode::kMismatch);
  EXPECT_EQ(transport.sent, 0);
  EXPECT_EQ(start(1, {pad, share, random32}), ErrorCode{});
  EXPECT_EQ(transport.sent, 1);

  KeySession session(curve_, plan, 1, {pad, share, random32});
  ASSERT_TRUE(session.start(transport).ok());
  EXPECT_EQ(session.start(transport).error().code, ErrorCode::kState);
  EXPECT_FALSE(session.failure().has_value());
  session.abort();
  EXPECT_EQ(session.failure()->error.code, ErrorCode::kAborted);
  EXPECT_EQ(session.receive(2, {}, transport).error().code, ErrorCode::kState);
}

}  // namespace
}  // namespace touchstone::mpc::frost
