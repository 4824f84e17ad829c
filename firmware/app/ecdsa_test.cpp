// ECDSA on the card: the real wallet's side of DKLs23 against the card on fake devices.
#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "contract/dkls.h"
#include "crypto/point.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/wallet.h"

namespace touchstone::firmware::testing {
namespace {

using contract::RunBegin;
using contract::RunMessage;
using Reason = contract::Refusal::Reason;

/// The payload of a RunMessage, empty for any other.
Bytes payload_of(Bytes message) {
  const auto run = RunMessage::decode(message);
  return run ? run->payload : Bytes();
}

/// A wallet with an ECDSA account at the other end of the bench's wire. Its answers come at once.
class EcdsaCardTest : public ::testing::Test {
 protected:
  EcdsaCardTest() {
    bench.wire.on_sent = [this](Bytes message) { hear(message); };
    open_wallet();
  }

  void open_wallet() {
    wallet.reset();
    runs = std::make_unique<wallet::CardRuns>(curve, entropy);
    Secret<32> secret_a;
    secret_a.expose()[0] = 0x5a;
    const wallet::WalletConfig config{chain::Network::kRegtest, Bench::kAccount, Bench::kEpoch, mpc::Scheme::kDkls23};
    wallet = wallet::Wallet::create(config, secret_a, curve, entropy, runs.get()).value();
    if (card_key) TS_CHECK(wallet->restore_pairing(*card_key).ok(), "the card's key");
  }

  void hear(Bytes message) {
    heard.emplace_back(message.begin(), message.end());
    if (!on_air(heard.back())) return;
    outcome = wallet->on_message(heard.back());
    if (const auto* paired = std::get_if<wallet::Paired>(&*outcome)) card_key = paired->card_key;
    const auto* answers = std::get_if<wallet::Answers>(&*outcome);
    if (answers == nullptr) return;
    for (wallet::ByteVector answer : answers->messages) {
      said.push_back(answer);
      if (on_air(answer)) bench.deliver(answer);
    }
  }

  bool pair() {
    outcome.reset();
    for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
    bench.deliver(wallet->pair_request(4));
    bench.run([&] { return outcome && !std::holds_alternative<wallet::Answers>(*outcome); });
    return outcome && std::holds_alternative<wallet::Paired>(*outcome);
  }

  /// A payment that the owner confirms with that finger; what came of it for the wallet. `fresh_wallet`: as after a new start.
  void pay(int finger_index = 1) {
    outcome.reset();
    said.clear();
    wallet::Payment payment;
    payment.coin = {{0xab}, 1, Bench::kInput_sat, {0, 5}};
    payment.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", Bench::kAmount_sat}};
    payment.fee_sat = Bench::kFee_sat;
    request = wallet->sign_request(payment).value();
    bench.sensor.plan.clear();
    bench.plan_confirmation(finger_index);
    bench.plan_hold(std::exchange(later_holds, {}));
    bench.deliver(request.message);
    bench.run([] { return false; });
  }

  bool is_signed() const { return outcome && std::holds_alternative<wallet::Signed>(*outcome); }
  bool refused(Reason reason) const { return bench.last_refusal() == static_cast<int>(reason); }
  bool arena_is_clean() const {
    return std::all_of(bench.arena.begin(), bench.arena.end(), [](std::uint8_t b) { return b == 0; });
  }
  int count(const std::vector<Pixels>& messages, contract::RunBegin::Run run) const {
    return static_cast<int>(std::count_if(messages.begin(), messages.end(), [&](const Pixels& m) {
      const auto begin = RunBegin::decode(m);
      return begin && begin->run == static_cast<std::uint8_t>(run);
    }));
  }
  void reconnect() {
    bench.wire.close();
    bench.settle();
    bench.wire.open();
    bench.settle();
    static_cast<void>(wallet->on_link_lost());
    open_wallet();
  }

