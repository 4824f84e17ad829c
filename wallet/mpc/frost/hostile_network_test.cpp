// What a network or a faulty device can do to the sessions: they may end without a result, never with a wrong one, and
// nobody is blamed for what another has sent.
#include <gtest/gtest.h>

#include <functional>

#include "contract/frost.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Point;
using crypto::Scalar;

/// Errs in one operation, by a wrong point of the curve or by a device error.
class FaultyCurve final : public crypto::Curve {
 public:
  FaultyCurve(int fault_at, bool is_device_error) : fault_at_(fault_at), is_device_error_(is_device_error) {}
  Result<Point> multiply(const Scalar& k, const Point& p) override { return pass(host_.multiply(k, p)); }
  Result<Point> multiply_base(const Scalar& k) override { return pass(host_.multiply_base(k)); }
  Result<Point> add(const Point& p, const Point& q) override { return pass(host_.add(p, q)); }
  Result<Point> lift_x(const ByteArray<32>& x) override { return pass(host_.lift_x(x)); }
  bool has_erred() const { return operations_ > fault_at_; }

 private:
  Result<Point> pass(Result<Point> right) {
    if (operations_++ != fault_at_) return right;
    if (is_device_error_) return Error{ErrorCode::kDevice, "injected"};
    return host_.add(*right, crypto::generator());
  }
  crypto::HostCurve host_;
  int fault_at_, operations_ = 0;
  bool is_device_error_;
};

class FrostNetwork : public FrostTest {
 protected:
  using Tamper = std::function<bool(Network::Message&)>;

  /// What holds however a run of this plan has gone.
  void expect_sound(Crew<KeySession>& crew, const KeyPlan& plan) {
    std::optional<ByteArray<32>> digest;
    for (std::size_t i = 0; i < crew.ids.size(); ++i) {
      const KeySession& session = crew.sessions[i];
      if (!session.done()) continue;
      if (!digest) digest = session.key().digest();
      EXPECT_EQ(session.key().digest(), *digest);
      const auto index = plan.receivers.index_of(crew.ids[i]);
      if (!index) continue;
      EXPECT_TRUE(crypto::equal(*curve_.multiply_base(session.share()), session.key().verification_shares[*index]));
    }
  }
  void expect_sound(Crew<SignSession>& crew, const SignPlan& plan, const SigningKey& key) {
    for (const SignSession& session : crew.sessions)
      EXPECT_TRUE(!session.done() || crypto::schnorr_verify(key.point().x, plan.message, session.signature()).ok());
  }
  /// Under a change nobody is blamed but who has sent what was changed; without one all end well.
  template <typename S>
  void run_under(const Tamper& tamper, const std::optional<PartyId>& sender, Crew<S>& crew) {
    crew.network.tamper = tamper;
    crew.network.run();
    EXPECT_TRUE(sender || crew.all_done());
    for (std::size_t i = 0; i < crew.ids.size(); ++i) {
      const auto& failure = crew.sessions[i].failure();
      EXPECT_TRUE(!failure || !failure->culprit || failure->culprit == sender) << failure->error.what;
    }
  }

  /// Runs once untouched, then anew for changes of every message: a bit of a byte, a shorter or a longer message; every
  /// stride-th byte on average. `run_one` checks; its second argument is whose message was changed.
  void with_changes(std::uint64_t stride,
                    const std::function<void(const Tamper&, const std::optional<PartyId>&)>& run_one) {
    std::vector<std::size_t> sizes;
    std::optional<PartyId> sender;
    run_one([&](Network::Message& m) { return sizes.push_back(m.bytes.size()), true; }, sender);
    ASSERT_FALSE(sizes.empty());
    for (std::size_t which = 0; which < sizes.size(); ++which) {
      for (std::size_t byte = random_.below(stride); byte <= sizes[which]; byte += 1 + random_.below(2 * stride - 1)) {
        for (const bool cuts : {false, true}) {
          std::size_t seen = 0;
          sender.reset();
          const auto change = [&](Network::Message& m) {
            if (seen++ != which) return true;
            sender = m.from;
            if (byte == sizes[which])
              m.bytes.push_back(0);
            else if (cuts)
              m.bytes.resize(byte);
            else
              m.bytes[byte] ^= static_cast<std::uint8_t>(1u << random_.below(8));
            return true;
          };
          run_one(change, sender);
        }
      }
    }
  }
  /// Deliveries in random order, each message `copies` times, number `lost` not at all.
  void disturb(Network& network, std::size_t copies, std::size_t lost, std::size_t& sent) {
    network.pick = [this](std::size_t waiting) { return random_.below(waiting); };
    network.tamper = [&network, copies, lost, &sent](const Network::Message& m) {
      for (std::size_t i = 1; i < copies; ++i) network.inject(m);
      return sent++ != lost;
    };
  }
  static constexpr std::size_t kNone = ~std::size_t{0};
};

