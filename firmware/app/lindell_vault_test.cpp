// Lindell17 in the vault when user mode was taken over, and the wallet's program against such a card.
#include "app/testing/lindell_bench.h"
#include "contract/events.h"
#include "wallet/agent.h"

namespace touchstone::firmware::testing {
namespace {

// A user mode that was taken over has the vault's calls in its hand.

class LindellVaultTest : public LindellCardTest {
 protected:
  Status touch(int finger_index = 1) {
    TS_RETURN_IF_ERROR(bench.stub.touch_sensor().start());
    bench.sensor.lay(&finger(finger_index));
    TS_RETURN_IF_ERROR(bench.stub.capture());
    bench.sensor.lay(nullptr);
    return bench.stub.extract().ok() ? Status() : Status(Error{ErrorCode::kPoorQuality, "features"});
  }
  EcdsaOrder order() const {
    EcdsaOrder out;
    out.message_hash = request.review.message_hash;
    out.public_key = request.review.input_key.public_key;
    const auto& steps = request.review.input_key.tweaks;
    out.tweak = (crypto::Scalar::from_bytes(steps[0].value).value() + crypto::Scalar::from_bytes(steps[1].value).value()).to_bytes();
    return out;
  }
  ErrorCode begin(firmware::Run run) {
    if (const auto offered = bench.stub.run_offer(); !offered) return offered.error().code;
    const auto begun = bench.stub.run_begin(run, {}, order());
    return begun ? ErrorCode{} : begun.error().code;
  }
};

TEST_F(LindellVaultTest, RefusesWhatIsNotDue) {
  EXPECT_EQ(bench.stub.run_offer().error().code, ErrorCode::kState) << "not enrolled";
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSign, {}, order()).error().code, ErrorCode::kState) << "nothing was offered";
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState) << "no touch";
  EXPECT_EQ(begin(firmware::Run::kKey), ErrorCode::kState) << "no touch";
  EXPECT_EQ(begin(firmware::Run::kSetUp), ErrorCode::kUnsupported);
  EXPECT_EQ(bench.stub.sign_ecdsa().error().code, ErrorCode::kState);
  EXPECT_EQ(bench.stub.sign({}).error().code, ErrorCode::kState);
  EXPECT_EQ(bench.stub.run_take({}).error().code, ErrorCode::kState);
  ASSERT_TRUE(touch().ok());
  bench.clock.advance(11'000 * kCyclesPerMs);
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState) << "an old touch";
  ASSERT_TRUE(touch(2).ok());
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kNoMatch);
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState) << "a touch serves once";
  ASSERT_TRUE(touch().ok());
  ASSERT_TRUE(bench.stub.run_offer().ok());
  EcdsaOrder other = order();
  other.tweak[31] ^= 1;
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSign, {}, other).error().code, ErrorCode::kMismatch);
  bench.stub.forget();
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(pay());
}

TEST_F(LindellVaultTest, ARunHasTheArenaToItselfAndOneTouchIsOneRun) {
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  ASSERT_TRUE(touch().ok());
  ASSERT_EQ(begin(firmware::Run::kSign), ErrorCode{});
  EXPECT_EQ(bench.stub.capture().error().code, ErrorCode::kState);
  EXPECT_EQ(bench.stub.run_begin(firmware::Run::kSign, {}, order()).error().code, ErrorCode::kState);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(bench.stub.run_step().ok());
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState) << "the touch is used up";
  EXPECT_TRUE(arena_is_clean());
  bench.stub.forget();
  EXPECT_TRUE(arena_is_clean());
}

TEST_F(LindellVaultTest, NoOrderOfCallsUsesABurntKey) {
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  burn();
  ASSERT_EQ(key_state(), KeyState::kBurnt);
  ASSERT_TRUE(touch().ok());
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState);
  // A renewal that is begun and dropped, again and again, is no way out either.
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(touch().ok());
    ASSERT_EQ(begin(firmware::Run::kKey), ErrorCode{});
    for (int step = 0; step < 20; ++step) ASSERT_TRUE(bench.stub.run_step().ok());
    if (i % 2 == 0) bench.stub.run_forget();
    else bench.stub.forget();
    bench.use_phone(1);
  }
  EXPECT_EQ(key_state(), KeyState::kBurnt);
  ASSERT_TRUE(touch().ok());
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState);
}

TEST_F(LindellVaultTest, LeavingADecryptionDoesNotSkipItsJudgement) {
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  bool left = false;
  bench.gate.before = [&](VaultCall call) {
    if (call != VaultCall::kRunStep || left || key_state() != KeyState::kBurnt) return;
    left = true;
    bench.stub.run_forget();
  };
  burn();
  EXPECT_TRUE(left);
  bench.gate.before = [](VaultCall) {};
  EXPECT_EQ(key_state(), KeyState::kBurnt);
}

TEST_F(LindellVaultTest, AnotherPhoneGetsNoSignatureFromATouch) {
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  bench.use_phone(2);
  ASSERT_TRUE(touch().ok());
  EXPECT_EQ(begin(firmware::Run::kSign), ErrorCode::kState);
  EXPECT_EQ(key_state(), KeyState::kReady);
}

