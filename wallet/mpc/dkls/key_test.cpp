#include <gtest/gtest.h>

#include <set>

#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/test_parties.h"

namespace touchstone::mpc::dkls {
namespace {

using contract::dkls::KeyOpen;
using crypto::Scalar;

struct KeyRun {
  Random random = SeedTree(6).stream("key");
  crypto::HostCurve curve;
  std::array<Scalar, 2> shares{draw_scalar(random), draw_scalar(random)};
  KeySession::Config first{draw(random), 1, 2, 7, {}, {}}, second{first.session, 2, 1, 7, {}, {}};
  std::optional<KeySession> a, b;
  Network network;

  void run() {
    a.emplace(curve, first, shares[0], draw(random));
    b.emplace(curve, second, shares[1], draw(random));
    network.join(1, *a);
    network.join(2, *b);
    network.run();
  }
};

TEST(DklsKey, IsTheSumOfTheGivenShares) {
  KeyRun k;
  k.run();
  ASSERT_TRUE(k.a->done() && k.b->done());
  EXPECT_TRUE(crypto::equal(k.a->key().public_key, k.curve.multiply_base(k.shares[0] + k.shares[1]).value()));
  EXPECT_TRUE(crypto::equal(k.b->key().public_key, k.a->key().public_key));
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_TRUE(crypto::equal(k.b->key().share_points[i], k.curve.multiply_base(k.shares[i]).value()));
  EXPECT_EQ(k.a->key().epoch, 7u);

  KeyRun again;  // regenerated shares, pinned points
  again.first.pinned_public_key = k.a->key().public_key;
  again.first.pinned_peer_point = k.a->key().share_points[1];
  again.run();
  EXPECT_TRUE(again.a->done() && again.b->done());
}

TEST(DklsKey, RefusesAnotherThanThePinned) {
  for (const bool pin_peer : {false, true}) {
    KeyRun k;
    (pin_peer ? k.first.pinned_peer_point : k.first.pinned_public_key) = crypto::generator();
    k.run();
    EXPECT_FALSE(k.a->done());
    EXPECT_EQ(k.a->failure()->culprit, pin_peer ? std::optional<PartyId>(2) : std::nullopt)
        << "with the key alone either share may be wrong";
    EXPECT_EQ(k.a->failure()->error.code, ErrorCode::kMismatch);
  }
}

TEST(DklsKey, AWrongOwnShareBlamesNobodyAndSaysNothing) {
  KeyRun k;
  k.first.pinned_peer_point = k.curve.multiply_base(k.shares[1]).value();
  k.first.pinned_public_key = k.curve.multiply_base(k.shares[0] + k.shares[1]).value();
  k.shares[0] += Scalar::from_u32(1);
  k.run();
  EXPECT_EQ(k.a->failure()->error.code, ErrorCode::kMismatch);
  EXPECT_FALSE(k.a->failure()->culprit.has_value());
  EXPECT_EQ(k.network.sent_messages(), 1u) << "the other side's commitment";
}

TEST(DklsKey, AFaultOfTheOwnTransportBlamesNobody) {
  struct Broken final : Transport {
    Status send(PartyId, Bytes) override { return Error{ErrorCode::kTooLarge, "no room"}; }
  } broken;
  KeyRun k;
  KeySession session(k.curve, k.first, k.shares[0], draw(k.random));
  struct Deaf final : Transport {
    Status send(PartyId, Bytes) override { return {}; }
  } deaf;
  ASSERT_TRUE(session.start(deaf).ok());
  contract::dkls::KeyCommit commit{};
  commit.session = k.first.session;
  ByteArray<contract::dkls::KeyCommit::kMaxBytes> buffer;
  EXPECT_FALSE(session.receive(2, commit.encode(buffer).value(), broken).ok());
  EXPECT_EQ(session.failure()->error.code, ErrorCode::kTooLarge);
  EXPECT_FALSE(session.failure()->culprit.has_value());
}

TEST(DklsKey, NoProofNonceServesTwoChallenges) {
  // The generator and the session's number repeat; epoch, pins or the peer are others.
  KeyRun k;
  const ByteArray<32> random32 = draw(k.random);
  struct Last final : Transport {
    Status send(PartyId, Bytes message) override {
      last.assign(message.begin(), message.end());
      return {};
    }
    std::vector<std::uint8_t> last;
  };
  std::set<crypto::CompressedPoint> nonces;
  const auto proves = [&](const KeySession::Config& config) {
    KeySession session(k.curve, config, k.shares[0], random32);
    Last port;
    ASSERT_TRUE(session.start(port).ok());
    contract::dkls::KeyCommit commit{};
    commit.session = config.session;
    ByteArray<contract::dkls::KeyCommit::kMaxBytes> buffer;
    ASSERT_TRUE(session.receive(config.peer, commit.encode(buffer).value(), port).ok());
    nonces.insert(KeyOpen::decode(port.last).value().proof_point);
  };
  proves(k.first);
  proves(k.first);
  EXPECT_EQ(nonces.size(), 1u) << "all else is the same";
  KeySession::Config epoch = k.first, key = k.first, peer_point = k.first, peer = k.first;
  epoch.epoch = 8;
  key.pinned_public_key = crypto::generator();
  peer_point.pinned_peer_point = crypto::generator();
  peer.peer = 3;
  for (const auto& other : {epoch, key, peer_point, peer}) proves(other);
  EXPECT_EQ(nonces.size(), 5u);
}

TEST(DklsKey, RefusesZeroAndCancellingShares) {
  KeyRun zero;
  zero.shares[0] = Scalar();
  zero.run();
  EXPECT_EQ(zero.a->failure()->error.code, ErrorCode::kOutOfRange);
  KeyRun cancel;
  cancel.shares[1] = -cancel.shares[0];
  cancel.run();
  EXPECT_EQ(cancel.a->failure()->error.code, ErrorCode::kInfinity);
}

TEST(DklsKey, RefusesAnotherEpochOrAReflectedProof) {
  KeyRun k;
  k.second.epoch = 8;
  k.run();
  EXPECT_EQ(k.a->failure()->culprit, 2);

  KeyRun reflected;  // 2 repeats what 1 says
  reflected.network.tamper = [&](Network::Message& m) {
    if (m.from == 1) reflected.network.inject({2, 1, m.bytes});
    return m.from == 1;
  };
  reflected.run();
  ASSERT_TRUE(reflected.a->failure().has_value());
  EXPECT_EQ(reflected.a->failure()->culprit, 2);
  EXPECT_STREQ(reflected.a->failure()->error.what, "KeyOpen does not open the commitment");
}

TEST(DklsKey, EveryChangedByteIsRefused) {
  for (const std::size_t which : {0u, 1u})
    for (std::size_t at = 0; at < (which == 0 ? 65 : KeyOpen::kMaxBytes); ++at) {
      KeyRun k;
      std::size_t sent = 0;
      k.network.tamper = [&](Network::Message& m) {
        if (m.from == 2 && sent++ == which) m.bytes[at] ^= 1;
        return true;
      };
      k.run();
      EXPECT_FALSE(k.a->done()) << which << " " << at;
      if (k.a->failure()) {
        EXPECT_EQ(k.a->failure()->culprit, 2);
      }
    }
}

}  // namespace
}  // namespace touchstone::mpc::dkls
