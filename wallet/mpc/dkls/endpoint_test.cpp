// Wallet and card as they run DKLs23 over one ordered link.
#include <gtest/gtest.h>

#include <deque>

#include "contract/dkls.h"
#include "crypto/ecdsa.h"
#include "crypto/point.h"
#include "mpc_dkls/endpoint.h"
#include "mpc_dkls/test_parties.h"

namespace touchstone::mpc::dkls {
namespace {

using crypto::Point;
using crypto::Scalar;
using Message = std::vector<std::uint8_t>;

struct Side : Transport {
  Side(Role role, crypto::Curve& curve, crypto::EcdsaVerifier verify, const Scalar& own_share)
      : endpoint(role, curve, verify, memory), share(own_share), point(curve.multiply_base(own_share).value()) {}
  Status send(PartyId, Bytes message) override {
    out.emplace_back(message.begin(), message.end());
    return {};
  }
  alignas(8) ByteArray<sizeof(Endpoint::Memory)> memory;
  Endpoint endpoint;
  const Scalar share;
  const Point point;
  std::deque<Message> out;
};

class DklsEndpoint : public testing::Test {
 protected:
  RunNonces nonces() { return {draw(random), draw(random)}; }
  ByteArray<32> fresh() { return draw(random); }
  /// Delivers in order until nothing is left; an early message waits. False at the first error.
  bool exchange() {
    for (;;) {
      const auto card_worked = card->endpoint.work(*card);
      if (!card_worked) return false;
      bool moved = *card_worked;
      for (const auto& [from, to] : {std::pair{&*wallet, &*card}, std::pair{&*card, &*wallet}}) {
        if (from->out.empty()) continue;
        const auto taken = to->endpoint.take(from->out.front(), *to);
        if (!taken) return false;
        if (*taken == Delivery::kEarly) continue;
        from->out.pop_front();
        moved = true;
      }
      if (!moved) return true;
    }
  }
  bool set_up() {
    const RunNonces n = nonces();
    return card->endpoint.begin_setup(n, fresh(), fresh(), *card).ok() && wallet->endpoint.begin_setup(n, fresh(), fresh(), *wallet).ok() &&
           exchange() && card->endpoint.done() && wallet->endpoint.done();
  }
  bool prepare(const SigningKey& key) {
    const RunNonces n = nonces();
    return card->endpoint.begin_sign(n, key, fresh(), *card).ok() && wallet->endpoint.begin_sign(n, key, fresh(), *wallet).ok() && exchange() &&
           card->endpoint.prepared() && wallet->endpoint.prepared();
  }
  SigningKey key_of(const Scalar& tweak) { return address_signing_key(curve, wallet->point, card->point, tweak, 3).value(); }

