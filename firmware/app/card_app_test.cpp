// The card's behaviour, step by step, on fake devices and with real protocol, review and biometrics.
#include <gtest/gtest.h>

#include "app/testing/bench.h"

namespace touchstone::firmware::testing {
namespace {

using Reason = contract::Refusal::Reason;

bool is(int reason, Reason expected) { return reason == static_cast<int>(expected); }

class CardAppTest : public ::testing::Test {
 protected:
  /// A paired card, waiting.
  void pair() {
    ASSERT_TRUE(bench.pair());
    bench.settle();
    bench.screen.pages.clear();
    bench.wire.sent.clear();
    bench.phases.phases.clear();
    bench.sensor.captures = 0;
  }
  void expect_nothing_left() {
    bench.sensor.plan.clear();
    bench.settle();
    for (const auto* memory : {&bench.arena, &bench.user_ram})
      EXPECT_TRUE(std::all_of(memory->begin(), memory->end(), [](std::uint8_t b) { return b == 0; }));
    EXPECT_TRUE(bench.sensor.asleep);
    EXPECT_EQ(bench.screen.pages.back(), "touchstone|regtest(finger)|ready|waiting for a wallet");
    EXPECT_EQ(bench.phases.phases.back(), Phase::kIdle);
  }
  /// After whatever happened: nothing of it is left, and the next payment works.
  void expect_clean_and_working() {
    expect_nothing_left();
    bench.deliver(bench.sign_request(99));
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  }