TEST_F(LindellVaultTest, NoRecordWithoutAKey) {
  for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
  bool tried = false;
  bench.gate.before = [&](VaultCall call) {
    if (call != VaultCall::kRunOffer || tried) return;
    tried = true;
    EXPECT_EQ(bench.stub.enrol_store().error().code, ErrorCode::kState);
  };
  EXPECT_FALSE(pair());
  EXPECT_TRUE(tried);
  EXPECT_FALSE(bench.app->enrolled());
}

// The wallet's program, with what its host does: storage, and the names of the events.

class LindellAgentTest : public ::testing::Test {
 protected:
  LindellAgentTest() {
    bench.wire.on_sent = [this](Bytes message) {
      if (on_air(message)) give(wallet::LinkMessage{{message.begin(), message.end()}});
    };
    start();
  }
  void start() {
    agent = std::make_unique<wallet::Agent>(curve, wallet::seeded_entropy);
    wallet::Start start;
    start.account = {chain::Network::kRegtest, 1, 2, mpc::Scheme::kLindell17};
    start.seed = 11;
    start.attestation = wallet::Attestation::kNone;
    start.untrusted_state = storage;
    give(start);
  }
  void give(wallet::Input input) {
    std::vector<wallet::ByteVector> to_card;
    bool connects = false;
    for (wallet::Action& action : agent->handle(std::move(input))) {
      if (auto* save = std::get_if<wallet::SaveState>(&action)) storage = save->state;
      if (auto* event = std::get_if<wallet::Event>(&action)) events.push_back(event->name);
      if (auto* send = std::get_if<wallet::Send>(&action)) to_card.push_back(send->message);
      connects = connects || std::holds_alternative<wallet::Connect>(action);
    }
    for (const auto& message : to_card) bench.deliver(message);
    if (connects) give(wallet::LinkOpened{});
  }
  bool ends_with(std::string_view event) { return !events.empty() && events.back() == event; }
  /// Where the card asks to renew the key instead of showing a payment, the same touches agree to that.
  void pay() {
    bench.sensor.plan.clear();
    bench.plan_confirmation();
    wallet::Payment payment;
    payment.coin = {{0xab}, 1, Bench::kInput_sat, {0, 5}};
    payment.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", Bench::kAmount_sat}};
    payment.fee_sat = Bench::kFee_sat;
    give(wallet::Sign{secret_a(), payment});
    bench.settle();
    give(wallet::Woke{});  // later than any time that it asked for
    bench.settle();
  }
  static Secret<32> secret_a() {
    Secret<32> out;
    out.expose()[0] = 0x77;
    return out;
  }

  Bench bench;
  crypto::HostCurve curve;
  std::unique_ptr<wallet::Agent> agent;
  wallet::ByteVector storage;
  std::vector<std::string> events;
  std::function<bool(Bytes)> on_air = [](Bytes) { return true; };  ///< to the wallet; false: it is lost
};

TEST_F(LindellAgentTest, PairsSignsAndHasABurntKeyRenewedByItself) {
  for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
  give(wallet::Pair{secret_a(), 4});
  bench.settle();
  ASSERT_TRUE(ends_with(events::WalletPaired::kName));
  pay();
  ASSERT_TRUE(ends_with(events::WalletSignatureVerified::kName));

  // Power is lost over a decryption. The next payment is refused, and the owner holds at the page that asks.
  bench.flash.words_until_cut = 1;
  pay();
  bench.flash.words_until_cut.reset();
  bench.boot();
  give(wallet::LinkClosed{});
  start();  // from what it stored
  pay();
  EXPECT_TRUE(std::count(events.begin(), events.end(), events::WalletRefused::kName) > 0);
  ASSERT_TRUE(ends_with(events::WalletRefreshed::kName)) << events.back();
  pay();
  ASSERT_TRUE(ends_with(events::WalletSignatureVerified::kName));
}

TEST_F(LindellAgentTest, AConfirmationThatWasLostIsFoundOutAndRenewed) {
  for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
  give(wallet::Pair{secret_a(), 4});
  bench.settle();
  ASSERT_TRUE(ends_with(events::WalletPaired::kName));
  const wallet::ByteVector before = storage;
  // Another wallet's life in between renews the key, and is forgotten: the state is that of before.
  bench.flash.words_until_cut = 1;
  pay();
  bench.flash.words_until_cut.reset();
  bench.boot();
  give(wallet::LinkClosed{});
  pay();
  ASSERT_TRUE(ends_with(events::WalletRefreshed::kName)) << events.back();
  storage = before;
  start();
  pay();
  EXPECT_TRUE(ends_with(events::WalletFailed::kName)) << "the card's key is a later one";
  bench.boot();
  pay();
  ASSERT_TRUE(ends_with(events::WalletRefreshed::kName)) << events.back();
  pay();
  EXPECT_TRUE(ends_with(events::WalletSignatureVerified::kName)) << events.back();
}

}  // namespace
}  // namespace touchstone::firmware::testing
