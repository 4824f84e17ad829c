// Lindell17 on the card: pairing, payments, burns and renewals, and what may break off.
#include "app/testing/lindell_bench.h"

namespace touchstone::firmware::testing {
namespace {

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

// The run has been offered and answered: it waits for fingers that are known.
TEST_F(LindellCardTest, AsksAgainForAFingerThatIsNotKnown) {
  ASSERT_TRUE(be_paired());
  later_holds = {2, 1};
  EXPECT_TRUE(pay(2));
  EXPECT_TRUE(bench.shown("not known: hold again"));
  EXPECT_EQ(key_state(), KeyState::kReady);
  EXPECT_TRUE(arena_is_clean());
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
  later_holds = {1};
  ASSERT_TRUE(refresh(2));
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

TEST_F(LindellCardTest, AnotherPhoneRenewsNothingUnlessTheOwnerTakesIt) {
  ASSERT_TRUE(be_paired());
  bench.use_phone(2);
  EXPECT_FALSE(refresh());
  EXPECT_TRUE(refused(Reason::kStranger));
  open_wallet();
  outcome.reset();
  bench.sensor.plan.clear();
  bench.sensor.plan.push_back({900, 1500, &finger(1)});
  bench.deliver(wallet->pair_request(4));
  bench.run([&] { return is<wallet::Paired>(); });
  ASSERT_TRUE(is<wallet::Paired>());
  EXPECT_TRUE(bench.shown("phone now?"));
  bench.settle();
  EXPECT_TRUE(pay());
  bench.use_phone(1);
  EXPECT_FALSE(pay());
  EXPECT_TRUE(refused(Reason::kStranger));
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

}  // namespace
}  // namespace touchstone::firmware::testing