  Bench bench;
};

TEST_F(CardAppTest, NewCardShowsThatItIsNew) {
  EXPECT_EQ(bench.screen.pages.back(), "touchstone(finger)|new card|pair with a wallet");
  EXPECT_FALSE(bench.app->enrolled());
}

TEST_F(CardAppTest, PairsWithFourTouches) {
  ASSERT_TRUE(bench.pair());
  EXPECT_TRUE(bench.app->enrolled());
  EXPECT_EQ(bench.sensor.captures, 4);
  EXPECT_TRUE(bench.shown("Enrol|touch 1 of 4(finger)|touch|touch and hold still"));
  EXPECT_TRUE(bench.shown("Enrol|touch 4 of 4(finger)|lift|lift your finger"));
  EXPECT_EQ(bench.phases.marks, (std::vector<std::uint32_t>{0x101, 0x201, 0x102, 0x202, 0x103, 0x203, 0x104, 0x204}));
  bench.settle();
  EXPECT_TRUE(bench.shown("(check)|enrolled"));
  EXPECT_EQ(bench.screen.pages.back(), "touchstone|regtest(finger)|ready|waiting for a wallet");
}

TEST_F(CardAppTest, GuidesTheOwnerFromTouchToTouch) {
  const Pixels blank(kGeometry.size_bytes(), 255);
  const Pixels wet(kGeometry.size_bytes(), 30);
  for (const Pixels* touch : {&finger(1), &finger(1), &blank, &ordinary(1, 0), &wet, &finger(1)}) bench.sensor.plan.push_back({500, 900, touch});
  bench.deliver(bench.pair_request(4));
  bench.run_to_answer();
  ASSERT_TRUE(bench.take_pair_response());
  EXPECT_TRUE(bench.shown("Enrol|touch 2 of 4(finger)|touch|touch and hold still")) << "nothing to say of the first";
  EXPECT_TRUE(bench.shown("Enrol|touch 3 of 4(finger)|touch|move a little|touch and hold still"));
  EXPECT_TRUE(bench.shown("Enrol|touch 3 of 4(finger)|touch|press harder|not clear: once more"));
  EXPECT_TRUE(bench.shown("Enrol|touch 4 of 4(finger)|touch|dry the finger|not clear: once more"));
}

TEST_F(CardAppTest, EnrolmentSurvivesAReset) {
  pair();
  bench.boot();
  EXPECT_TRUE(bench.app->enrolled());
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, SignsWhatItShowed) {
  pair();
  bench.deliver(bench.sign_request(17));
  bench.plan_confirmation();
  bench.run_to_answer();
  ASSERT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_EQ(contract::SignResponse::decode(bench.wire.sent.back())->session, 17u);
  EXPECT_EQ(bench.sensor.captures, 1);
  EXPECT_TRUE(bench.shown("Pay 1 of 1|1/2|To|regtest|bcrt 1p0x lxvl hemj|"));
  EXPECT_TRUE(bench.shown("|Amount BTC|0.01250000|tap: next"));
  EXPECT_TRUE(bench.shown("Confirm|2/2|Total with fee, BTC|0.01250420|Fee|0.00000420|Change|0.03749580|"
                          "Network|regtest|hold: sign"));
  bench.settle();
  EXPECT_TRUE(bench.shown("(check)|signed"));
}

TEST_F(CardAppTest, IsInOnePhaseAfterAnother) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.run_to_answer();
  std::vector<Phase> without_accelerator;
  for (Phase phase : bench.phases.phases)
    if (phase != Phase::kAccelerator && (without_accelerator.empty() || without_accelerator.back() != phase))
      without_accelerator.push_back(phase);
  EXPECT_EQ(without_accelerator,
            (std::vector<Phase>{Phase::kRadio, Phase::kDisplay, Phase::kUser, Phase::kDisplay, Phase::kUser, Phase::kDisplay,
                                Phase::kCapture, Phase::kDisplay, Phase::kFeatures, Phase::kSecret,
                                Phase::kRadio, Phase::kDisplay}));
}

TEST_F(CardAppTest, ReceptionIsRadioTime) {
  pair();
  bench.wire.receives = true;
  bench.clock.after_ms(5, [&] { bench.wire.receives = false; });
  bench.app->step();
  EXPECT_EQ(bench.phases.phases.back(), Phase::kRadio);
  bench.app->step();
  EXPECT_EQ(bench.phases.phases.back(), Phase::kIdle);
}

// A finger that rests on the glass answers no page: not when it leaves, nor when it stays long enough to be a hold.
TEST_F(CardAppTest, AFingerThatLiesThereAlreadyAnswersNothing) {
  pair();
  bench.sensor.lay(&finger(1));
  bench.deliver(bench.sign_request(1));
  bench.clock.after_ms(200, [&] { bench.sensor.lay(nullptr); });
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_TRUE(bench.shown("Pay 1 of 1|1/2|"));
  EXPECT_FALSE(bench.shown("Confirm|2/2|"));
  bench.sensor.lay(&finger(1));
  bench.deliver(bench.sign_request(2));
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_EQ(bench.sensor.captures, 0);
  bench.sensor.lay(nullptr);
  expect_clean_and_working();
}

TEST_F(CardAppTest, ATapRightAfterThePageAppearedDoesNotTurnIt) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.sensor.plan.push_back({250, 100, &finger(1)});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_FALSE(bench.shown("Confirm|2/2|"));
  bench.deliver(bench.sign_request(2));
  bench.sensor.plan.push_back({250, 100, &finger(1)});
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, AHoldBeforeTheLastPageDoesNothing) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.sensor.plan.push_back({900, 1500, &finger(1)});
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_EQ(bench.sensor.captures, 1);
}

TEST_F(CardAppTest, ATapOnTheLastPageBeginsAgain) {
  pair();
  bench.deliver(bench.sign_request(1));
  for (int i = 0; i < 2; ++i) bench.sensor.plan.push_back({900, 180, &finger(1)});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  ASSERT_GE(bench.screen.pages.size(), 3u);
  EXPECT_NE(bench.screen.pages[0], bench.screen.pages[1]);
  EXPECT_EQ(bench.screen.pages[0], bench.screen.pages[2]);
}

