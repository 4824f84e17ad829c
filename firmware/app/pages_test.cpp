// Pages: the words and what they look like, and the font's completeness.
#include <gtest/gtest.h>

#include "app/font.h"
#include "app/testing/fakes.h"

namespace touchstone::firmware::testing {
namespace {

std::string draw_payment(const chain::PaymentReview& review, std::size_t page) {
  RecordingScreen screen;
  draw_payment_page(screen.canvas(), review, page);
  EXPECT_TRUE(screen.present());
  return screen.pages.back();
}

chain::PaymentReview payment(std::string_view address, std::uint64_t amount_sat) {
  chain::PaymentReview review;
  review.recipient_count = 1;
  review.recipients[0].text.append(address);
  review.recipients[0].amount_sat = amount_sat;
  review.total_sat = amount_sat;
  return review;
}

TEST(Pages, ShowAnAddressInGroupsOfFour) {
  const auto review = payment("bcrt1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqvg32hk", 100'000'000);
  EXPECT_EQ(draw_payment(review, 0),
            "Pay 1 of 1|1/2|To|regtest|bcrt 1p5c yxnu xmeu|wuvk wfem 96lq zszd|02n6 xdcj rs20 cac6|yqjj wudp xqvg 32hk|"
            "Amount BTC|1.00000000|tap: next");
}

TEST(Pages, ShowTheLongestAddressAndTheLargestAmount) {
  const std::string address(90, 'w');
  const auto review = payment(address, 2'100'000'000'000'000);
  const std::string words = draw_payment(review, 0);  // the recorder checks that nothing runs off the display
  std::string letters = words;
  std::erase_if(letters, [](char c) { return c != 'w'; });
  EXPECT_EQ(letters.size(), address.size());
  EXPECT_NE(words.find("|21000000.00000000|"), std::string::npos);
}

TEST(Pages, WarnOfHighFeesDustAndLocks) {
  auto review = payment("bcrt1qexample", 100);
  review.recipients[0].dust = true;
  review.fee_sat = 50'000;
  review.high_fee = true;
  review.lock_time = 850'000;
  EXPECT_NE(draw_payment(review, 0).find("Amount BTC (dust!)|0.00000100"), std::string::npos);
  EXPECT_EQ(draw_payment(review, 1),
            "Confirm|2/2|Total with fee, BTC|0.00050100|Fee|0.00050000|Network|regtest|Lock time|850000|"
            "! FEE IS VERY HIGH !|hold: sign");
}

TEST(Pages, ShowDataOutputsWhole) {
  auto review = payment(std::string(166, 'm'), 0);
  review.recipients[0].kind = chain::Recipient::Kind::kData;
  std::string words = draw_payment(review, 0);
  EXPECT_EQ(words.substr(0, 33), "Data 1 of 1|1/2|Note on the chain");
  EXPECT_EQ(std::count(words.begin(), words.end(), 'm'), 166);
}

TEST(Pages, AskWhatIsToBeHeldFor) {
  const auto words = [](auto draw) {
    RecordingScreen screen;
    draw(screen.canvas());
    EXPECT_TRUE(screen.present());
    return screen.pages.back();
  };
  EXPECT_EQ(words([](Canvas& canvas) { draw_update(canvas, 128); }),
            "Update|new firmware|v 128|Only if you asked|for it.|hold: install");
  EXPECT_EQ(words([](Canvas& canvas) { draw_renew(canvas, true); }),
            "Signing key|A payment broke off.|The key is locked.|renew?|Takes 25 minutes:|keep the phone near.|Addresses and coins|"
            "stay as they are.|hold: renew");
  EXPECT_EQ(words([](Canvas& canvas) { draw_renew(canvas, false); }).find("Signing key|Your wallet asks for|a new signing key.|renew?|"), 0u);
  EXPECT_EQ(words([](Canvas& canvas) { draw_record_again(canvas); }), "Pairing|send record|again?|Only if you asked|for it.|hold: send");
  EXPECT_EQ(words([](Canvas& canvas) { draw_new_phone(canvas); }), "Pairing|use another|phone now?|Only if you asked|for it.|hold: use it");
}

TEST(Pages, SayWhyAHoldDidNotDo) {
  const auto review = payment("bcrt1qexample", 1);
  for (const auto& [advice, hint] : {std::pair{HoldAdvice::kLonger, "hold longer to sign"}, {HoldAdvice::kClearer, "not clear: hold again"},
                                     {HoldAdvice::kUnknown, "not known: hold again"}, {HoldAdvice::kWait, "one moment"}}) {
    RecordingScreen screen;
    draw_payment_page(screen.canvas(), review, 1, advice);
    ASSERT_TRUE(screen.present());
    EXPECT_TRUE(screen.pages.back().ends_with(std::string("|") + hint));
  }
}

TEST(Pages, GuideAnEnrolment) {
  const auto words = [](const EnrolProgress& progress, EnrolStep step, biometrics::Advice advice) {
    RecordingScreen screen;
    draw_enrol(screen.canvas(), progress, step, advice);
    EXPECT_TRUE(screen.present());
    return screen.pages.back();
  };
  using biometrics::Advice;
  EXPECT_EQ(words({2, 8, 1, 1}, EnrolStep::kAgain, Advice::kPress), "Enrol|touch 2 of 8(finger)|touch|press harder|not clear: once more");
  EXPECT_EQ(words({8, 8, 4, 4}, EnrolStep::kTouch, Advice::kMove), "Finger 4/4|touch 8 of 8(finger)|touch|move a little|touch and hold still");
  EXPECT_EQ(words({1, 4, 1, 2}, EnrolStep::kAgain, Advice::kDry), "Finger 1/2|touch 1 of 4(finger)|touch|dry the finger|not clear: once more");
  EXPECT_EQ(words({1, 4, 1, 1}, EnrolStep::kTouch, Advice::kMoisten), "Enrol|touch 1 of 4(finger)|touch|moisten or warm it|touch and hold still");
  EXPECT_EQ(words({1, 4, 1, 1}, EnrolStep::kLift, Advice::kMove), "Enrol|touch 1 of 4(finger)|lift|lift your finger");
}

TEST(Pages, TellHowFarAKeyIs) {
  for (const int percent : {0, 50, 100}) {
    Display::Frame frame{};
    FrameCanvas canvas(frame);
    draw_preparing(canvas, percent);
    int ink = 0;  // in the middle of the bar
    for (int i = 0; i < Display::kRowBytes; ++i) ink += std::popcount(frame[88 * Display::kRowBytes + i]);
    EXPECT_EQ(ink, 4 + percent);
  }
}

TEST(Pages, CountEveryRecipientAndTheSummary) {
  auto review = payment("bcrt1qexample", 1);
  review.recipient_count = chain::kMaxRecipients;
  EXPECT_EQ(payment_page_count(review), chain::kMaxRecipients + 1);
  EXPECT_EQ(draw_payment(review, 7).substr(0, 14), "Pay 8 of 8|8/9");
}

TEST(Font, HasEveryPrintableCharacterAndTheyDiffer) {
  for (char a = '!'; a <= '~'; ++a) {
    int ink = 0;
    for (int row = 0; row < kGlyphHeight_px; ++row) ink += std::popcount(glyph_row(a, row));
    EXPECT_GT(ink, 0) << a;
    for (char b = '!'; b < a; ++b) {
      bool same = true;
      for (int row = 0; row < kGlyphHeight_px; ++row) same = same && glyph_row(a, row) == glyph_row(b, row);
      EXPECT_FALSE(same) << a << " looks like " << b;
    }
  }
}

TEST(Canvas, DrawsWhatItIsTold) {
  Display::Frame frame{};
  FrameCanvas canvas(frame);
  canvas.text(8, 0, Font::kSmall, "T");
  EXPECT_EQ(frame[1], 0xF8);                        // the bar of the T
  EXPECT_EQ(frame[Display::kRowBytes + 1], 0x20);   // and its stem
  canvas.fill(0, 127, 128, 1, Ink::kBlack);
  EXPECT_EQ(frame[127 * Display::kRowBytes + 15], 0xFF);
  canvas.fill(-5, 126, 500, 500, Ink::kWhite);      // cut off, not written outside
  EXPECT_EQ(frame[127 * Display::kRowBytes + 15], 0x00);
  canvas.text(120, 120, Font::kLarge, "XX");
  EXPECT_EQ(text_width_px(Font::kLarge, "0.5"), 12 + 6 + 10);
}

}  // namespace
}  // namespace touchstone::firmware::testing
