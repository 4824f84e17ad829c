// A borrowed card: a wallet brings the record of another card, and this one signs from it as long as the connection lasts.
#include <gtest/gtest.h>

#include "app/testing/bench.h"

namespace touchstone::firmware::testing {
namespace {

using Reason = contract::Refusal::Reason;

bool refused(const Bench& bench, Reason reason) { return bench.last_refusal() == static_cast<int>(reason); }

class GuestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(lost.pair());
    ByteArray<32> unlike;  // two cards draw different numbers
    ASSERT_TRUE(card.entropy.fill(unlike));
    ASSERT_TRUE(card.pair_with({2, 2, 2, 2}));
    card.settle();
    card.screen.pages.clear();
    flash = card.flash.bytes;
  }
  void sign(Bench& on, int finger_index = 1) {
    on.wire.sent.clear();
    on.sensor.plan.clear();
    on.deliver(on.sign_request(1));
    on.plan_confirmation(finger_index);
    on.run_to_answer();
  }
  bool accepted(const Bench& by) {
    const auto answer = contract::GuestAccepted::decode(by.wire.sent.back());
    return answer && answer->card_public_key == lost.paired_record().card_public_key;
  }

  Bench lost;  ///< the guest's own card; its record lives on in the wallet
  Bench card;  ///< the borrowed one, its owner's finger is number 2
  Pixels flash;
};

TEST_F(GuestTest, SignsFromTheRecordThatTheWalletBrought) {
  card.bring_guest(lost);
  ASSERT_TRUE(accepted(card));
  card.settle();
  EXPECT_TRUE(card.shown("(check)|guest|another card's|record is used"));
  EXPECT_EQ(card.screen.pages.back(), "guest|regtest(finger)|guest|another card's record|waiting for a wallet");
  sign(card);
  EXPECT_TRUE(card.last_answer_is_a_valid_signature());
  EXPECT_TRUE(card.shown("Guest pay 1 of 1|1/2|"));
  EXPECT_TRUE(card.shown("Confirm as guest|2/2|"));
  EXPECT_EQ(card.flash.bytes, flash);
}

// A record is no secret, and what it says of its phone can be changed: the card it belongs to goes by what it has stored.
TEST_F(GuestTest, ItsOwnRecordIsNoWayAroundTheCardsPhone) {
  EnrolmentRecord record = lost.paired_record();
  lost.use_phone(2);
  record.wallet_channel_key = lost.wire.who;
  const auto body = record.serialize();
  ByteArray<contract::GuestRequest::kMaxBytes> buffer;
  lost.deliver(contract::GuestRequest{body}.encode(buffer).value());
  lost.run_to_answer();
  EXPECT_TRUE(refused(lost, Reason::kStranger));
  EXPECT_FALSE(lost.app->has_guest());
  EXPECT_EQ(lost.stub.accept_guest(body).error().code, ErrorCode::kState) << "nor for a user mode that was taken over";
}

TEST_F(GuestTest, TheOwnersFingerDoesNotOpenTheGuestsRecord) {
  card.bring_guest(lost);
  sign(card, 2);
  EXPECT_TRUE(refused(card, Reason::kNoMatch));
}

TEST_F(GuestTest, ACardWithoutARecordServesGuestsToo) {
  Bench blank;
  blank.bring_guest(lost);
  ASSERT_TRUE(accepted(blank));
  sign(blank);
  EXPECT_TRUE(blank.last_answer_is_a_valid_signature());
  EXPECT_EQ(blank.flash.words_programmed, 0);
  EXPECT_FALSE(blank.app->enrolled());
  // Nobody pairs it meanwhile.
  EXPECT_FALSE(blank.pair(1));
  EXPECT_TRUE(refused(blank, Reason::kBusy));
}