TEST_F(CardAppTest, RefusesWhenNobodyTouches) {
  pair();
  const std::uint64_t begin = bench.clock.now_cycles();
  bench.deliver(bench.sign_request(1));
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_GE(bench.clock.now_cycles() - begin, 60'000 * kCyclesPerMs);
  EXPECT_LE(bench.clock.now_cycles() - begin, 60'100 * kCyclesPerMs);
  EXPECT_EQ(bench.sensor.captures, 0);
  expect_clean_and_working();
}

TEST_F(CardAppTest, AsksAgainWhenTheFingerIsLiftedEarly) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.sensor.plan.push_back({900, 180, &finger(1)});
  bench.sensor.plan.push_back({900, 650, &finger(1)});  // neither tap nor hold
  bench.sensor.plan.push_back({900, 725, &finger(1)});  // lifted while the image is taken
  bench.sensor.plan.push_back({900, 1500, &finger(1)});
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_EQ(bench.sensor.captures, 2);
  EXPECT_TRUE(bench.shown("Network|regtest|hold longer to sign"));
  EXPECT_TRUE(bench.shown("Network|regtest|not clear: hold again"));
}

TEST_F(CardAppTest, RefusesAfterThreeHoldsThatWereTooShort) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.sensor.plan.push_back({900, 180, &finger(1)});
  for (int i = 0; i < 3; ++i) bench.sensor.plan.push_back({900, 725, &finger(1)});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kPoorCapture));
  expect_clean_and_working();
}

TEST_F(CardAppTest, RefusesABlankImage) {
  pair();
  const Pixels blank(kGeometry.size_bytes(), 255);
  bench.deliver(bench.sign_request(1));
  bench.sensor.plan.push_back({900, 180, &finger(1)});
  for (int i = 0; i < 3; ++i) bench.sensor.plan.push_back({900, 1500, &blank});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kPoorCapture));
  expect_clean_and_working();
}

TEST_F(CardAppTest, AsksAgainOnTheSamePageForAFingerThatIsNotKnown) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(2);
  bench.plan_hold({2, 1});
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_EQ(bench.sensor.captures, 3) << "one capture a try";
  EXPECT_TRUE(bench.shown("Network|regtest|not known: hold again"));
  expect_clean_and_working();
}

TEST_F(CardAppTest, RefusesAfterThreeFingersThatAreNotKnown) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(2);
  bench.plan_hold({2, 2, 1});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch));
  EXPECT_EQ(bench.sensor.captures, 3);
  EXPECT_GT(bench.vault->next_try_cycles(), bench.clock.now_cycles());
}

// The vault's count of failed tries goes on from one request to the next.
TEST_F(CardAppTest, AsksNoMoreOftenThanTheVaultAllows) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(2);
  bench.run_to_answer();  // the owner gives up after the first
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch));
  bench.settle();
  bench.sensor.captures = 0;
  bench.deliver(bench.sign_request(2));
  bench.plan_confirmation(2);
  bench.plan_hold({2, 1});
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch));
  EXPECT_EQ(bench.sensor.captures, 2);
}

TEST_F(CardAppTest, TakesTheFingersOfARecordOneAfterTheOther) {
  ASSERT_TRUE(bench.pair_with({1, 1, 1, 3, 3, 3}, 2));
  EXPECT_EQ(bench.sensor.captures, 6);
  EXPECT_TRUE(bench.shown("Finger 1/2|touch 1 of 3(finger)|touch|touch and hold still"));
  EXPECT_TRUE(bench.shown("Finger 2/2|touch 3 of 3(finger)|touch|touch and hold still"));
  EXPECT_EQ(bench.phases.marks, (std::vector<std::uint32_t>{0x101, 0x201, 0x102, 0x202, 0x103, 0x203, 0x104, 0x204, 0x105, 0x205, 0x106, 0x206}));
  bench.settle();
  bench.phases.marks.clear();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(1);
  bench.plan_hold({3});
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_TRUE(bench.shown("Finger 2 of 2(finger)|next|lift, next finger"));
  EXPECT_EQ(bench.phases.marks, (std::vector<std::uint32_t>{0x302}));
  bench.settle();
  // The first finger is wrong: nothing is said before the last has been read, and then not which.
  bench.screen.pages.clear();
  bench.sensor.captures = 0;
  bench.deliver(bench.sign_request(2));
  bench.plan_confirmation(2);
  bench.plan_hold({3, 1, 3});
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_EQ(bench.sensor.captures, 4);
  EXPECT_TRUE(bench.shown("not known: hold again"));
  expect_nothing_left();
}

