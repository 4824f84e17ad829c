// Signatures that must come about, and the order, loss and repetition of messages.
#include <gtest/gtest.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <numeric>

#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/test_parties.h"

namespace touchstone::mpc::dkls {
namespace {

using crypto::Scalar;

struct World {
  World(std::vector<PartyId> signers, Sharing sharing, const char* name)
      : random(SeedTree(7).stream(name)), setups(signers, random), key(signers, sharing, random) {}
  Random random;
  Setups setups;
  SharedKey key;
};

/// libsecp256k1 is the judge, also of the recovery id, as is our own verification.
void expect_valid(const World& world, const Signature& signature, const ByteArray<32>& message) {
  crypto::HostCurve curve;
  EXPECT_TRUE(crypto::host_ecdsa_verify(curve, world.key.key.public_key, message, signature.bytes).ok());
  EXPECT_TRUE(crypto::ecdsa_verify(curve, world.key.key.public_key, message, signature.bytes).ok());
  EXPECT_FALSE(Scalar::from_bytes(Bytes(signature.bytes).last(32))->is_high());
  secp256k1_ecdsa_recoverable_signature recoverable;
  ASSERT_EQ(secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &recoverable,
                                                                signature.bytes.data(), signature.recovery_id),
            1);
  secp256k1_pubkey recovered;
  ASSERT_EQ(secp256k1_ecdsa_recover(secp256k1_context_static, &recovered, &recoverable, message.data()), 1);
  ByteArray<33> bytes;
  std::size_t size = bytes.size();
  secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &size, &recovered, SECP256K1_EC_COMPRESSED);
  EXPECT_EQ(bytes, crypto::compress(world.key.key.public_key));
}

