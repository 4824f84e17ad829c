#include <gtest/gtest.h>

#include <algorithm>

#include "mpc_session/network.h"
#include "mpc_session/parties.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc {
namespace {

Parties parties(std::initializer_list<PartyId> ids) { return Parties::of(std::span(ids.begin(), ids.size())).value(); }

TEST(MpcParties, AreDifferentAndAscend) {
  for (const std::vector<PartyId>& bad : {std::vector<PartyId>{0}, {1, 1}, {2, 1}, {1, 0}})
    EXPECT_EQ(Parties::of(bad).error().code, ErrorCode::kOutOfRange);
  std::vector<PartyId> many;
  for (PartyId id = 1; id <= kMaxParties; ++id) many.push_back(id);
  EXPECT_EQ(Parties::of(many)->size(), kMaxParties);
  many.push_back(kMaxParties + 1);
  EXPECT_EQ(Parties::of(many).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(parties({1, 3, 255}).index_of(3), 1u);
  EXPECT_FALSE(parties({1, 3}).contains(2));
  EXPECT_FALSE(parties({1, 3}).contains(kEverybody));
}

TEST(MpcTranscript, NoTwoHaveTheSameBytes) {
  const ByteArray<2> ab = {'a', 'b'};
  const auto digest = [](auto... parts) {
    Transcript t("touchstone/test");
    (t.add(parts), ...);
    return t.digest();
  };
  const ByteArray<32> whole = digest(Bytes(ab)), split = digest(Bytes(ab).first(1), Bytes(ab).last(1)), empty = digest(Bytes(ab), Bytes());
  EXPECT_NE(whole, split);
  EXPECT_NE(whole, empty);
  EXPECT_NE(whole, Transcript("touchstone/other").add(ab).digest());
  Transcript t("touchstone/test");
  t.add(ab);
  EXPECT_EQ(t.digest(), whole);
  EXPECT_FALSE(equal_constant_time(t.scalar(0), t.scalar(1)));
  EXPECT_TRUE(equal_constant_time(t.scalar(1), Transcript("touchstone/test").add(ab).scalar(1)));
}

/// Two rounds: everybody says its number, and when it has heard all of them their sum.
class Sum final : public Session {
 public:
  Sum(const Parties& parties, PartyId own) : parties_(parties), own_(own) {}
  Status start(Transport& t) override { return say(t, 1, own_); }
  Result<Delivery> receive(PartyId from, Bytes m, Transport& t) override {
    const std::size_t round = m[0];
    if (round > heard_.size() + 1u) return Delivery::kForeign;
    if (round == 2 && heard_[0].size() + 1 < parties_.size()) return Delivery::kEarly;
    std::vector<PartyId>& heard = heard_[round - 1];
    if (std::find(heard.begin(), heard.end(), from) != heard.end()) return Delivery::kRepeated;
    heard.push_back(from);
    if (round == 1) sum_ = static_cast<std::uint8_t>(sum_ + m[1]);
    if (round == 1 && heard.size() + 1 == parties_.size()) {
      if (const Status sent = say(t, 2, static_cast<std::uint8_t>(sum_ + own_)); !sent) return sent.error();
    }
    agreed_ = agreed_ && (round == 1 || m[1] == static_cast<std::uint8_t>(sum_ + own_));
    return Delivery::kTaken;
  }
  bool done() const override { return heard_[1].size() + 1 == parties_.size() && agreed_; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override {}

 private:
  static Status say(Transport& t, std::uint8_t round, std::uint8_t value) {
    const ByteArray<2> m = {round, value};
    return t.send(kEverybody, m);
  }
  Parties parties_;
  PartyId own_;
  std::uint8_t sum_ = 0;
  bool agreed_ = true;
  std::array<std::vector<PartyId>, 2> heard_;
  std::optional<Failure> failure_;
};

TEST(MpcNetwork, AnyOrderAndRepetitionEndTheSame) {
  for (std::size_t order = 0; order < 20; ++order) {
    const Parties all = parties({1, 2, 5, 9});
    std::vector<Sum> sessions;
    for (const PartyId id : all) sessions.emplace_back(all, id);
    Network network;
    for (std::size_t i = 0; i < all.size(); ++i) network.join(all[i], sessions[i]);
    std::size_t state = order;
    network.pick = [&](std::size_t waiting) { return (state = state * 1103515245u + 12345u) / 65536u % waiting; };
    network.tamper = [&](Network::Message& m) {
      if (m.from == 2) network.inject(m);  // twice
      return true;
    };
    network.run();
    for (const Sum& s : sessions) EXPECT_TRUE(s.done());
    EXPECT_EQ(network.sent_messages(), 24u);
    EXPECT_EQ(network.sent_bytes(), 48u);
  }
}

TEST(MpcNetwork, WhatIsLostIsMissed) {
  const Parties all = parties({1, 2});
  Sum a(all, 1), b(all, 2);
  Network network;
  network.join(1, a);
  network.join(2, b);
  network.tamper = [](Network::Message& m) { return m.from == 1; };
  network.run();
  EXPECT_FALSE(a.done());
  EXPECT_FALSE(b.done());
}

}  // namespace
}  // namespace touchstone::mpc