TEST_F(CardAppTest, RefusesNumbersOfFingersThatItDoesNotKnow) {
  for (const auto& [fingers, any_order] : {std::pair{0, false}, {5, false}, {1, true}}) {
    bench.deliver(bench.pair_request(4, fingers, any_order));
    bench.run_to_answer();
    EXPECT_TRUE(is(bench.last_refusal(), Reason::kBadRequest));
    bench.settle();
  }
  EXPECT_EQ(bench.sensor.captures, 0);
}

TEST_F(CardAppTest, RefusesAStrangersFinger) {
  pair();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(2);
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch));
  bench.run([&] { return bench.shown("(cross)|refused|finger not known"); });
  EXPECT_TRUE(bench.shown("(cross)|refused|finger not known"));
  expect_clean_and_working();
}

TEST_F(CardAppTest, RefusesASecondRequestWhileBusy) {
  pair();
  bench.deliver(bench.sign_request(1));
  contract::SignRequest other;
  other.session = 5;
  Pixels buffer(contract::SignRequest::kMaxBytes);
  const auto encoded = other.encode(buffer).value();
  bench.clock.after_ms(400, [&] { bench.deliver(encoded); });
  bench.plan_confirmation();
  bench.run([&] { return bench.wire.sent.size() == 2; });
  ASSERT_EQ(bench.wire.sent.size(), 2u);
  const auto refusal = contract::Refusal::decode(bench.wire.sent[0]);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->session, 5u);
  EXPECT_TRUE(is(refusal->reason, Reason::kBusy));
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, RefusesToSignBeforePairing) {
  contract::SignRequest request;
  request.session = 3;
  Pixels buffer(contract::SignRequest::kMaxBytes);
  bench.deliver(request.encode(buffer).value());
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNotEnrolled));
}

TEST_F(CardAppTest, RefusesMalformedRequests) {
  pair();
  const Pixels good = bench.sign_request(1);
  std::vector<Pixels> bad{Pixels{0}, Pixels{200, 1, 2}, Pixels{1, 2, 3}, Pixels{3}, Pixels(good.begin(), good.end() - 1)};
  bad.push_back(good);
  bad.back().push_back(0);  // one byte too many
  bad.push_back(good);
  bad.back()[5] = 0x07;     // the nonce is no point
  bad.push_back(good);
  bad.back()[80] ^= 0xFF;   // inside the PSBT
  for (const Pixels& message : bad) {
    bench.wire.sent.clear();
    bench.deliver(message);
    bench.run_to_answer();
    EXPECT_TRUE(is(bench.last_refusal(), Reason::kBadRequest));
  }
  EXPECT_EQ(bench.sensor.captures, 0);
  expect_clean_and_working();
}

TEST_F(CardAppTest, RefusesMalformedPairing) {
  contract::PairRequest good;
  good.wallet_public_key = crypto::compress(crypto::generator());
  good.network = static_cast<std::uint8_t>(contract::PairRequest::Network::kRegtest);
  good.touches = 4;
  good.scheme = static_cast<std::uint8_t>(contract::PairRequest::Scheme::kMusig2);
  std::vector<contract::PairRequest> bad(6, good);
  bad[0].wallet_public_key[0] = 4;
  bad[1].wallet_public_key.fill(0xFF);
  bad[2].network = 0;
  bad[3].touches = 0;
  bad[4].touches = 9;
  bad[5].scheme = static_cast<std::uint8_t>(mpc::Scheme::kFrost);
  for (const contract::PairRequest& request : bad) {
    bench.wire.sent.clear();
    ByteArray<contract::PairRequest::kMaxBytes> buffer;
    bench.deliver(request.encode(buffer).value());
    bench.run_to_answer();
    EXPECT_TRUE(is(bench.last_refusal(), Reason::kBadRequest));
  }
  EXPECT_FALSE(bench.app->enrolled());
}