TEST(DklsSign, TwoOfTwoOverManySeeds) {
  World world({1, 2}, Sharing::kAdditive, "two of two");
  std::array<int, 2> odd{};
  for (int i = 0; i < 60; ++i) {
    const ByteArray<32> message = i == 0 ? ByteArray<32>{} : i == 1 ? crypto::kFieldPrime : draw(world.random);
    Signing<> signing(world.key, world.setups, world.random);
    ASSERT_TRUE(signing.prepare());
    const std::uint64_t before = signing.network.sent_bytes(), messages = signing.network.sent_messages();
    ASSERT_TRUE(signing.sign(message));
    expect_valid(world, signing[0].signature(), message);
    EXPECT_EQ(signing[0].signature().bytes, signing[1].signature().bytes);
    ++odd[signing[0].signature().recovery_id & 1];
    EXPECT_LE(signing.network.sent_bytes() - before, 2048u);
    EXPECT_LE(signing.network.sent_bytes(), 115'000u);
    EXPECT_EQ(signing.network.sent_messages() - messages, 4u) << "two each: two round trips";
  }
  EXPECT_GT(odd[0], 10);
  EXPECT_GT(odd[1], 10);
}

TEST(DklsSign, FitsTheCard) { EXPECT_LE(sizeof(SignWorkspace<1>) + sizeof(SignSession) + sizeof(OtSetup), 115'000u); }

TEST(DklsSign, PacedSaysTheSameInPieces) {
  World world({1, 2}, Sharing::kAdditive, "paced");
  Given given;
  given.session = draw(world.random);
  for (const PartyId id : world.key.key.signers) given.random32[id] = draw(world.random);
  const ByteArray<32> message = draw(world.random);
  std::array<std::map<std::string, int>, 2> said;
  std::array<Signature, 2> signatures;
  for (const bool paced : {false, true}) {
    given.paced = paced;
    Signing<> signing(world.key, world.setups, world.random, given);
    signing.network.tamper = [&](Network::Message& m) {
      ++said[paced ? 1 : 0][std::to_string(m.from) + std::to_string(m.to) + std::string(m.bytes.begin(), m.bytes.end())];
      return true;
    };
    ASSERT_TRUE(signing.prepare());
    EXPECT_FALSE(signing[0].work(signing.network.port(1)).value()) << "nothing is left";
    ASSERT_TRUE(signing.sign(message));
    signatures[paced ? 1 : 0] = signing[0].signature();
  }
  EXPECT_EQ(said[0], said[1]);
  EXPECT_EQ(signatures[0].bytes, signatures[1].bytes);
}

TEST(DklsSign, PacedDoesNotMultiplyByItself) {
  World world({1, 2}, Sharing::kAdditive, "paced");
  Given given;
  given.paced = true;
  Signing<> signing(world.key, world.setups, world.random, given);
  signing.network.run();
  EXPECT_EQ(signing.network.sent_messages(), 2u) << "a SignPrepare each";
  for (int piece = 0; piece < 14; ++piece) EXPECT_TRUE(signing[0].work(signing.network.port(1)).value());
  EXPECT_FALSE(signing[0].work(signing.network.port(1)).value());
  EXPECT_FALSE(signing[0].prepared() || signing[1].prepared());
}

TEST(DklsSign, TheLargeMemoryIsFreeOncePrepared) {
  World world({1, 2}, Sharing::kAdditive, "memory");
  Signing<> signing(world.key, world.setups, world.random);
  ASSERT_TRUE(signing.prepare());
  const MultiplyMemory& memory = signing.multiply_memory(0);
  const auto all_zero = [](const auto& secret) {
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(&secret), sizeof secret);
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  };
  EXPECT_TRUE(all_zero(memory.t) && all_zero(memory.q) && all_zero(memory.choices));
  EXPECT_FALSE(memory.sender.has_value());
  for (const std::size_t i : {0, 1}) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(const_cast<MultiplyMemory*>(&signing.multiply_memory(i)));
    std::fill_n(bytes, sizeof memory, std::uint8_t{0xa5});  // an image lies there now
  }
  const ByteArray<32> message = draw(world.random);
  ASSERT_TRUE(signing.sign(message));
  expect_valid(world, signing[0].signature(), message);
  for (const std::size_t i : {0, 1}) {
    new (const_cast<MultiplyMemory*>(&signing.multiply_memory(i))) MultiplyMemory;
  }
}

TEST(DklsSign, AnyThresholdOfShamirShares) {
  for (const std::vector<PartyId>& signers : {std::vector<PartyId>{1, 3}, {2, 3}, {1, 2, 5}, {7, 100, 255}}) {
    World world(signers, Sharing::kShamir, "shamir");
    Signing<> signing(world.key, world.setups, world.random);
    ASSERT_TRUE(signing.prepare());
    const ByteArray<32> message = draw(world.random);
    ASSERT_TRUE(signing.sign(message));
    for (std::size_t i = 0; i < signing.size(); ++i) expect_valid(world, signing[i].signature(), message);
  }
}

TEST(DklsSign, TwoOfThreeAndThreeOfFiveOfOneKey) {
  // The same polynomial's shares, signed by different subsets.
  for (const std::size_t threshold : {2u, 3u}) {
    const std::size_t parties = threshold * 2 - 1;
    Random random = SeedTree(8).stream("subsets");
    std::vector<PartyId> all(parties);
    std::iota(all.begin(), all.end(), PartyId{1});
    Setups setups(all, random);
    std::vector<Scalar> coefficients;
    for (std::size_t i = 0; i < threshold; ++i) coefficients.push_back(draw_scalar(random));
    World world({1, 2}, Sharing::kAdditive, "unused");
    for (unsigned subset = 0; subset < 1u << parties; ++subset) {
      std::vector<PartyId> signers;
      for (const PartyId id : all)
        if (subset >> (id - 1) & 1) signers.push_back(id);
      if (signers.size() != threshold) continue;
      world.key.key.signers = Parties::of(signers).value();
      world.key.key.sharing = Sharing::kShamir;
      world.key.shares.clear();
      crypto::HostCurve curve;
      world.key.key.public_key = curve.multiply_base(coefficients[0]).value();
      for (std::size_t i = 0; i < signers.size(); ++i) {
        Scalar share;
        for (std::size_t c = threshold; c-- > 0;) share = share * Scalar::from_u32(signers[i]) + coefficients[c];
        world.key.shares.push_back(share);
        world.key.key.share_points[i] = curve.multiply_base(share).value();
      }
      Signing<> signing(world.key, setups, random);
      ASSERT_TRUE(signing.prepare());
      ASSERT_TRUE(signing.sign({9}));
      expect_valid(world, signing[0].signature(), {9});
    }
  }
}

TEST(DklsSign, SixteenOfSixteen) {
  std::vector<PartyId> signers(16);
  std::iota(signers.begin(), signers.end(), PartyId{1});
  World world(signers, Sharing::kShamir, "sixteen");
  Signing<> signing(world.key, world.setups, world.random);
  ASSERT_TRUE(signing.prepare());
  ASSERT_TRUE(signing.sign({1}));
  expect_valid(world, signing[0].signature(), {1});
  expect_valid(world, signing[15].signature(), {1});
}

TEST(DklsSign, AnyOrderAndRepetitionEndTheSame) {
  World world({1, 2, 3}, Sharing::kShamir, "orders");
  for (std::uint32_t order = 0; order < 6; ++order) {
    Signing<> signing(world.key, world.setups, world.random);
    std::uint32_t state = order;
    signing.network.pick = [&](std::size_t) { return (state = state * 1103515245u + 12345u) >> 16; };
    signing.network.tamper = [&](Network::Message& m) {
      if (m.from == 2) signing.network.inject(m);
      return true;
    };
    ASSERT_TRUE(signing.prepare());
    ASSERT_TRUE(signing.sign({1}));
    expect_valid(world, signing[0].signature(), {1});
  }
}

TEST(DklsSign, OpensEarlyWhereThePeerIsFaster) {
  World world({1, 2}, Sharing::kAdditive, "early");
  Signing<> signing(world.key, world.setups, world.random);
  ASSERT_TRUE(signing.prepare());
  ASSERT_TRUE(signing[0].set_share(world.key.shares[0], {1}, signing.network.port(1)).ok());
  EXPECT_FALSE(signing.network.step()) << "the other has no share yet";
  ASSERT_TRUE(signing[1].set_share(world.key.shares[1], {1}, signing.network.port(2)).ok());
  while (signing.network.step()) {
  }
  EXPECT_TRUE(signing[0].done() && signing[1].done());
}

TEST(DklsSign, WhatIsLostIsMissed) {
  World world({1, 2}, Sharing::kAdditive, "loss");
  std::size_t count = 2 * (1 + kPieces + 1 + 2);
  for (std::size_t lost = 0; lost < count; lost += 3) {
    Signing<> signing(world.key, world.setups, world.random);
    std::size_t sent = 0;
    signing.network.tamper = [&](Network::Message&) { return sent++ != lost; };
    (void)signing.prepare();
    EXPECT_FALSE(signing.sign({1}));
    for (std::size_t i = 0; i < 2; ++i) EXPECT_FALSE(signing[i].failure().has_value());
  }
}

TEST(DklsSign, ManySessionsShareASetup) {
  World world({1, 2}, Sharing::kAdditive, "parallel");
  std::vector<std::unique_ptr<Signing<>>> sessions;
  for (int i = 0; i < 5; ++i) sessions.push_back(std::make_unique<Signing<>>(world.key, world.setups, world.random));
  for (auto& s : sessions) ASSERT_TRUE(s->prepare());
  for (std::size_t i = sessions.size(); i-- > 0;) ASSERT_TRUE(sessions[i]->sign({static_cast<std::uint8_t>(i)}));
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    expect_valid(world, (*sessions[i])[0].signature(), {static_cast<std::uint8_t>(i)});
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(std::equal(sessions[i]->operator[](0).signature().bytes.begin(),
                              sessions[i]->operator[](0).signature().bytes.begin() + 32,
                              sessions[k]->operator[](0).signature().bytes.begin()))
          << "a nonce twice";
  }
}