  Random random = SeedTree(11).stream("endpoint");
  crypto::HostCurve curve;
  std::unique_ptr<Side> wallet = std::make_unique<Side>(Role::kWallet, curve, crypto::host_ecdsa_verify, draw_scalar(random)),
                        card = std::make_unique<Side>(Role::kCard, curve, crypto::ecdsa_verify, draw_scalar(random));
};

TEST_F(DklsEndpoint, SignsForAnyAddressWithOneSetUp) {
  ASSERT_TRUE(set_up());
  for (int i = 0; i < 3; ++i) {
    const Scalar tweak = draw_scalar(random);
    const SigningKey key = key_of(tweak);
    EXPECT_TRUE(crypto::equal(key.public_key, curve.multiply_base(wallet->share + tweak + card->share).value()));
    ASSERT_TRUE(prepare(key));
    std::fill(card->memory.begin(), card->memory.end(), std::uint8_t{0xa5});  // an image lies there now
    const ByteArray<32> message = draw(random);
    ASSERT_TRUE(card->endpoint.open(card->share, message, *card).ok());
    ASSERT_TRUE(wallet->endpoint.open(wallet->share + tweak, message, *wallet).ok());
    ASSERT_TRUE(exchange());
    ASSERT_TRUE(card->endpoint.done() && wallet->endpoint.done());
    EXPECT_EQ(card->endpoint.signature()->bytes, wallet->endpoint.signature()->bytes);
    EXPECT_TRUE(crypto::host_ecdsa_verify(curve, key.public_key, message, wallet->endpoint.signature()->bytes).ok());
  }
}

TEST_F(DklsEndpoint, TheWalletHearsThatTheCardHasOpened) {
  ASSERT_TRUE(set_up());
  ASSERT_TRUE(prepare(key_of(Scalar())));
  ASSERT_TRUE(card->endpoint.open(card->share, {}, *card).ok());
  ASSERT_EQ(card->out.size(), 1u);
  EXPECT_EQ(*wallet->endpoint.take(card->out.front(), *wallet), Delivery::kEarly);
  EXPECT_TRUE(wallet->out.empty()) << "nothing of the wallet's share has left";
}

TEST_F(DklsEndpoint, MakesTheKeyOfTheSharesThatWereNamed) {
  const RunNonces n = nonces();
  ASSERT_TRUE(card->endpoint.begin_key(n, card->share, wallet->point, 3, fresh(), *card).ok());
  ASSERT_TRUE(wallet->endpoint.begin_key(n, wallet->share, card->point, 3, fresh(), *wallet).ok());
  ASSERT_TRUE(exchange());
  ASSERT_TRUE(card->endpoint.done() && wallet->endpoint.done());
  EXPECT_TRUE(crypto::equal(card->endpoint.key()->public_key, key_of(Scalar()).public_key));
}

TEST_F(DklsEndpoint, RefusesAKeyOfAnotherShareThanTheNamedOne) {
  const RunNonces n = nonces();
  ASSERT_TRUE(card->endpoint.begin_key(n, card->share, wallet->point, 3, fresh(), *card).ok());
  ASSERT_TRUE(wallet->endpoint.begin_key(n, wallet->share + Scalar::from_u32(1), card->point, 3, fresh(), *wallet).ok());
  EXPECT_FALSE(exchange());
  EXPECT_FALSE(card->endpoint.done());
}

TEST_F(DklsEndpoint, NoRunWithoutASetUpAndNoneWithAnothersNonce) {
  const SigningKey key = key_of(Scalar());
  EXPECT_EQ(card->endpoint.begin_sign(nonces(), key, fresh(), *card).error().code, ErrorCode::kState);
  EXPECT_EQ(card->endpoint.take({}, *card).error().code, ErrorCode::kState);
  ASSERT_TRUE(set_up());
  ASSERT_TRUE(card->endpoint.begin_sign(nonces(), key, fresh(), *card).ok());
  ASSERT_TRUE(wallet->endpoint.begin_sign(nonces(), key, fresh(), *wallet).ok());
  ASSERT_EQ(wallet->out.size(), 1u);
  EXPECT_EQ(*card->endpoint.take(wallet->out.front(), *card), Delivery::kForeign) << "other nonces, another session";
}

TEST_F(DklsEndpoint, ACheatedSetUpIsGoneAndANewOneServes) {
  ASSERT_TRUE(set_up());
  const SigningKey key = key_of(Scalar());
  const RunNonces n = nonces();
  ASSERT_TRUE(card->endpoint.begin_sign(n, key, fresh(), *card).ok());
  ASSERT_TRUE(wallet->endpoint.begin_sign(n, key, fresh(), *wallet).ok());
  edit<contract::dkls::SignPrepare>(wallet->out.front(), [](auto& m) { m.choice_hash[0] ^= 1; });
  EXPECT_FALSE(exchange());
  EXPECT_FALSE(card->endpoint.has_setup());
  wallet->out.clear();
  ASSERT_TRUE(set_up());
  EXPECT_TRUE(prepare(key));
}

TEST_F(DklsEndpoint, ARunThatIsDoneHasLeftTheMemory) {
  const auto garbage = [&] { std::fill(card->memory.begin(), card->memory.end(), std::uint8_t{0xa5}); };  // an image
  ASSERT_TRUE(set_up());
  EXPECT_FALSE(card->endpoint.occupies_memory());
  garbage();
  EXPECT_EQ(card->endpoint.take(Message(33), *card).error().code, ErrorCode::kState);
  EXPECT_FALSE(*card->endpoint.work(*card));
  card->endpoint.end();
  EXPECT_TRUE(card->endpoint.has_setup());
  const RunNonces n = nonces();
  ASSERT_TRUE(card->endpoint.begin_key(n, card->share, wallet->point, 3, fresh(), *card).ok());
  ASSERT_TRUE(wallet->endpoint.begin_key(n, wallet->share, card->point, 3, fresh(), *wallet).ok());
  ASSERT_TRUE(exchange());
  EXPECT_FALSE(card->endpoint.occupies_memory());
  garbage();
  EXPECT_EQ(card->endpoint.take(Message(33), *card).error().code, ErrorCode::kState);
  EXPECT_TRUE(crypto::equal(card->endpoint.key()->public_key, key_of(Scalar()).public_key));
  card->endpoint.end();
  EXPECT_EQ(card->endpoint.key(), nullptr);
}

TEST_F(DklsEndpoint, TheEndLeavesNothingInTheMemory) {
  ASSERT_TRUE(set_up());
  const RunNonces n = nonces();
  ASSERT_TRUE(wallet->endpoint.begin_sign(n, key_of(Scalar()), fresh(), *wallet).ok());
  wallet->endpoint.end();
  EXPECT_TRUE(std::all_of(wallet->memory.begin(), wallet->memory.end(), [](std::uint8_t b) { return b == 0; }));
  EXPECT_TRUE(wallet->endpoint.has_setup());
  wallet->endpoint.forget();
  EXPECT_FALSE(wallet->endpoint.has_setup());
}

}  // namespace
}  // namespace touchstone::mpc::dkls
