// The wallet's side of DKLs23 against a card's side in a few lines.
#include "wallet/card_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "base/seed.h"
#include "contract/dkls.h"
#include "contract/messages.h"
#include "crypto/ecdsa.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {
namespace {

using contract::RunBegin;
using contract::RunMessage;
using crypto::Scalar;
using Kind = RunBegin::Run;

struct Card : mpc::Transport {
  explicit Card(crypto::Curve& on) : endpoint(mpc::dkls::Role::kCard, on, crypto::ecdsa_verify, memory) {}
  Status send(mpc::PartyId, Bytes message) override {
    out.push_back(encoded(RunMessage{message}));
    return {};
  }
  alignas(8) ByteArray<sizeof(mpc::dkls::Endpoint::Memory)> memory;
  mpc::dkls::Endpoint endpoint;
  std::deque<ByteVector> out;
};

class CardRunsTest : public testing::Test {
 protected:
  /// The card offers a run; begins it with the wallet's nonce, and both speak until nothing is left. The wallet's error, if any.
  Status run(Kind kind) {
    RunBegin offer;
    offer.run = static_cast<std::uint8_t>(kind);
    random.fill(offer.nonce);
    auto answers = runs.on_message(encoded(offer));
    TS_RETURN_IF_ERROR(answers);
    const auto accepted = RunBegin::decode(answers->front()).value();
    const mpc::dkls::RunNonces nonces{accepted.nonce, offer.nonce};
    ByteArray<32> fresh, hedge_bytes;
    random.fill(fresh);
    random.fill(hedge_bytes);
    Status begun;
    if (kind == Kind::kSetUp) begun = card.endpoint.begin_setup(nonces, fresh, hedge_bytes, card);
    if (kind == Kind::kKey) begun = card.endpoint.begin_key(nonces, card_share, wallet_point, 3, fresh, card);
    if (kind == Kind::kSign) begun = card.endpoint.begin_sign(nonces, key, fresh, card);
    TS_RETURN_IF_ERROR(begun);
    answers->erase(answers->begin());
    return speak(std::move(*answers));
  }
  Status speak(std::vector<ByteVector> answers = {}) {
    for (;;) {
      for (const ByteVector& answer : answers) {
        said.push_back(answer);
        const auto message = RunMessage::decode(answer).value();
        TS_RETURN_IF_ERROR(card.endpoint.take(message.payload, card));
      }
      answers.clear();
      for (auto worked = card.endpoint.work(card); worked && *worked;) worked = card.endpoint.work(card);
      if (card.out.empty()) return {};
      const ByteVector message = card.out.front();
      card.out.pop_front();
      auto next = runs.on_message(message);
      TS_RETURN_IF_ERROR(next);
      answers = std::move(*next);
    }
  }
  bool wallet_has_opened() const {
    return std::any_of(said.begin(), said.end(), [](const ByteVector& m) {
      const auto message = RunMessage::decode(m);
      return message && contract::dkls::SignOpen::decode(message->payload).ok();
    });
  }

  crypto::HostCurve curve;
  Random random = SeedTree(9).stream("runs");
  CardRuns runs{curve, [this](MutableBytes out) { random.fill(out); }};
  Card card{curve};
  const Scalar wallet_share = Scalar::from_u32(1001), card_share = Scalar::from_u32(2002), tweak = Scalar::from_u32(77);
  const crypto::Point wallet_point = curve.multiply_base(wallet_share).value(), card_point = curve.multiply_base(card_share).value();
  const mpc::dkls::SigningKey key = mpc::dkls::address_signing_key(curve, wallet_point, card_point, tweak, 3).value();
  const ByteArray<32> message_hash{0x42};
  Secret<32> hedge;
  std::vector<ByteVector> said;
};

TEST_F(CardRunsTest, MakesAKeyThenSignsWithOneSetUp) {
  runs.expect_key(wallet_share, 3, hedge);
  ASSERT_TRUE(run(Kind::kKey).ok());
  ASSERT_NE(runs.key(), nullptr);
  EXPECT_TRUE(crypto::equal(runs.key()->share_points[1], card_point));
  for (int i = 0; i < 2; ++i) {
    said.clear();
    runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
    if (i == 0) {
      ASSERT_TRUE(run(Kind::kSetUp).ok());
    }
    ASSERT_TRUE(run(Kind::kSign).ok());
    EXPECT_FALSE(wallet_has_opened()) << "before the card has";
    EXPECT_EQ(runs.signature(), nullptr);
    ASSERT_TRUE(card.endpoint.open(card_share, message_hash, card).ok());
    ASSERT_TRUE(speak().ok());
    ASSERT_NE(runs.signature(), nullptr);
    EXPECT_TRUE(crypto::host_ecdsa_verify(curve, key.public_key, message_hash, runs.signature()->bytes).ok());
    runs.end();
    EXPECT_EQ(runs.signature(), nullptr);
  }
}

TEST_F(CardRunsTest, DoesOnlyWhatIsExpected) {
  RunBegin offer;
  offer.run = static_cast<std::uint8_t>(Kind::kSetUp);
  EXPECT_EQ(runs.on_message(encoded(offer)).error().code, ErrorCode::kState) << "nothing was asked for";
  runs.expect_key(wallet_share, 3, hedge);
  EXPECT_EQ(runs.on_message(encoded(offer)).error().code, ErrorCode::kState) << "a key is due";
  EXPECT_EQ(runs.on_message(encoded(offer)).error().code, ErrorCode::kState) << "and after an error nothing";
  runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
  offer.run = static_cast<std::uint8_t>(Kind::kKey);
  EXPECT_EQ(runs.on_message(encoded(offer)).error().code, ErrorCode::kState);
  runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
  offer.run = static_cast<std::uint8_t>(Kind::kSign);
  EXPECT_EQ(runs.on_message(encoded(offer)).error().code, ErrorCode::kState) << "no set-up yet";
  runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
  offer.run = 9;
  EXPECT_FALSE(runs.on_message(encoded(offer)).ok());
  for (const ByteVector& bad : {ByteVector{}, ByteVector{RunBegin::kId}, ByteVector{RunMessage::kId, 0, 0}, ByteVector(3000, 0x0f)}) {
    runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
    EXPECT_FALSE(runs.on_message(bad).ok());
  }
}

TEST_F(CardRunsTest, ACardThatOpensAnotherMessageGetsNoSignature) {
  runs.expect_signature(key, wallet_share + tweak, message_hash, hedge);
  ASSERT_TRUE(run(Kind::kSetUp).ok());
  ASSERT_TRUE(run(Kind::kSign).ok());
  const ByteArray<32> another{0x43};
  ASSERT_TRUE(card.endpoint.open(card_share, another, card).ok());
  EXPECT_EQ(speak().error().code, ErrorCode::kMismatch);
  EXPECT_EQ(runs.signature(), nullptr);
  const Bytes memory = runs.memory();
  EXPECT_TRUE(std::all_of(memory.begin(), memory.end(), [](std::uint8_t b) { return b == 0; })) << "nothing of it is left";
}

}  // namespace
}  // namespace touchstone::wallet