TEST(DklsSign, RefusesAWrongOwnShareBeforeItSaysAnything) {
  World world({1, 2}, Sharing::kAdditive, "own share");
  for (const bool zero : {false, true}) {
    Signing<> signing(world.key, world.setups, world.random);
    ASSERT_TRUE(signing.prepare());
    const std::uint64_t before = signing.network.sent_messages();
    const Scalar wrong = zero ? Scalar() : world.key.shares[0] + Scalar::from_u32(1);
    EXPECT_EQ(signing[0].set_share(wrong, {1}, signing.network.port(1)).error().code,
              zero ? ErrorCode::kOutOfRange : ErrorCode::kMismatch);
    EXPECT_EQ(signing[0].set_share(world.key.shares[0], {1}, signing.network.port(1)).error().code, ErrorCode::kState);
    EXPECT_EQ(signing.network.sent_messages(), before);
    EXPECT_TRUE(signing[0].failure().has_value());
  }
}

TEST(DklsSign, APresignatureServesOnce) {
  World world({1, 2}, Sharing::kAdditive, "once");
  Signing<> signing(world.key, world.setups, world.random);
  EXPECT_EQ(signing[0].set_share(world.key.shares[0], {1}, signing.network.port(1)).error().code, ErrorCode::kState);
  ASSERT_TRUE(signing.prepare());
  ASSERT_TRUE(signing[0].set_share(world.key.shares[0], {1}, signing.network.port(1)).ok());
  EXPECT_EQ(signing[0].set_share(world.key.shares[0], {2}, signing.network.port(1)).error().code, ErrorCode::kState);
  ASSERT_TRUE(signing[1].set_share(world.key.shares[1], {1}, signing.network.port(2)).ok());
  while (signing.network.step()) {
  }
  ASSERT_TRUE(signing[0].done());
  EXPECT_EQ(signing[0].set_share(world.key.shares[0], {2}, signing.network.port(1)).error().code, ErrorCode::kState);
  expect_valid(world, signing[0].signature(), {1});
}

TEST(DklsSign, RefusesAKeyThatDoesNotFit) {
  World world({1, 2}, Sharing::kAdditive, "bad key");
  SharedKey bad = world.key;
  bad.key.share_points[1] = crypto::generator();
  Signing<> other_point(bad, world.setups, world.random);
  other_point.network.run();
  EXPECT_EQ(other_point[0].failure()->error.code, ErrorCode::kMismatch);
  EXPECT_EQ(other_point.network.sent_messages(), 0u);
  bad.key.share_points[1] = {};
  Signing<> zero(bad, world.setups, world.random);
  zero.network.run();
  EXPECT_EQ(zero[0].failure()->error.code, ErrorCode::kInfinity);
}

}  // namespace
}  // namespace touchstone::mpc::dkls
