// n parties over messages: any order, loss, repetition, change; who breaks it is named.
#include "mpc/musig2_party.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "base/seed.h"
#include "contract/musig2.h"
#include "curve_host/host_curve.h"
#include "mpc_channel/noise.h"
#include "mpc_session/network.h"

namespace touchstone::mpc::musig2 {
namespace {

namespace wire = contract::musig2;
using crypto::Scalar;

constexpr ByteArray<32> kMessage = {0xA5, 1};
constexpr ByteArray<8> kAgreed = {'r', 'u', 'n', ' ', '1'};

crypto::HostCurve& curve() {
  static crypto::HostCurve out;
  return out;
}

/// Parties 1, 3, 5, ... with their keys, and a session each.
struct Group {
  explicit Group(std::size_t size, std::uint64_t seed = 1, Bytes agreed = kAgreed, std::uint8_t random = 0) {
    Random stream = SeedTree(seed).stream("musig2/group");
    std::vector<PartyId> ids;
    std::vector<PublicKey> public_keys;
    for (std::size_t i = 0; i < size; ++i) {
      ByteArray<64> wide;
      stream.fill(wide);
      shares.push_back(Scalar::from_wide_reduce(wide));
      ids.push_back(static_cast<PartyId>(2 * i + 1));
      public_keys.push_back(crypto::compress(curve().multiply_base(shares.back()).value()));
    }
    parties = Parties::of(ids).value();
    const Tweak tweak{{9}, true};
    keys.emplace(aggregate_keys(curve(), public_keys, std::span(&tweak, 1)).value());
    for (std::size_t i = 0; i < size; ++i) {
      ByteArray<32> random32 = {random};
      stream.fill(MutableBytes(random32).subspan(1));
      sessions.push_back(std::make_unique<PartySession>(
          PartySession::create(curve(), crypto::schnorr_verify, parties, ids[i], shares[i], *keys, kMessage, agreed, random32).value()));
      network.join(ids[i], *sessions.back());
    }
  }
  std::vector<Scalar> shares;
  Parties parties;
  std::optional<KeyAggContext> keys;
  std::vector<std::unique_ptr<PartySession>> sessions;
  Network network;
};

TEST(MuSig2Party, EverybodyEndsWithTheSameSignature) {
  for (const std::size_t size : {1u, 2u, 3u, 16u}) {
    Group group(size, size);
    std::size_t state = size;
    group.network.pick = [&](std::size_t waiting) { return (state = state * 1103515245u + 12345u) / 65536u % waiting; };
    group.network.tamper = [&](Network::Message& m) {
      if (m.from == 1) group.network.inject(m);  // twice
      return true;
    };
    group.network.run();
    for (const auto& session : group.sessions) {
      ASSERT_TRUE(session->done()) << size;
      EXPECT_EQ(*session->signature(), *group.sessions[0]->signature());
      EXPECT_TRUE(crypto::schnorr_verify(group.keys->x_only_key(), kMessage, *session->signature()).ok());
    }
    EXPECT_EQ(group.network.sent_bytes(), size * (size - 1) * (wire::Nonce::kMaxBytes + wire::Part::kMaxBytes));
  }
}

TEST(MuSig2Party, EveryChangedByteIsLaidOnItsSender) {
  for (const std::uint8_t kind : {wire::Nonce::kId, wire::Part::kId}) {
    const std::size_t size = kind == wire::Nonce::kId ? wire::Nonce::kMaxBytes : wire::Part::kMaxBytes;
    for (std::size_t at = 0; at < size; ++at) {
      Group group(2);
      group.network.tamper = [&](Network::Message& m) {
        if (m.from == 1 && m.bytes[0] == kind) m.bytes[at] ^= 0x01;
        return true;
      };
      group.network.run();
      const PartySession& victim = *group.sessions[1];
      EXPECT_FALSE(victim.done()) << int{kind} << " byte " << at;
      // Number and session id: not a message of this session, which goes on waiting.
      ASSERT_EQ(victim.failure().has_value(), at >= 33);
      if (at >= 33) {
        EXPECT_EQ(victim.failure()->culprit, PartyId{1});
      }
    }
  }
}

TEST(MuSig2Party, TwoStoriesAreFoundOut) {
  // Party 1 tells party 3 another nonce than party 5.
  Group group(3), other(3, 1, kAgreed, 1);
  ByteArray<66> another{};
  std::size_t nonces = 0;
  for (const std::size_t run : {0u, 1u}) {
    Group& g = run == 0 ? other : group;
    g.network.tamper = [&, run](Network::Message& m) {
      if (m.from != 1 || m.bytes[0] != wire::Nonce::kId) return true;
      if (run == 0) std::copy(m.bytes.begin() + 33, m.bytes.end(), another.begin());
      else if (m.to == 3) std::copy(another.begin(), another.end(), m.bytes.begin() + 33), ++nonces;
      return true;
    };
    g.network.run();
  }
  EXPECT_EQ(nonces, 1u);
  for (const auto& session : group.sessions) EXPECT_FALSE(session->done());
  ASSERT_TRUE(group.sessions[1]->failure().has_value());
  EXPECT_EQ(group.sessions[1]->failure()->error.code, ErrorCode::kMismatch);
  EXPECT_FALSE(group.sessions[1]->failure()->culprit.has_value()) << "honest parties are not blamed";
}

TEST(MuSig2Party, AnotherRunsMessagesAreForeign) {
  Group one(2), two(2, 1, ByteArray<8>{'r', 'u', 'n', ' ', '2'});
  EXPECT_NE(one.sessions[0]->id(), two.sessions[0]->id());
  std::vector<Network::Message> old;
  one.network.tamper = [&](Network::Message& m) {
    old.push_back(m);
    return true;
  };
  one.network.run();
  ASSERT_TRUE(one.sessions[0]->done());
  for (const auto& m : old) two.network.inject(m);
  two.network.run();
  EXPECT_TRUE(two.sessions[0]->done() && two.sessions[1]->done());
  // Reflected to its sender, from a stranger, after the end.
  struct Nowhere : Transport {
    Status send(PartyId, Bytes) override { return {}; }
  } nowhere;
  Group three(2);
  ASSERT_TRUE(three.sessions[0]->start(nowhere).ok());
  EXPECT_EQ(three.sessions[0]->receive(1, old[0].bytes, nowhere).value(), Delivery::kForeign);
  EXPECT_EQ(three.sessions[0]->receive(9, old[0].bytes, nowhere).value(), Delivery::kForeign);
  EXPECT_EQ(three.sessions[0]->start(nowhere).error().code, ErrorCode::kState);
  EXPECT_EQ(one.sessions[0]->receive(3, old[1].bytes, nowhere).error().code, ErrorCode::kState);
}

TEST(MuSig2Party, AnAbortedOrFailedSessionSignsNothing) {
  Group group(2);
  group.sessions[0]->abort();
  group.network.run();
  EXPECT_FALSE(group.sessions[0]->done());
  EXPECT_EQ(group.sessions[0]->failure()->error.code, ErrorCode::kAborted);
  EXPECT_FALSE(group.sessions[1]->done());
}

TEST(MuSig2Party, NoncesOfTwoRunsDiffer) {
  // Same fresh bytes, another agreement: were the generator stuck, no nonce would be used for two challenges.
  struct Catch : Transport {
    Status send(PartyId, Bytes m) override {
      said.emplace_back(m.begin() + 33, m.end());
      return {};
    }
    std::vector<std::vector<std::uint8_t>> said;
  } port;
  const ByteArray<32> stuck{};
  Group group(2);
  for (const std::uint8_t run : {1, 2}) {
    const ByteArray<1> agreed = {run};
    auto session = PartySession::create(curve(), crypto::schnorr_verify, group.parties, 1, group.shares[0], *group.keys, kMessage, agreed, stuck);
    ASSERT_TRUE(session->start(port).ok());
  }
  EXPECT_NE(port.said[0], port.said[1]);
}

TEST(MuSig2Party, KilledAtEveryMessageAndStartedAgain) {
  // Whoever dies after whichever message: nothing is left of the session, the next one signs, and no nonce is said twice.
  std::set<std::string> nonces;
  std::uint8_t random = 0;
  const auto run = [&](std::size_t victim, std::size_t messages) {
    Group group(3, 1, kAgreed, ++random);
    std::size_t delivered = 0;
    group.network.tamper = [&](Network::Message& m) {
      if (m.bytes[0] == wire::Nonce::kId && m.to == group.parties[m.from == group.parties[0] ? 1 : 0]) {
        EXPECT_TRUE(nonces.emplace(m.bytes.begin() + 33, m.bytes.end()).second);
      }
      if (delivered++ == messages) group.sessions[victim]->abort();
      return delivered <= messages || m.from != group.parties[victim];
    };
    group.network.run();
    return group.sessions[0]->done() && group.sessions[1]->done() && group.sessions[2]->done();
  };
  for (std::size_t victim = 0; victim < 3; ++victim) {
    for (std::size_t messages = 0; messages < 12; ++messages) {
      EXPECT_FALSE(run(victim, messages)) << victim << " after " << messages;
      EXPECT_TRUE(run(victim, 100));
    }
  }
}

TEST(MuSig2Party, ARolledBackGeneratorMeetsAnotherChannel) {
  // A snapshot of the wallet is started twice: its fresh bytes are the same, those of an honest peer are not. The channel's binding differs, and
  // with it session and nonce.
  const Scalar wallet = Scalar::from_u32(21), card = Scalar::from_u32(22);
  const auto key_of = [](const Scalar& s) { return crypto::compress(curve().multiply_base(s).value()); };
  const ByteArray<32> rolled_back = {1};
  std::vector<ByteArray<32>> bindings;
  for (const std::uint8_t peer : {2, 3}) {
    const ByteArray<32> fresh = {peer};
    auto a = noise::Handshake::start(curve(), noise::Pattern::kKK, true, {wallet, key_of(wallet)}, key_of(card), {}, rolled_back);
    auto b = noise::Handshake::start(curve(), noise::Pattern::kKK, false, {card, key_of(card)}, key_of(wallet), {}, fresh);
    ByteArray<noise::kMaxHandshakeBytes> buffer;
    ASSERT_TRUE(b->read(a->write({}, buffer).value(), {}).ok());
    ASSERT_TRUE(a->read(b->write({}, buffer).value(), {}).ok());
    bindings.push_back(a->finish()->channel_binding);
  }
  EXPECT_NE(bindings[0], bindings[1]);
  Group group(2);
  std::vector<SessionId> ids;
  for (const ByteArray<32>& binding : bindings)
    ids.push_back(PartySession::create(curve(), crypto::schnorr_verify, group.parties, 1, group.shares[0], *group.keys, kMessage, binding, rolled_back)->id());
  EXPECT_NE(ids[0], ids[1]);
}

TEST(MuSig2Party, WhoDoesNotFitIsRefused) {
  Group group(2);
  const ByteArray<32> random32 = {1};
  const auto create = [&](PartyId own, const Scalar& share, const Parties& parties) {
    return PartySession::create(curve(), crypto::schnorr_verify, parties, own, share, *group.keys, kMessage, kAgreed, random32).error().code;
  };
  EXPECT_EQ(create(1, group.shares[1], group.parties), ErrorCode::kMismatch);
  EXPECT_EQ(create(2, group.shares[0], group.parties), ErrorCode::kMismatch);
  EXPECT_EQ(create(1, Scalar(), group.parties), ErrorCode::kOutOfRange);
  const std::array<PartyId, 3> three = {1, 3, 5};
  EXPECT_EQ(create(1, group.shares[0], Parties::of(three).value()), ErrorCode::kMismatch);
}

}  // namespace
}  // namespace touchstone::mpc::musig2
