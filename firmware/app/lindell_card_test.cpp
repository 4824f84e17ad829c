// Lindell17 on the card: the real wallet's side against the card on fake devices. Keys, proofs and signatures are real.
#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "contract/lindell.h"
#include "crypto/point.h"
#include "curve_host/host_ecdsa.h"
#include "mpc_lindell/lindell_test_support.h"
#include "wallet/wallet.h"

namespace touchstone::firmware::testing {
namespace {

namespace lindell = mpc::lindell;
using contract::RunBegin;
using contract::RunMessage;
using Reason = contract::Refusal::Reason;

/// The first piece of that message.
template <typename Message>
bool begins(Bytes message) {
  const auto run = RunMessage::decode(message);
  return run && run->payload.size() > 1 && run->payload[1] == Message::kId;
}

/// A wallet with such an account at the other end of the bench's wire. Its answers come at once.
class LindellCardTest : public ::testing::Test {
 protected:
  LindellCardTest() {
    bench.wire.on_sent = [this](Bytes message) { hear(message); };
    bench.scheme = contract::PairRequest::Scheme::kLindell17;
    open_wallet();
  }

  /// As after a new start: it has what it stored.
  void open_wallet() {
    wallet.reset();
    wallet::ByteVector stored = runs ? runs->evaluator_key() : wallet::ByteVector();
    runs = std::make_unique<wallet::LindellRuns>(curve, entropy);
    runs->use_group(lindell::test_support::pedersen_key());
    TS_CHECK(runs->restore(stored).ok(), "what the wallet stored");
    Secret<32> secret_a;
    secret_a.expose()[0] = 0x5a;
    const wallet::WalletConfig config{chain::Network::kRegtest, Bench::kAccount, Bench::kEpoch, mpc::Scheme::kLindell17};
    wallet = wallet::Wallet::create(config, secret_a, curve, entropy, nullptr, runs.get()).value();
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

  template <typename Wanted>
  bool is() const {
    return outcome && std::holds_alternative<Wanted>(*outcome);
  }

  bool pair() {
    outcome.reset();
    bench.sensor.plan.clear();
    for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
    bench.deliver(wallet->pair_request(4));
    bench.run([&] { return outcome && !is<wallet::Answers>(); });
    bench.settle();
    return is<wallet::Paired>();
  }

  /// The same for less: both sides as a first pairing has left them, after a new start.
  bool be_paired() {
    struct Paired {
      Pixels flash;
      wallet::ByteVector evaluator_key;
      crypto::CompressedPoint card_key;
    };
    static std::optional<Paired> after;
    if (!after) {
      if (!pair()) return false;
      after = Paired{bench.flash.bytes, runs->evaluator_key(), *card_key};
    }
    bench.flash.bytes = after->flash;
    TS_CHECK(runs->restore(after->evaluator_key).ok(), "what the wallet stored");
    card_key = after->card_key;
    restart();
    return true;
  }

  /// A payment that the owner confirms with that finger.
  bool pay(int finger_index = 1) {
    outcome.reset();
    said.clear();
    wallet::Payment payment;
    payment.coin = {{0xab}, 1, Bench::kInput_sat, {0, 5}};
    payment.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", Bench::kAmount_sat}};
    payment.fee_sat = Bench::kFee_sat;
    request = wallet->sign_request(payment).value();
    bench.sensor.plan.clear();
    bench.plan_confirmation(finger_index);
    bench.deliver(request.message);
    bench.run([] { return false; });
    if (!is<wallet::Signed>()) return false;
    const auto& done = std::get<wallet::Signed>(*outcome);
    crypto::CompressedPoint key;
    std::copy(done.public_key.begin(), done.public_key.end(), key.begin());
    return done.message_hash == request.review.message_hash &&
           crypto::host_ecdsa_verify(curve, crypto::decompress(curve, key).value(), done.message_hash, done.signature).ok();
  }

  /// The owner holds the finger when the card asks whether to renew the key.
  bool refresh(int finger_index = 1) {
    outcome.reset();
    bench.sensor.plan.clear();
    bench.sensor.plan.push_back({900, 1500, &finger(finger_index)});
    bench.deliver(wallet->refresh_request().value());
    bench.run([] { return false; });
    return is<wallet::Refreshed>();
  }

  /// The next payment's ciphertext is changed on its way, and with it what the card decrypts.
  void burn() {
    on_air = [](Pixels& m) {
      if (begins<contract::lindell::SignCipher>(m)) m[m.size() - 40] ^= 1;
      return true;
    };
    EXPECT_FALSE(pay());
    on_air = [](Pixels&) { return true; };
  }

  void reconnect() {
    bench.wire.close();
    bench.settle();
    bench.wire.open();
    open_wallet();
  }
  void restart() {
    bench.boot();
    open_wallet();
    bench.settle();
  }

  bool refused(Reason reason) const { return bench.last_refusal() == static_cast<int>(reason); }
  KeyState key_state() { return bench.vault->key_state(); }
  bool arena_is_clean() const {
    return std::all_of(bench.arena.begin(), bench.arena.end(), [](std::uint8_t b) { return b == 0; });
  }

  Bench bench;
  crypto::HostCurve curve;
  Random random = SeedTree(4).stream("wallet");
  wallet::EntropySource entropy = [this](MutableBytes out) { random.fill(out); };
  std::unique_ptr<wallet::LindellRuns> runs;
  std::unique_ptr<wallet::Wallet> wallet;
  std::optional<crypto::CompressedPoint> card_key;
  std::optional<wallet::Outcome> outcome;
  wallet::SigningRequest request;
  std::vector<Pixels> heard;             ///< by the wallet
  std::vector<wallet::ByteVector> said;  ///< by the wallet in runs
  /// May change a message of either side; false: it is lost.
  std::function<bool(Pixels&)> on_air = [](Pixels&) { return true; };
};

TEST_F(LindellCardTest, PairsAndSigns) {
  ASSERT_TRUE(pair());
  EXPECT_TRUE(bench.app->enrolled());
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(bench.shown("preparing|0%"));
  EXPECT_TRUE(bench.shown("preparing|9")) << "nearly all of it";
  EXPECT_GT(bench.fiber.resumed, 5000) << "in pieces";
  EXPECT_TRUE(arena_is_clean());
  heard.clear();
  for (int i = 0; i < 2; ++i) {
    const int before = bench.fiber.resumed;
    ASSERT_TRUE(pay());
    EXPECT_GT(bench.fiber.resumed - before, 15);
    EXPECT_EQ(key_state(), KeyState::kReady);
    EXPECT_TRUE(bench.shown("signed"));
    EXPECT_TRUE(arena_is_clean());
  }
  std::size_t bytes = 0;
  for (const auto& m : heard) bytes += m.size();
  EXPECT_LT(bytes, 800u) << "what the card says in two payments";
}

TEST_F(LindellCardTest, SaysNothingBeforeTheHold) {
  ASSERT_TRUE(be_paired());
  std::size_t before = 0;
  heard.clear();
  bench.sensor.on_capture = [&] { before = heard.size() + said.size(); };
  ASSERT_TRUE(pay());
  EXPECT_EQ(before, 0u);
}

TEST_F(LindellCardTest, AnotherFingerGetsNothing) {
  ASSERT_TRUE(be_paired());
  EXPECT_FALSE(pay(2));
  EXPECT_TRUE(refused(Reason::kNoMatch));
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(arena_is_clean());
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, ABadCiphertextBurnsTheKeyAndTheOwnerRenewsIt) {
  ASSERT_TRUE(be_paired());
  ASSERT_TRUE(pay());
  const auto address = wallet->address({0, 0}).value();
  burn();
  EXPECT_TRUE(refused(Reason::kKeyBurnt));
  EXPECT_EQ(std::get<wallet::Refused>(*outcome).reason, "key_burnt");
  EXPECT_EQ(key_state(), KeyState::kBurnt);
  // Neither another request nor another start gets anything from it.
  const std::size_t pages = bench.screen.pages.size();
  EXPECT_FALSE(pay());
  EXPECT_TRUE(refused(Reason::kKeyBurnt));
  EXPECT_EQ(bench.screen.pages.size() - pages, 2u) << "the refusal and the idle page: the owner is not asked in vain";
  restart();
  EXPECT_FALSE(pay());
  EXPECT_TRUE(refused(Reason::kKeyBurnt));

  EXPECT_FALSE(refresh(2));
  EXPECT_TRUE(refused(Reason::kNoMatch));
  EXPECT_EQ(key_state(), KeyState::kBurnt);
  open_wallet();
  ASSERT_TRUE(refresh());
  EXPECT_TRUE(bench.shown("A payment broke off."));
  EXPECT_TRUE(bench.shown("renewed"));
  EXPECT_EQ(std::get<wallet::Refreshed>(*outcome).epoch, Bench::kEpoch + 1);
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(arena_is_clean());
  reconnect();
  EXPECT_EQ(wallet->address({0, 0}).value().view(), address.view());
  EXPECT_TRUE(pay());
  restart();
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, ARefreshThatNobodyHoldsForChangesNothing) {
  ASSERT_TRUE(be_paired());
  outcome.reset();
  bench.sensor.plan.clear();
  bench.deliver(wallet->refresh_request().value());
  bench.run([] { return false; });
  EXPECT_TRUE(refused(Reason::kTimeout));
  EXPECT_TRUE(bench.shown("Your wallet asks for"));
  ASSERT_TRUE(is<wallet::Refused>());
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, ARefreshIsForThisAccountAlone) {
  Pixels message = wallet->pair_request(4);
  contract::RefreshRequest wrong;
  ByteArray<contract::RefreshRequest::kMaxBytes> buffer;
  const auto ask = [&] {
    bench.wire.sent.clear();
    bench.deliver(wrong.encode(buffer).value());
    bench.run_to_answer();
    bench.settle();
  };
  ask();
  EXPECT_TRUE(refused(Reason::kNotEnrolled));
  ASSERT_TRUE(be_paired());
  const contract::RefreshRequest right{wallet->public_key(), static_cast<std::uint8_t>(contract::PairRequest::Network::kRegtest), Bench::kAccount, Bench::kEpoch};
  std::vector<contract::RefreshRequest> all(5, right);
  all[0].wallet_public_key[32] ^= 1;
  all[1].network = 1;
  all[2].network = 9;
  all[3].account += 1;
  all[4].epoch += 1;
  const std::size_t pages = bench.screen.pages.size();
  for (const auto& request_of_another : all) {
    wrong = request_of_another;
    ask();
    EXPECT_TRUE(refused(Reason::kBadRequest));
  }
  for (std::size_t i = pages; i < bench.screen.pages.size(); ++i) EXPECT_EQ(bench.screen.pages[i].find("renew?"), std::string::npos);
}

TEST_F(LindellCardTest, FourBurnsRetireTheAccount) {
  ASSERT_TRUE(be_paired());
  for (std::uint32_t i = 1; i <= lindell::kMaxBurns; ++i) {
    ASSERT_TRUE(pay());
    burn();
    reconnect();
    if (i == lindell::kMaxBurns) break;
    ASSERT_TRUE(refused(Reason::kKeyBurnt));
    ASSERT_TRUE(refresh());
  }
  EXPECT_TRUE(refused(Reason::kKeyRetired));
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(key_state(), KeyState::kRetired);
    EXPECT_FALSE(refresh());
    EXPECT_TRUE(refused(Reason::kKeyRetired));
    open_wallet();
    EXPECT_FALSE(pay());
    EXPECT_TRUE(refused(Reason::kKeyRetired));
    restart();
  }
}

TEST_F(LindellCardTest, PowerLostWhileTheFuseIsBlownBurnsTheKey) {
  ASSERT_TRUE(be_paired());
  // The blow is one word; after it nothing is written any more.
  bench.flash.words_until_cut = 1;
  EXPECT_FALSE(pay());
  bench.flash.words_until_cut.reset();
  restart();
  EXPECT_EQ(key_state(), KeyState::kBurnt);
  ASSERT_TRUE(refresh());
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, PowerLostBeforeTheBlowBurnsNothing) {
  ASSERT_TRUE(be_paired());
  bench.flash.words_until_cut = 0;
  EXPECT_FALSE(pay());
  bench.flash.words_until_cut.reset();
  restart();
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, AConnectionLostWhileTheFuseIsBlownBurnsNothing) {
  ASSERT_TRUE(be_paired());
  bool lost = false;
  bench.gate.before = [&](VaultCall call) {
    if (call != VaultCall::kRunStep || lost || key_state() != KeyState::kBurnt) return;
    lost = true;
    bench.wire.close();
  };
  EXPECT_FALSE(pay());
  EXPECT_TRUE(lost) << "a decryption takes several pieces";
  bench.gate.before = [](VaultCall) {};
  EXPECT_EQ(key_state(), KeyState::kReady);
  bench.settle();
  bench.wire.open();
  open_wallet();
  EXPECT_TRUE(pay());
}

/// A refresh of a key that is whole breaks off at a message: the power of the card is lost, or the connection. Either the old
/// key still signs, or the wallet notices that the card has the new one, and renews it once more.
TEST_F(LindellCardTest, ARefreshMayBreakOffAnywhere) {
  ASSERT_TRUE(be_paired());
  std::size_t messages = 0;
  on_air = [&](Pixels&) { return ++messages, true; };
  ASSERT_TRUE(refresh());
  const std::size_t all = messages;
  ASSERT_GT(all, 40u);
  for (const bool power : {true, false}) {
    for (const std::size_t target : {std::size_t{1}, std::size_t{4}, all / 2, all - 2, all - 1}) {
      reconnect();
      messages = 0;
      on_air = [&](Pixels&) {
        if (messages++ < target) return true;
        if (power) bench.flash.words_until_cut = 0;
        else if (messages == target + 1) bench.wire.close();
        return false;
      };
      EXPECT_FALSE(refresh()) << "message " << target;
      on_air = [](Pixels&) { return true; };
      bench.flash.words_until_cut.reset();
      EXPECT_TRUE(arena_is_clean());
      if (power) restart();
      else reconnect();
      EXPECT_EQ(key_state(), KeyState::kReady);
      const bool has_stored = target == all - 1;
      ASSERT_EQ(pay(), !has_stored) << "message " << target;
      if (!has_stored) continue;
      EXPECT_TRUE(wallet->needs_refresh());
      EXPECT_EQ(key_state(), KeyState::kReady) << "nothing was decrypted";
      reconnect();
      ASSERT_TRUE(refresh());
      ASSERT_TRUE(pay());
    }
  }
}

TEST_F(LindellCardTest, APairingThatBreaksOffLeavesTheCardNew) {
  for (const bool at_store : {false, true}) {
    on_air = [&](Pixels& m) {
      if (begins<contract::lindell::SetupFactors>(m) && !at_store) return bench.wire.close(), false;
      if (begins<contract::lindell::SetupConfirm>(m) && at_store) bench.flash.words_until_cut = 0;
      return true;
    };
    EXPECT_FALSE(pair());
    on_air = [](Pixels&) { return true; };
    EXPECT_FALSE(bench.app->enrolled());
    bench.flash.words_until_cut.reset();
    restart();
  }
  EXPECT_TRUE(pair());
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, APairingWhoseAnswerWasLostIsRenewed) {
  on_air = [&](Pixels& m) { return !contract::PairResponse::decode(m).ok(); };
  EXPECT_FALSE(pair());
  EXPECT_TRUE(bench.app->enrolled());
  on_air = [](Pixels&) { return true; };
  reconnect();
  outcome.reset();
  bench.sensor.plan.push_back({900, 1500, &finger(1)});
  bench.deliver(wallet->pair_request(4));
  bench.run([&] { return is<wallet::Paired>(); });
  ASSERT_TRUE(is<wallet::Paired>());
  bench.settle();
  EXPECT_TRUE(pay());
}

TEST_F(LindellCardTest, AWalletThatDoesNotKnowItsShareIsNotPaired) {
  for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
  auto message = wallet->pair_request(4);
  auto forged = contract::PairRequest::decode(message).value();
  forged.wallet_public_key = crypto::compress(curve.multiply_base(crypto::Scalar::from_u32(5)).value());
  static_cast<void>(forged.encode(message));
  bench.deliver(message);
  bench.run_to_answer();
  bench.settle();
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_EQ(key_state(), KeyState::kNone);
}

TEST_F(LindellCardTest, ABorrowedCardIsRefused) {
  ASSERT_TRUE(be_paired());
  ByteArray<contract::GuestRequest::kMaxBytes> buffer;
  const auto body = bench.vault->record().value();
  Bench other;
  other.deliver(contract::GuestRequest{body}.encode(buffer).value());
  other.run_to_answer();
  EXPECT_EQ(other.last_refusal(), static_cast<int>(Reason::kOwnCardOnly));
  EXPECT_FALSE(other.app->has_guest());
  EXPECT_EQ(other.stub.accept_guest(body).error().code, ErrorCode::kUnsupported);
}

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

}  // namespace
}  // namespace touchstone::firmware::testing