TEST_F(FrostNetwork, ChangedMessagesOfAGeneration) {
  with_changes(1, [&](const Tamper& tamper, const std::optional<PartyId>& sender) {
    const KeyPlan plan = plan_generation(2, first_parties(2));
    Crew<KeySession> crew;
    set_up(crew, plan);
    run_under(tamper, sender, crew);
    expect_sound(crew, plan);
  });
}

TEST_F(FrostNetwork, ChangedMessagesOfARefreshAndAResharing) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  for (const bool refreshes : {true, false}) {
    with_changes(10, [&](const Tamper& tamper, const std::optional<PartyId>& sender) {
      const auto run = random_array<32>(random_);
      const KeyPlan plan = refreshes ? KeyPlan::refresh(group, run).value()
                                     : KeyPlan::reshare(group, parties({1, 2}), parties({2, 4}), 2, run).value();
      Crew<KeySession> crew;
      set_up(crew, plan, members);
      run_under(tamper, sender, crew);
      expect_sound(crew, plan);
    });
  }
}

TEST_F(FrostNetwork, ChangedMessagesOfASignature) {
  Members members;
  const SigningKey key = signing_key(generate(2, first_parties(3), members));
  with_changes(2, [&](const Tamper& tamper, const std::optional<PartyId>& sender) {
    const SignPlan plan = plan_signature(first_parties(3));
    Crew<SignSession> crew;
    set_up(crew, key, plan, members);
    run_under(tamper, sender, crew);
    expect_sound(crew, plan, key);
  });
}

TEST_F(FrostNetwork, AnyOrderAndRepetitionEndTheSame) {
  for (std::size_t round = 0; round < 20; ++round) {
    std::size_t sent = 0;
    const KeyPlan plan = plan_generation(2, first_parties(4));
    Crew<KeySession> crew;
    set_up(crew, plan);
    disturb(crew.network, 1 + round % 3, kNone, sent);
    crew.network.run();
    ASSERT_TRUE(crew.all_done());
    check_key(crew, plan);

    const SigningKey key = signing_key(crew.of(1).key());
    const SignPlan signature = plan_signature(parties({1, 2, 4}));
    Crew<SignSession> signers;
    set_up(signers, key, signature, members_of(crew, plan));
    disturb(signers.network, 1 + round % 3, kNone, sent);
    signers.network.run();
    ASSERT_TRUE(signers.all_done());
    EXPECT_TRUE(crypto::schnorr_verify(key.point().x, signature.message, signers.of(4).signature()).ok());
  }
}

TEST_F(FrostNetwork, ALostMessageIsWaitedForAndNobodyBlamed) {
  for (std::size_t lost = 0;; ++lost) {
    std::size_t sent = 0;
    const KeyPlan plan = plan_generation(2, first_parties(3));
    Crew<KeySession> crew;
    set_up(crew, plan);
    disturb(crew.network, 1, lost, sent);
    crew.network.run();
    if (sent <= lost) break;
    EXPECT_FALSE(crew.all_done());
    expect_sound(crew, plan);
    for (const KeySession& session : crew.sessions) EXPECT_FALSE(session.failure().has_value());
  }
}

