// Groups of parties for the tests of this folder: their roots, offsets and sessions.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/seed.h"
#include "curve_host/host_curve.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"
#include "mpc_session/network.h"
#include "support/hex.h"

namespace touchstone::mpc::frost {

using touchstone::test::random_array;

inline Parties parties(const std::vector<PartyId>& ids) { return Parties::of(ids).value(); }
inline Parties first_parties(std::size_t n) {
  std::vector<PartyId> ids;
  for (std::size_t i = 1; i <= n; ++i) ids.push_back(static_cast<PartyId>(i));
  return parties(ids);
}

inline ByteArray<32> x_of(const crypto::CompressedPoint& point) {
  ByteArray<32> out;
  std::copy(point.begin() + 1, point.end(), out.begin());
  return out;
}

/// What a party keeps between runs, and what it can regenerate.
struct Member {
  crypto::Scalar pad;  ///< of the offset's epoch
  StoredOffset offset;
};
using Members = std::map<PartyId, Member>;

/// A run over a network: the sessions of all participants.
template <typename S>
struct Crew {
  std::deque<S> sessions;
  std::vector<PartyId> ids;
  Network network;

  S& of(PartyId id) { return sessions[static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin())]; }
  bool all_done() const {
    return std::all_of(sessions.begin(), sessions.end(), [](const S& s) { return s.done(); });
  }
  /// Of a party that has failed; {} and nobody otherwise.
  ErrorCode error_of(PartyId id) { return of(id).failure() ? of(id).failure()->error.code : ErrorCode{}; }
  std::optional<PartyId> culprit_of(PartyId id) { return of(id).failure() ? of(id).failure()->culprit : std::nullopt; }
  template <typename... Args>
  void add(PartyId id, Args&&... args) {
    sessions.emplace_back(std::forward<Args>(args)...);
    ids.push_back(id);
    network.join(id, sessions.back());
  }
  /// All parties but `liar` blame it, or are still waiting; at least `at_least` blame it.
  void expect_blamed(PartyId liar, std::size_t at_least) {
    std::size_t blaming = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == liar) continue;
      EXPECT_FALSE(sessions[i].done()) << int{ids[i]};
      if (!sessions[i].failure()) continue;
      ++blaming;
      EXPECT_EQ(sessions[i].failure()->culprit, liar) << int{ids[i]} << ": " << sessions[i].failure()->error.what;
    }
    EXPECT_GE(blaming, at_least);
  }
};

class FrostTest : public ::testing::Test {
 protected:
  crypto::Scalar fresh_scalar() { return crypto::Scalar::from_bytes_reduce(random_array<32>(random_)); }

  /// Sessions of all participants, with new pads in `pads`; old shares from `old`.
  void set_up(Crew<KeySession>& run, const KeyPlan& plan, const Members& old = {}) {
    for (const PartyId id : plan.participants) {
      pads_[id] = fresh_scalar();
      KeyInput input{.pad = pads_[id], .old_share = {}, .random32 = {}};
      if (const auto member = old.find(id); member != old.end() && plan.dealers.contains(id)) {
        input.old_share = open_offset(member->second.pad, member->second.offset, plan.old_key, id).value();
      }
      const auto random32 = random_array<32>(random_);
      input.random32 = random32;
      run.add(id, curve_, plan, id, input);
    }
  }
  /// What the receivers store after a run that is done.
  Members members_of(Crew<KeySession>& run, const KeyPlan& plan) {
    Members out;
    for (const PartyId id : plan.receivers) out[id] = {pads_[id], run.of(id).offset()};
    return out;
  }
  KeyPlan plan_generation(std::size_t t, const Parties& all, std::uint32_t epoch = 7) {
    return KeyPlan::generate(all, static_cast<std::uint8_t>(t), epoch, random_array<32>(random_)).value();
  }
  /// An honest generation.
  GroupKey generate(std::size_t t, const Parties& all, Members& members) {
    const KeyPlan plan = plan_generation(t, all);
    Crew<KeySession> run;
    set_up(run, plan);
    run.network.run();
    EXPECT_TRUE(run.all_done());
    members = members_of(run, plan);
    check_key(run, plan);
    return run.of(all[0]).key();
  }
  /// All agree, and any t shares interpolate to the key.
  void check_key(Crew<KeySession>& run, const KeyPlan& plan) {
    const GroupKey& key = run.of(plan.receivers[0]).key();
    for (const PartyId id : plan.participants) EXPECT_EQ(run.of(id).key().digest(), key.digest());
    for (std::size_t i = 0; i < plan.receivers.size(); ++i) {
      const crypto::Scalar& share = run.of(plan.receivers[i]).share();
      EXPECT_TRUE(crypto::equal(*curve_.multiply_base(share), key.verification_shares[i]));
    }
    for (std::size_t from = 0; from + plan.threshold <= plan.receivers.size(); ++from) {
      const Parties some = parties({plan.receivers.begin() + from, plan.receivers.begin() + from + plan.threshold});
      crypto::Scalar secret;
      for (const PartyId id : some) secret += lagrange_coefficient(some, id) * run.of(id).share();
      EXPECT_TRUE(crypto::equal(*curve_.multiply_base(secret), key.point));
    }
  }
  /// Sessions of the signers, each with its share from pad and offset.
  void set_up(Crew<SignSession>& run, const SigningKey& key, const SignPlan& plan, const Members& members) {
    for (const PartyId id : plan.signers) {
      const auto share = open_offset(members.at(id).pad, members.at(id).offset, key.group(), id).value();
      run.add(id, curve_, crypto::schnorr_verify, key, plan, id, share, random_array<32>(random_));
    }
  }
  SignPlan plan_signature(const Parties& signers) {
    return {signers, random_array<32>(random_), random_array<32>(random_)};
  }
  /// All sign and release the same signature, which libsecp256k1 accepts.
  void expect_signs(const SigningKey& key, const Parties& signers, const Members& members) {
    const SignPlan plan = plan_signature(signers);
    Crew<SignSession> run;
    set_up(run, key, plan, members);
    run.network.run();
    ASSERT_TRUE(run.all_done());
    for (const SignSession& session : run.sessions) {
      EXPECT_EQ(session.signature(), run.sessions[0].signature());
      EXPECT_TRUE(crypto::schnorr_verify(key.point().x, plan.message, session.signature()).ok());
    }
  }
  SigningKey signing_key(const GroupKey& group, const std::vector<Tweak>& tweaks = {}) {
    return SigningKey::create(curve_, Suite::kBip340, group, tweaks).value();
  }

  crypto::HostCurve curve_;
  Random random_ = SeedTree(9591).stream("frost");
  std::map<PartyId, crypto::Scalar> pads_;
};

}  // namespace touchstone::mpc::frost