  Bench bench;
  crypto::HostCurve curve;
  Random random = SeedTree(3).stream("wallet");
  wallet::EntropySource entropy = [this](MutableBytes out) { random.fill(out); };
  std::unique_ptr<wallet::CardRuns> runs;
  std::unique_ptr<wallet::Wallet> wallet;
  std::optional<crypto::CompressedPoint> card_key;
  std::optional<wallet::Outcome> outcome;
  wallet::SigningRequest request;
  std::vector<int> later_holds;  ///< fingers of the next request after the first, in case it is not known
  std::vector<Pixels> heard;                ///< by the wallet
  std::vector<wallet::ByteVector> said;     ///< by the wallet in runs
  /// May change a message of either side; false: it is lost.
  std::function<bool(Pixels&)> on_air = [](Pixels&) { return true; };
};

TEST_F(EcdsaCardTest, PairsAndSigns) {
  ASSERT_TRUE(pair());
  EXPECT_TRUE(bench.app->enrolled());
  pay();
  ASSERT_TRUE(is_signed());
  const auto& done = std::get<wallet::Signed>(*outcome);
  crypto::CompressedPoint key;
  std::copy(done.public_key.begin(), done.public_key.end(), key.begin());
  EXPECT_TRUE(crypto::host_ecdsa_verify(curve, crypto::decompress(curve, key).value(), done.message_hash, done.signature).ok());
  EXPECT_EQ(done.message_hash, request.review.message_hash);
  EXPECT_TRUE(bench.shown("signed"));
  EXPECT_TRUE(arena_is_clean());
}

TEST_F(EcdsaCardTest, OneSetUpServesAConnection) {
  ASSERT_TRUE(pair());
  for (int i = 0; i < 3; ++i) {
    pay();
    ASSERT_TRUE(is_signed());
  }
  EXPECT_EQ(count(heard, RunBegin::Run::kSetUp), 1);
  EXPECT_EQ(count(heard, RunBegin::Run::kSign), 3);
  reconnect();
  pay();
  EXPECT_TRUE(is_signed());
  EXPECT_EQ(count(heard, RunBegin::Run::kSetUp), 2) << "nothing of a connection outlives it";
}

TEST_F(EcdsaCardTest, SaysLittleAfterTheTouch) {
  ASSERT_TRUE(pair());
  std::size_t before = 0;
  bench.sensor.on_capture = [&] { before = heard.size() + said.size(); };
  pay();
  ASSERT_TRUE(is_signed());
  EXPECT_EQ(heard.size() + said.size() - before, 4u) << "an opening and a share of either side";
}

TEST_F(EcdsaCardTest, WhatIsPreparedOutlivesAFingerThatIsNotKnown) {
  ASSERT_TRUE(pair());
  heard.clear();
  later_holds = {2, 1};
  pay(2);
  EXPECT_TRUE(is_signed());
  EXPECT_EQ(count(heard, RunBegin::Run::kSign), 1) << "one run for three tries";
}

TEST_F(EcdsaCardTest, AnotherFingerGetsNothingAndTheWalletsShareStaysInside) {
  ASSERT_TRUE(pair());
  pay(2);
  EXPECT_TRUE(refused(Reason::kNoMatch));
  EXPECT_FALSE(is_signed());
  for (const auto& message : said) EXPECT_FALSE(contract::dkls::SignOpen::decode(payload_of(message)).ok());
  EXPECT_TRUE(arena_is_clean());
  pay();
  EXPECT_TRUE(is_signed());
}

TEST_F(EcdsaCardTest, TheOtherKindOfRequestIsRefused) {
  ASSERT_TRUE(pair());
  Bench taproot;
  ASSERT_TRUE(taproot.pair());
  bench.wire.sent.clear();
  bench.deliver(taproot.sign_request(1));
  bench.run_to_answer();
  EXPECT_TRUE(refused(Reason::kBadRequest));
  pay();
  ASSERT_TRUE(is_signed());
  taproot.deliver(request.message);
  taproot.run_to_answer();
  EXPECT_EQ(taproot.last_refusal(), static_cast<int>(Reason::kBadRequest));
}

TEST_F(EcdsaCardTest, NothingOfARunIsHeardOutsideOfOne) {
  ASSERT_TRUE(pair());
  bench.settle();
  const std::size_t pages = bench.screen.pages.size(), sent = bench.wire.sent.size();
  ByteArray<RunBegin::kMaxBytes> begin;
  bench.deliver(RunBegin{2, {}}.encode(begin).value());
  ByteArray<RunMessage::kMaxBytes> message;
  bench.deliver(RunMessage{{}}.encode(message).value());
  bench.settle();
  EXPECT_EQ(bench.screen.pages.size(), pages);
  EXPECT_EQ(bench.wire.sent.size(), sent);
}

/// Every message of a pairing and a payment, of either side, is lost once - and with it the connection - and changed once.
/// Nothing is signed then, nothing stays in the arena, and the next connection signs.
class EcdsaFaultTest : public EcdsaCardTest, public ::testing::WithParamInterface<bool> {};

TEST_P(EcdsaFaultTest, NoMessageCanBeMissedOrChanged) {
  const bool is_change = GetParam();
  ASSERT_TRUE(pair());
  std::size_t messages = 0;
  on_air = [&](Pixels&) { return ++messages, true; };
  pay();
  ASSERT_TRUE(is_signed());
  const std::size_t all = messages;
  ASSERT_GT(all, 30u);
  // With the set-up: the first payment of a connection. Of the long row of pieces some are enough.
  for (std::size_t target = 0; target < all; target += target > 24 && target + 10 < all ? 5 : 1) {
    reconnect();
    messages = 0;
    on_air = [&](Pixels& m) {
      if (messages++ != target) return true;
      if (is_change) m[m.size() / 2] ^= 1;
      else bench.wire.close();
      return is_change;
    };
    pay();
    on_air = [](Pixels&) { return true; };
    // Of the last messages one side may have all it needs: then it has a signature that verifies.
    EXPECT_TRUE(target + 4 >= all || !is_signed()) << "message " << target;
    EXPECT_TRUE(arena_is_clean()) << "message " << target;
    reconnect();
    pay();
    ASSERT_TRUE(is_signed()) << "after message " << target;
  }
}
INSTANTIATE_TEST_SUITE_P(LostOrChanged, EcdsaFaultTest, ::testing::Bool(), [](const auto& kind) { return kind.param ? "Changed" : "Lost"; });

TEST_F(EcdsaCardTest, ThePowerCanFailAtAnyMessage) {
  ASSERT_TRUE(pair());
  for (std::size_t target = 0;; target += 3) {
    reconnect();
    heard.clear();
    bool cut = false;
    on_air = [&](Pixels&) { return !(cut = cut || heard.size() == target + 1); };
    pay();
    on_air = [](Pixels&) { return true; };
    if (!cut) break;
    bench.boot();
    open_wallet();
    bench.settle();
    pay();
    ASSERT_TRUE(is_signed()) << "after message " << target;
  }
}

TEST_F(EcdsaCardTest, APairingThatBreaksOffLeavesTheCardNew) {
  on_air = [&](Pixels& m) { return RunBegin::decode(m).ok() || payload_of(m).empty(); };  // the key's messages are lost
  EXPECT_FALSE(pair());
  bench.settle();
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_TRUE(refused(Reason::kTimeout));
  on_air = [](Pixels&) { return true; };
  open_wallet();
  EXPECT_TRUE(pair());
}

TEST_F(EcdsaCardTest, APairingWhoseAnswerWasLostIsAnsweredAgain) {
  on_air = [&](Pixels& m) { return !contract::PairResponse::decode(m).ok(); };
  EXPECT_FALSE(pair());
  EXPECT_TRUE(bench.app->enrolled());
  on_air = [](Pixels&) { return true; };
  reconnect();
  const auto ask = [&](int finger_index) {
    outcome.reset();
    bench.sensor.plan.clear();
    bench.plan_hold({finger_index});
    bench.plan_hold(std::exchange(later_holds, {}));
    bench.deliver(wallet->pair_request(4));
    bench.run([&] { return outcome && !std::holds_alternative<wallet::Answers>(*outcome); });
    bench.settle();
  };
  ask(2);
  EXPECT_TRUE(refused(Reason::kNoMatch)) << "another finger proves nothing";
  open_wallet();
  later_holds = {1};
  ask(2);
  ASSERT_TRUE(outcome && std::holds_alternative<wallet::Paired>(*outcome));
  pay();
  EXPECT_TRUE(is_signed());
}

TEST_F(EcdsaCardTest, AWalletThatDoesNotKnowItsShareIsNotPaired) {
  for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
  auto message = wallet->pair_request(4);
  auto forged = contract::PairRequest::decode(message).value();
  forged.wallet_public_key = crypto::compress(curve.multiply_base(crypto::Scalar::from_u32(5)).value());
  static_cast<void>(forged.encode(message));
  bench.deliver(message);
  bench.run_to_answer();
  bench.settle();
  EXPECT_FALSE(bench.app->enrolled());
}

// A user mode that was taken over has the vault's calls in its hand.

class EcdsaVaultTest : public EcdsaCardTest {
 protected:
  Status touch() {
    TS_RETURN_IF_ERROR(bench.stub.touch_sensor().start());
    bench.sensor.lay(&finger(1));
    TS_RETURN_IF_ERROR(bench.stub.capture());
    bench.sensor.lay(nullptr);
    return bench.stub.extract().ok() ? Status() : Status(Error{ErrorCode::kPoorQuality, "features"});
  }
};

TEST_F(EcdsaVaultTest, RefusesWhatIsNotDue) {
  EXPECT_EQ(bench.stub.run_offer().error().code, ErrorCode::kState) << "not enrolled";
  ASSERT_TRUE(pair());
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSetUp, {}, {}).error().code, ErrorCode::kState) << "nothing was offered";
  ASSERT_TRUE(bench.stub.run_offer().ok());
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kKey, {}, {}).error().code, ErrorCode::kState) << "no enrolment goes on";
  EXPECT_FALSE(bench.stub.run_begin(static_cast<firmware::Run>(9), {}, {}).ok());
  ASSERT_TRUE(bench.stub.run_begin(firmware::Run::kSetUp, {}, {}).ok());
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSetUp, {}, {}).error().code, ErrorCode::kState) << "an offer serves once";
  EXPECT_EQ(touch().error().code, ErrorCode::kState) << "the run lies in the arena";
  EXPECT_EQ(bench.stub.sign_ecdsa().error().code, ErrorCode::kState);
  bench.stub.forget();
  EXPECT_TRUE(touch().ok());
  EXPECT_EQ(bench.stub.sign_ecdsa().error().code, ErrorCode::kState) << "nothing is prepared";
  EXPECT_EQ(bench.stub.sign({}).error().code, ErrorCode::kState) << "the account's share is not MuSig2's";
  EXPECT_EQ(bench.stub.run_take({}).error().code, ErrorCode::kState);
}