TEST_F(FrostNetwork, WhatIsNotForThisSessionIsNotLookedAt) {
  struct Null final : Transport {
    Status send(PartyId, Bytes) override { return {}; }
  } transport;
  const KeyPlan plan = plan_generation(2, first_parties(3));
  const auto random32 = random_array<32>(random_);
  KeySession session(curve_, plan, 1, {fresh_scalar(), {}, random32});
  contract::frost::Commit commit;
  commit.session = plan.session_id();
  ByteArray<contract::frost::Commit::kMaxBytes> buffer;
  const Bytes message = commit.encode(buffer).value();
  EXPECT_EQ(*session.receive(2, message, transport), Delivery::kEarly) << "before the start";
  ASSERT_TRUE(session.start(transport).ok());
  EXPECT_EQ(*session.receive(1, message, transport), Delivery::kForeign) << "reflected";
  EXPECT_EQ(*session.receive(9, message, transport), Delivery::kForeign) << "of a stranger";
  EXPECT_EQ(*session.receive(kEverybody, message, transport), Delivery::kForeign);
  EXPECT_EQ(*session.receive(2, {}, transport), Delivery::kForeign);
  EXPECT_EQ(*session.receive(2, message.first(32), transport), Delivery::kForeign);
  for (const std::uint8_t id : {0, 8, 9, 255}) {
    ByteArray<65> other = buffer;
    other[0] = id;
    EXPECT_EQ(*session.receive(2, other, transport), Delivery::kForeign) << int{id};
  }
  EXPECT_EQ(*session.receive(2, message, transport), Delivery::kTaken);
  EXPECT_EQ(*session.receive(2, message, transport), Delivery::kRepeated);
  buffer[0] = contract::frost::Open::kId;
  EXPECT_EQ(*session.receive(2, message, transport), Delivery::kEarly);
  // Another epoch, threshold, party or run is another session.
  const auto id = [](KeyPlan p, auto change) { return change(p), p.session_id(); };
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { ++p.epoch; }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { ++p.threshold; }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { p.receivers = first_parties(4); }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { p.dealers = first_parties(2); }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { p.purpose = KeyPlan::Purpose::kRefresh; }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { p.run[31] ^= 1; }));
  EXPECT_NE(plan.session_id(), id(plan, [](KeyPlan& p) { ++p.old_key.epoch; }));
}

/// Whether an object's memory holds a scalar.
bool holds(const auto& object, const Scalar& scalar) {
  const Bytes memory(reinterpret_cast<const std::uint8_t*>(&object), sizeof object);
  const Bytes pattern(reinterpret_cast<const std::uint8_t*>(&scalar), sizeof scalar);
  return std::search(memory.begin(), memory.end(), pattern.begin(), pattern.end()) != memory.end();
}