TEST_F(CardAppTest, KeepsItsShareWhoeverAsksForAnother) {
  pair();
  const Pixels flash = bench.flash.bytes;
  bench.another_wallet();
  EXPECT_FALSE(bench.pair());
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kAlreadyEnrolled));
  EXPECT_EQ(bench.flash.bytes, flash);
  EXPECT_EQ(bench.sensor.captures, 0);
}

Pixels to_pixels(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST_F(CardAppTest, ServesItsOwnPhoneOnly) {
  pair();
  bench.settle();
  bench.screen.pages.clear();
  bench.use_phone(2);
  contract::UpdateBegin update{5000, 9};
  ByteArray<contract::UpdateBegin::kMaxBytes> buffer;
  for (const Pixels& request : {bench.sign_request(1), to_pixels(update.encode(buffer).value())}) {
    bench.deliver(request);
    bench.run_to_answer();
    EXPECT_TRUE(is(bench.last_refusal(), Reason::kStranger));
  }
  bench.settle();
  EXPECT_EQ(bench.sensor.captures, 0);
  EXPECT_FALSE(bench.shown("Pay 1 of 1"));
  EXPECT_TRUE(bench.shown("(cross)|refused|another phone"));
  bench.use_phone(1);
  bench.deliver(bench.sign_request(2));
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

// A phone that is lost: the next one has another key for the channel, and the same share from the same face.
TEST_F(CardAppTest, TakesAnotherPhoneForItsOwnersFinger) {
  pair();
  bench.settle();
  bench.use_phone(2);
  const auto ask = [&](std::uint64_t hold_ms, int whose = 1) {
    bench.sensor.plan = {{900, hold_ms, &finger(whose)}};
    bench.deliver(bench.pair_request(4));
    bench.run_to_answer();
    return bench.take_pair_response();
  };
  EXPECT_FALSE(ask(200));
  bench.settle();
  bench.deliver(bench.sign_request(1));
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kStranger)) << "nothing has changed without a hold";
  bench.settle();
  EXPECT_FALSE(ask(900, 2));
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch)) << "another finger's";
  bench.settle();
  EXPECT_TRUE(bench.shown("Pairing|use another|phone now?|"));
  EXPECT_FALSE(bench.shown("Pairing|send record|again?|"));
  const Pixels flash = bench.flash.bytes;
  ASSERT_TRUE(ask(900));
  EXPECT_NE(bench.flash.bytes, flash);
  bench.settle();
  for (const bool restarted : {false, true}) {
    if (restarted) bench.boot();
    bench.settle();
    bench.use_phone(2);
    bench.deliver(bench.sign_request(2));
    bench.sensor.plan.clear();
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
    bench.settle();
    bench.use_phone(1);
    bench.deliver(bench.sign_request(3));
    bench.run_to_answer();
    EXPECT_TRUE(is(bench.last_refusal(), Reason::kStranger));
    bench.settle();
  }
}

TEST_F(CardAppTest, GivesItsWalletTheRecordAgainAfterAHold) {
  bench.clock.after_ms(100, [&] { bench.wire.jammed = true; });
  EXPECT_FALSE(bench.pair());  // nothing arrives
  EXPECT_TRUE(bench.app->enrolled());
  bench.settle();
  bench.wire.jammed = false;
  bench.wire.open();
  const Pixels flash = bench.flash.bytes;
  bench.sensor.captures = 0;
  bench.wire.sent.clear();
  const auto ask_again = [&](std::vector<Touch> touches) {
    bench.sensor.plan.assign(touches.begin(), touches.end());
    bench.deliver(bench.pair_request(4));
    bench.run_to_answer();
    return bench.take_pair_response();
  };
  // Whoever heard the request can send it: the record goes to nobody unless the owner holds.
  EXPECT_FALSE(ask_again({}));
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_FALSE(ask_again({{900, 200, &finger(1)}, {250, 100, &finger(1)}}));
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_TRUE(bench.shown("Pairing|send record|again?|"));
  ASSERT_TRUE(ask_again({{900, 200, &finger(1)}, {900, 900, &finger(1)}}));
  EXPECT_EQ(bench.sensor.captures, 0);
  EXPECT_EQ(bench.flash.bytes, flash);
  bench.sensor.plan.clear();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, GivesNoRecordAgainWithoutADisplay) {
  pair();
  bench.display_line.present = false;
  bench.sensor.plan.push_back({900, 900, &finger(1)});
  bench.deliver(bench.pair_request(4));
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoDisplay));
}