TEST_F(EcdsaVaultTest, OneTouchOpensOneSignature) {
  ASSERT_TRUE(pair());
  int opened = 0;
  bench.gate.before = [&](VaultCall call) {
    if (call != VaultCall::kSignEcdsa || opened++ > 0) return;
    EXPECT_TRUE(bench.stub.sign_ecdsa().ok());
  };
  pay();
  EXPECT_EQ(opened, 2) << "the application's call, and the one in front of it";
  EXPECT_TRUE(refused(Reason::kDeviceError)) << "the application's own call came second";
  EXPECT_FALSE(is_signed());
}

TEST_F(EcdsaVaultTest, NoImageAndRunAtTheSameTime) {
  ASSERT_TRUE(pair());
  // An image first: a run that begins takes its place.
  ASSERT_TRUE(bench.stub.run_offer().ok());
  ASSERT_TRUE(bench.stub.touch_sensor().start().ok());
  bench.sensor.lay(&finger(1));
  ASSERT_TRUE(bench.stub.capture().ok());
  ASSERT_TRUE(bench.stub.run_begin(firmware::Run::kSetUp, {}, {}).ok());
  EXPECT_EQ(bench.stub.extract().error().code, ErrorCode::kState);
  EXPECT_EQ(bench.stub.capture().error().code, ErrorCode::kState);
  bench.stub.forget();
  bench.sensor.lay(nullptr);
  pay();
  ASSERT_TRUE(is_signed());
}

