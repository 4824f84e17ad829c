// What a bad generator costs.
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/test_parties.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {
namespace {

using contract::dkls::Multiply;
using contract::dkls::SignOpen;
using contract::dkls::SignPrepare;
using crypto::Scalar;

struct World {
  Random random = SeedTree(10).stream("hedge");
  Setups setups{{1, 2}, random};
  SharedKey key{{1, 2}, Sharing::kAdditive, random};
};

// Party 1's generator gives zeros and party 2 knows it. Whoever recomputes party 1's pad reads its share off gamma.
TEST(DklsHedge, AKnownGeneratorDoesNotTellThePads) {
  World world;
  const SessionId session = draw(world.random);
  const Given zeros{session, {{1, {}}}, {}};
  Signing<> signing(world.key, world.setups, world.random, zeros);
  ByteArray<32> gamma{};
  crypto::CompressedPoint share_point{};
  std::vector<std::uint8_t> prepare_of_2;
  signing.network.tamper = [&](Network::Message& m) {
    if (m.from == 1)
      edit<SignOpen>(m.bytes, [&](SignOpen& open) { gamma = open.gamma, share_point = open.share_point; });
    if (m.from == 2 && m.bytes[0] == SignPrepare::kId) prepare_of_2 = m.bytes;
    return true;
  };
  ASSERT_TRUE(signing.prepare());
  const Scalar pad = signing.memory(0).pad;

  // What party 1 draws, recomputed from what it takes for the secret of party 1's set-up.
  const auto recompute = [&](const Seed& secret) {
    Randomness random(ByteArray<32>{},
                      Transcript("touchstone/dkls23/sign/random").add(signing[0].id()).add_u32(1).add(Bytes()).digest(),
                      label("prepare"));
    random.stir(secret);
    random.stir(Transcript("touchstone/dkls23/sign/heard").digest());
    random.stir(Transcript("touchstone/dkls23/sign/heard").add_u32(2).add(prepare_of_2).digest());
    Seed online;
    random.fill(online);
    return random.scalar();
  };
  EXPECT_TRUE(equal_constant_time(recompute(world.setups.at(1, 2).own_secret()), pad)) << "it is recomputed rightly";

  // Party 1's set-up as far as party 2 knows it: one of the two nodes of every tree, not Delta.
  OtSetup& known = world.setups.at(2, 1);
  std::vector<std::uint8_t> bytes(OtSetup::kBytes);
  ASSERT_TRUE(known.store(bytes).ok());
  std::swap(bytes[0], bytes[1]);
  std::fill(bytes.begin() + 66, bytes.end(), std::uint8_t{0});
  for (std::size_t tree = 0; tree < kTrees; ++tree) {
    const std::size_t node = 1 - (known.missing(tree) >> (kTreeDepth - 1));
    const Seed& sibling = known.punctured_trees()[tree].siblings[0];
    EXPECT_EQ(sibling, world.setups.at(1, 2).full_trees()[tree].nodes[node]);
    std::copy(sibling.begin(), sibling.end(), bytes.begin() + static_cast<std::ptrdiff_t>(82 + 32 * (2 * tree + node)));
  }
  const ByteArray<32> digest =
      crypto::tagged_hash("touchstone/dkls23/setup/stored", Bytes(bytes).first(OtSetup::kBytes - 16));
  std::copy_n(digest.begin(), 16, bytes.end() - 16);
  MemoryFuse fuse;
  OtSetup guessed(&fuse);
  ASSERT_TRUE(guessed.load(bytes).ok());
  ASSERT_TRUE(signing.sign({1}));
  crypto::HostCurve curve;
  EXPECT_EQ(crypto::compress(curve.multiply_base(Scalar::from_bytes(gamma).value() + pad).value()), share_point)
      << "which is why nobody may know the pad";
  for (const Seed& secret : {guessed.own_secret(), known.own_secret(), known.zero_seed(), Seed()}) {
    EXPECT_FALSE(equal_constant_time(recompute(secret), pad));
  }

  Setups others({1, 2}, world.random);
  Signing<> elsewhere(world.key, others, world.random, zeros);
  ASSERT_TRUE(elsewhere.prepare());
  EXPECT_FALSE(equal_constant_time(elsewhere.memory(0).pad, pad)) << "another set-up, the same zeros";
}

TEST(DklsHedge, AKnownGeneratorDoesNotTellDelta) {
  crypto::HostCurve curve;
  const ByteArray<32> zeros{};
  std::array<ByteArray<32>, 2> hedges{{{1}, {2}}};
  std::array<OtSetup, 2> of_first, of_second;
  for (std::size_t i = 0; i < 2; ++i) {
    SetupSession a(curve, {7}, 1, 2, zeros, hedges[i], of_first[i]),
        b(curve, {7}, 2, 1, zeros, hedges[i], of_second[i]);
    Network network;
    network.join(1, a);
    network.join(2, b);
    network.run();
    ASSERT_TRUE(a.done() && b.done());
    EXPECT_NE(of_first[i].delta(), of_second[i].delta());
  }
  EXPECT_NE(of_first[0].delta(), of_first[1].delta()) << "all but the secrets of the parties is the same";
  EXPECT_NE(of_first[0].full_trees()[0].nodes[0], of_first[1].full_trees()[0].nodes[0]);
}

// Party 2 is set back: it starts twice from the same state, with the same words from its generator. Party 1 repeats the
// session with a nonce of its own choice.
struct SetBack {
  explicit SetBack(bool answers) {
    const SessionId session = draw(world.random);
    const ByteArray<32> first = draw(world.random), other = draw(world.random), same = draw(world.random);
    const std::optional<PartyId> answering = answers ? std::optional<PartyId>(2) : std::nullopt;
    const std::array<ByteArray<32>, 3> of_1 = {first, first, other};
    for (std::size_t i = 0; i < of_1.size(); ++i) {
      Setups setups(world.setups);
      Signing<> signing(world.key, setups, world.random, {session, {{1, of_1[i]}, {2, same}}, answering});
      signing.network.tamper = [&](Network::Message& m) {
        if (m.from == 2) edit<SignOpen>(m.bytes, [&](SignOpen& open) { opens[i] = {open.nonce_point, open.psi}; });
        return true;
      };
      TS_CHECK(signing.prepare(), "prepare");
      pads[i] = signing.memory(1).pad;
      factors[i] = signing.memory(1).chi;
      TS_CHECK(signing.sign({1}), "sign");
    }
  }
  World world;
  std::array<std::pair<ByteArray<33>, ByteArray<32>>, 3> opens;
  std::array<Scalar, 3> pads, factors;
};

TEST(DklsHedge, AnAnsweringPartyThatIsSetBackDrawsAnew) {
  const SetBack back(true);
  EXPECT_EQ(back.opens[0], back.opens[1]) << "to the same words it says the same";
  EXPECT_TRUE(equal_constant_time(back.pads[0], back.pads[1]));
  EXPECT_NE(back.opens[0].first, back.opens[2].first) << "to other words with another nonce";
  EXPECT_FALSE(equal_constant_time(back.pads[0], back.pads[2]));
  EXPECT_FALSE(equal_constant_time(back.factors[0], back.factors[2]));
}

// The same pads of the OTs for two nonces would tell the difference of the nonces, which is as bad as one nonce twice.
TEST(DklsHedge, NoPadOfAnObliviousTransferServesTwoNonces) {
  World world;
  const Given given{draw(world.random), {{1, draw(world.random)}, {2, draw(world.random)}}, 2};
  std::array<std::array<Scalar, 2>, 2> rows;  // [run][OT]: what is sent for the nonce
  for (std::size_t run = 0; run < 2; ++run) {
    Setups setups(world.setups);
    Signing<> signing(world.key, setups, world.random, given);
    signing.network.tamper = [&](Network::Message& m) {
      if (m.from == 1 && run == 1) edit<SignPrepare>(m.bytes, [](SignPrepare& p) { p.commitment[0] ^= 1; });
      if (m.from == 2)
        edit<Multiply>(m.bytes, [&](Multiply& p) {
          for (std::size_t j = 0; j < 2 && p.piece == 0; ++j)
            rows[run][j] = Scalar::from_bytes(p.rows.subspan(j * kWidth * 32, 32)).value();
        });
      return true;
    };
    EXPECT_EQ(signing.prepare(), run == 0);
  }
  EXPECT_FALSE(equal_constant_time(rows[0][0], rows[1][0]));
  EXPECT_FALSE(equal_constant_time(rows[0][0] - rows[1][0], rows[0][1] - rows[1][1]));
}

TEST(DklsHedge, WhoSpeaksFirstIsNotSafeWhenSetBack) {
  const SetBack back(false);
  EXPECT_EQ(back.opens[0].first, back.opens[2].first) << "the limit that sign.h tells: the nonce was fixed before";
  EXPECT_FALSE(equal_constant_time(back.pads[0], back.pads[2])) << "but not what is drawn after";
  EXPECT_NE(back.opens[0].second, back.opens[2].second);
}

TEST(DklsHedge, OneSignerOfManyMayAnswer) {
  for (const std::vector<PartyId>& signers : {std::vector<PartyId>{1, 2}, {1, 2, 3}})
    for (std::uint32_t order = 0; order < 4; ++order) {
      Random random = SeedTree(11).stream("answer");
      Setups setups(signers, random);
      const SharedKey key(signers, Sharing::kShamir, random);
      Signing<> signing(key, setups, random, {{}, {}, signers[order % signers.size()]});
      std::uint32_t state = order;
      signing.network.pick = [&](std::size_t) { return (state = state * 1103515245u + 12345u) >> 16; };
      ASSERT_TRUE(signing.prepare());
      EXPECT_TRUE(signing.sign({1}));
    }
}

}  // namespace
}  // namespace touchstone::mpc::dkls