TEST_F(CardAppTest, AFingerThatLiesThereAlreadyIsNotEnrolled) {
  bench.sensor.lay(&finger(2));
  bench.clock.after_ms(3000, [&] { bench.sensor.lay(nullptr); });
  bench.sensor.on_capture = [&] { EXPECT_GT(bench.clock.now_cycles(), 3000 * kCyclesPerMs); };
  ASSERT_TRUE(bench.pair());
  bench.sensor.on_capture = [] {};
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation(1);
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, KeepsNoRecordOfTouchesThatAreNotOfOneFinger) {
  EXPECT_FALSE(bench.pair_with({1, 2, 3, 4}));
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kNoMatch));
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_FALSE(RecordStore(bench.flash).load().has_value());
  ASSERT_TRUE(bench.pair_with({1, 1, 2, 1}));  // one slip is forgiven
}

TEST_F(CardAppTest, MakesWaitAfterTriesThatFailInARow) {
  pair();
  const auto try_with = [&](int finger_index, std::uint32_t session) {
    bench.wire.sent.clear();
    bench.sensor.plan.clear();
    bench.deliver(bench.sign_request(session));
    bench.plan_confirmation(finger_index);
    bench.run_to_answer();
    return bench.last_refusal();
  };
  const auto pass_s = [&](std::uint64_t s) { bench.clock.advance(s * 1000 * kCyclesPerMs); };
  // A match in between begins the count again.
  for (int finger_index : {2, 2, 1, 2, 2, 2})
    EXPECT_EQ(try_with(finger_index, 1), finger_index == 1 ? 0 : static_cast<int>(Reason::kNoMatch));
  const int captures = bench.sensor.captures;
  EXPECT_TRUE(is(try_with(1, 2), Reason::kBusy));
  EXPECT_EQ(bench.sensor.captures, captures);
  pass_s(31);
  EXPECT_TRUE(is(try_with(2, 3), Reason::kNoMatch));
  pass_s(31);
  EXPECT_TRUE(is(try_with(1, 4), Reason::kBusy));  // the second wait is twice as long
  pass_s(31);
  EXPECT_EQ(try_with(1, 5), 0);
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
}

TEST_F(CardAppTest, PairingTimesOutWithoutATouch) {
  EXPECT_FALSE((bench.sensor.plan.clear(), bench.pair(0)));
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kBadRequest));
  bench.wire.sent.clear();
  bench.sensor.plan.push_back({500, 900, &finger(1)});
  contract::PairRequest request;
  request.wallet_public_key = crypto::compress(crypto::generator());
  request.network = static_cast<std::uint8_t>(contract::PairRequest::Network::kRegtest);
  request.touches = 2;
  request.fingers = 1;
  request.scheme = static_cast<std::uint8_t>(contract::PairRequest::Scheme::kMusig2);
  ByteArray<contract::PairRequest::kMaxBytes> buffer;
  bench.deliver(request.encode(buffer).value());
  bench.run_to_answer();
  EXPECT_TRUE(is(bench.last_refusal(), Reason::kTimeout));
  EXPECT_FALSE(bench.app->enrolled());
}

}  // namespace
}  // namespace touchstone::firmware::testing