TEST_F(FrostNetwork, NothingSecretOutlivesASession) {
  Members members;
  const GroupKey group = generate(2, first_parties(2), members);
  const SigningKey key = signing_key(group);
  const Scalar share = *open_offset(members.at(1).pad, members.at(1).offset, group, 1);
  const Scalar other_share = *open_offset(members.at(2).pad, members.at(2).offset, group, 2);
  for (const bool ends_well : {true, false}) {
    const SignPlan plan = plan_signature(first_parties(2));
    const auto random32 = random_array<32>(random_);
    Crew<SignSession> crew;
    crew.add(1, curve_, crypto::schnorr_verify, key, plan, 1, share, random32);
    crew.add(2, curve_, crypto::schnorr_verify, key, plan, 2, other_share, random_array<32>(random_));
    const HedgedRandom random(random32, {&share}, plan.session_id(key));
    const Secret<32> hiding_random = random.bytes("touchstone/frost/hiding nonce"), bytes = share.to_secret();
    const Scalar hiding =
        FieldHash(Suite::kBip340, "nonce").update(hiding_random.expose()).update(bytes.expose()).finish();
    crew.network.tamper = [&](const Network::Message& m) {
      if (m.from != 1 || m.bytes[0] != contract::frost::Nonces::kId) return ends_well;
      EXPECT_TRUE(holds(crew.of(1), share));
      EXPECT_TRUE(holds(crew.of(1), hiding));
      return ends_well;
    };
    crew.network.run();
    EXPECT_EQ(crew.all_done(), ends_well);
    crew.of(1).abort();
    EXPECT_FALSE(holds(crew.of(1), share));
    EXPECT_FALSE(holds(crew.of(1), hiding));
  }
  for (const bool ends_well : {true, false}) {
    const KeyPlan plan = KeyPlan::refresh(group, random_array<32>(random_)).value();
    const auto random32 = random_array<32>(random_);
    Crew<KeySession> crew;
    set_up(crew, plan, members);
    const Scalar pad = fresh_scalar();
    KeySession session(curve_, plan, 1, {pad, share, random32});
    crew.network.join(1, session);
    const Scalar coefficient =
        HedgedRandom(random32, {&pad, &share}, plan.session_id()).scalar("touchstone/frost/coefficient", 1);
    crew.network.tamper = [&](const Network::Message& m) {
      if (m.from != 1 || m.bytes[0] != contract::frost::Share::kId) return true;
      for (const Scalar* secret : {&pad, &share, &coefficient}) EXPECT_TRUE(holds(session, *secret));
      return ends_well;
    };
    crew.network.run();
    EXPECT_EQ(session.done(), ends_well);
    session.abort();
    for (const Scalar* secret : {&pad, &share, &coefficient}) EXPECT_FALSE(holds(session, *secret));
    EXPECT_EQ(session.failure().has_value(), !ends_well);
  }
}

// Party 1's curve errs once, in each of its operations in turn.
TEST_F(FrostNetwork, AFaultyDeviceGivesNoWrongResult) {
  for (const bool is_device_error : {true, false}) {
    std::size_t faults = 0;
    for (int at = 0;; ++at) {
      FaultyCurve faulty(at, is_device_error);
      const KeyPlan plan = plan_generation(2, first_parties(3));
      Crew<KeySession> crew;
      for (const PartyId id : plan.participants) {
        crypto::Curve& curve = id == 1 ? static_cast<crypto::Curve&>(faulty) : curve_;
        crew.add(id, curve, plan, id, KeyInput{pads_[id] = fresh_scalar(), {}, random_array<32>(random_)});
      }
      crew.network.run();
      if (!faulty.has_erred()) break;
      ++faults;
      expect_sound(crew, plan);
      if (is_device_error) {
        EXPECT_EQ(crew.error_of(1), ErrorCode::kDevice);
        EXPECT_FALSE(crew.culprit_of(1).has_value());
      }
    }
    EXPECT_GT(faults, 20u);
  }
}

TEST_F(FrostNetwork, AFaultySignerReleasesNoWrongSignature) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const SigningKey key = signing_key(group);
  for (const bool is_device_error : {true, false}) {
    std::size_t faults = 0;
    for (int at = 0;; ++at) {
      FaultyCurve faulty(at, is_device_error);
      const SignPlan plan = plan_signature(parties({1, 3}));
      Crew<SignSession> crew;
      for (const PartyId id : plan.signers) {
        crypto::Curve& curve = id == 1 ? static_cast<crypto::Curve&>(faulty) : curve_;
        const Scalar share = *open_offset(members.at(id).pad, members.at(id).offset, group, id);
        crew.add(id, curve, crypto::schnorr_verify, key, plan, id, share, random_array<32>(random_));
      }
      crew.network.run();
      if (!faulty.has_erred()) break;
      ++faults;
      expect_sound(crew, plan, key);
      EXPECT_FALSE(crew.of(1).done()) << at;
      if (is_device_error) {
        EXPECT_FALSE(crew.culprit_of(1).has_value());
      }
    }
    EXPECT_GT(faults, 8u);
  }
}

}  // namespace
}  // namespace touchstone::mpc::frost