TEST_F(EcdsaVaultTest, ASetUpThatIsDoneIsNotInTheWayOfAnImage) {
  ASSERT_TRUE(pair());
  // Between the set-up's end and the next offer: what still comes for the set-up meets an image.
  bool checked = false;
  bench.gate.before = [&](VaultCall call) {
    if (call != VaultCall::kRunOffer || checked || !bench.vault->has_setup()) return;
    checked = true;
    EXPECT_TRUE(touch().ok());
    EXPECT_FALSE(bench.stub.run_take(Pixels(33)).ok());
  };
  pay();
  EXPECT_TRUE(checked);
}

TEST_F(EcdsaVaultTest, AWalletThatSpeaksBeforeTheHoldEndsTheRun) {
  ASSERT_TRUE(pair());
  bool spoke = false;
  bench.screen.on_page = [&](const std::string& words) {
    if (spoke || words.find("hold: sign") == std::string::npos) return;
    spoke = true;
    ByteArray<RunMessage::kMaxBytes> message;
    bench.deliver(RunMessage{Bytes{}}.encode(message).value());
  };
  pay();
  EXPECT_TRUE(spoke);
  EXPECT_FALSE(is_signed());
  EXPECT_TRUE(refused(Reason::kDeviceError));
}

TEST_F(EcdsaVaultTest, AnotherKeyThanTheReviewedOneIsRefused) {
  ASSERT_TRUE(pair());
  pay();
  ASSERT_TRUE(is_signed());  // and the connection has a set-up
  ASSERT_TRUE(bench.stub.run_offer().ok());
  EcdsaOrder order;
  order.message_hash = request.review.message_hash;
  order.public_key = request.review.input_key.public_key;
  order.tweak[31] = 1;
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSign, {}, order).error().code, ErrorCode::kMismatch);
  order.tweak.fill(0xff);
  EXPECT_FALSE(bench.stub.run_begin(firmware::Run::kSign, {}, order).ok());
}

}  // namespace
}  // namespace touchstone::firmware::testing