TEST_F(GuestTest, TheConnectionsEndIsTheGuests) {
  card.bring_guest(lost);
  card.wire.close();
  card.settle();
  EXPECT_FALSE(card.app->has_guest());
  EXPECT_EQ(card.screen.pages.back(), "touchstone|regtest(finger)|ready|waiting for a wallet");
  card.wire.open();
  sign(card);  // the guest's payment is not of this account any more
  EXPECT_EQ(card.last_refusal(), static_cast<int>(Reason::kBadRequest));
}

TEST_F(GuestTest, ALinkLostWhileTheGuestSignsEndsIt) {
  card.bring_guest(lost);
  card.wire.sent.clear();
  card.deliver(card.sign_request(1));
  card.plan_confirmation();
  card.sensor.on_capture = [&] { card.wire.close(), card.wire.open(); };  // another peer comes at once
  card.settle();
  card.sensor.on_capture = [] {};
  EXPECT_TRUE(card.wire.sent.empty());
  EXPECT_FALSE(card.app->has_guest());
}

TEST_F(GuestTest, AResetForgetsTheGuest) {
  card.bring_guest(lost);
  card.boot();
  EXPECT_FALSE(card.app->has_guest());
  EXPECT_TRUE(card.app->enrolled());
  EXPECT_EQ(card.flash.bytes, flash);
}

TEST_F(GuestTest, RefusesARecordThatIsNone) {
  const EnrolmentRecord::Body good = lost.paired_record().serialize();
  std::vector<Pixels> bad;
  bad.emplace_back();
  bad.emplace_back(good.begin(), good.end() - 1);
  bad.emplace_back(good.begin(), good.end());
  bad.back().push_back(0);
  constexpr std::size_t kHelper = 2, kCardKey = kHelper + codes::HelperData::kMaxBytes;
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, kHelper, kCardKey - 1, kCardKey, kCardKey + 33, good.size() - 1}) {
    bad.emplace_back(good.begin(), good.end());
    bad.back()[at] ^= 0x87;  // version, length, helper data, what lies behind it, both keys' first bytes, scheme
  }
  for (const Pixels& record : bad) {
    card.wire.sent.clear();
    ByteArray<contract::GuestRequest::kMaxBytes> buffer;
    card.deliver(contract::GuestRequest{record}.encode(buffer).value());
    card.run_to_answer();
    EXPECT_TRUE(refused(card, Reason::kBadRequest));
    EXPECT_FALSE(card.app->has_guest());
  }
}

TEST_F(GuestTest, NeedsADisplayThatTellsTheOwner) {
  card.display_line.present = false;
  card.bring_guest(lost);
  EXPECT_TRUE(refused(card, Reason::kNoDisplay));
  EXPECT_FALSE(card.app->has_guest());
}

TEST_F(GuestTest, WrongFingersOfGuestsCount) {
  card.bring_guest(lost);
  for (int i = 0; i < 3; ++i) {
    sign(card, 2);
    EXPECT_TRUE(refused(card, Reason::kNoMatch));
  }
  sign(card, 1);
  EXPECT_TRUE(refused(card, Reason::kBusy));
}

TEST(NoDisplay, NothingIsPairedOrSigned) {
  Bench bench;
  bench.display_line.present = false;
  EXPECT_FALSE(bench.pair());
  EXPECT_TRUE(refused(bench, Reason::kNoDisplay));
  EXPECT_EQ(bench.sensor.captures, 0);
  bench.display_line.present = true;
  bench.sensor.plan.clear();
  ASSERT_TRUE(bench.pair());
  bench.settle();
  // It breaks while the finger is held.
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.sensor.on_capture = [&] { bench.display_line.present = false; };
  bench.run_to_answer();
  EXPECT_TRUE(refused(bench, Reason::kNoDisplay));
  bench.sensor.on_capture = [] {};
  bench.deliver(bench.sign_request(2));
  bench.run_to_answer();
  EXPECT_TRUE(refused(bench, Reason::kNoDisplay));
}

}  // namespace
}  // namespace touchstone::firmware::testing
