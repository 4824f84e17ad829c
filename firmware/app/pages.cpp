#include "app/pages.h"

#include <algorithm>

namespace touchstone::firmware {
namespace {

/// As substr(), which may throw where the card cannot.
std::string_view part_of(std::string_view text, std::size_t at, std::size_t size) {
  text.remove_prefix(std::min(at, text.size()));
  return {text.data(), std::min(size, text.size())};
}

constexpr int kWidth = Display::kWidth_px;
constexpr int kHeaderHeight = 12;
constexpr int kHintTop = 116;
constexpr int kLinePitch = 9;
constexpr int kMargin = 4;

using Line = chain::FixedText<24>;

void text_centred(Canvas& canvas, int y, Font font, std::string_view text, Ink ink = Ink::kBlack) {
  canvas.text((kWidth - text_width_px(font, text)) / 2, y, font, text, ink);
}

void text_right(Canvas& canvas, int y, std::string_view text, Ink ink = Ink::kBlack) {
  canvas.text(kWidth - kMargin - text_width_px(Font::kSmall, text), y, Font::kSmall, text, ink);
}

void draw_header(Canvas& canvas, std::string_view left, std::string_view right) {
  canvas.fill(0, 0, kWidth, kHeaderHeight, Ink::kBlack);
  canvas.text(kMargin, 2, Font::kSmall, left, Ink::kWhite);
  text_right(canvas, 2, right, Ink::kWhite);
}

void draw_hint(Canvas& canvas, std::string_view hint) {
  canvas.fill(0, kHintTop, kWidth, 1, Ink::kBlack);
  text_centred(canvas, kHintTop + 3, Font::kSmall, hint);
}

void draw_warning(Canvas& canvas, int y, std::string_view warning) {
  canvas.fill(0, y, kWidth, 11, Ink::kBlack);
  text_centred(canvas, y + 2, Font::kSmall, warning, Ink::kWhite);
}

/// A name at the left and a value at the right of one line.
void draw_row(Canvas& canvas, int y, std::string_view name, std::string_view value) {
  canvas.text(kMargin, y, Font::kSmall, name);
  text_right(canvas, y, value);
}

/// Eight decimals always, without the unit.
Line bitcoin_digits(std::uint64_t amount_sat) {
  constexpr std::uint64_t kSatPerBtc = 100'000'000;
  Line out;
  out.append_decimal(amount_sat / kSatPerBtc);
  out.append('.');
  out.append_decimal(amount_sat % kSatPerBtc, 8);
  return out;
}

void draw_amount(Canvas& canvas, int y, std::uint64_t amount_sat) {
  const Line digits = bitcoin_digits(amount_sat);
  const bool fits = text_width_px(Font::kLarge, digits.view()) <= kWidth;
  text_centred(canvas, fits ? y : y + 4, fits ? Font::kLarge : Font::kSmall, digits.view());
}

/// Groups of four, four groups a line: how people compare addresses. Returns the top of the next line.
int draw_address(Canvas& canvas, int y, std::string_view address) {
  constexpr std::size_t kGroup = 4, kPerLine = 4 * kGroup;
  constexpr int kLeft = 7;
  for (std::size_t at = 0; at < address.size(); at += kPerLine, y += kLinePitch) {
    Line line;
    const std::string_view part = part_of(address, at, kPerLine);
    for (std::size_t i = 0; i < part.size(); i += kGroup) {
      if (i > 0) line.append(' ');
      line.append(part_of(part, i, kGroup));
    }
    canvas.text(kLeft, y, Font::kSmall, line.view());
  }
  return y;
}

void draw_data(Canvas& canvas, int y, std::string_view data) {
  constexpr std::size_t kPerLine = 20;
  for (std::size_t at = 0; at < data.size(); at += kPerLine, y += kLinePitch)
    canvas.text(kMargin, y, Font::kSmall, part_of(data, at, kPerLine));
}

Line page_number(std::size_t page, std::size_t pages) {
  Line out;
  out.append_decimal(page + 1);
  out.append('/');
  out.append_decimal(pages);
  return out;
}

void draw_recipient(Canvas& canvas, const chain::PaymentReview& review, std::size_t index, bool guest) {
  const chain::Recipient& recipient = review.recipients[index];
  const bool is_data = recipient.kind == chain::Recipient::Kind::kData;
  Line title(guest ? (is_data ? "Guest data " : "Guest pay ") : (is_data ? "Data " : "Pay "));
  title.append_decimal(index + 1);
  title.append(" of ");
  title.append_decimal(review.recipient_count);
  draw_header(canvas, title.view(), page_number(index, payment_page_count(review)).view());
  draw_row(canvas, 15, is_data ? "Note on the chain" : "To", is_data ? "" : chain::to_string(review.network));
  if (is_data) {
    draw_data(canvas, 25, recipient.text.view());
    if (recipient.amount_sat == 0) return;
    draw_row(canvas, 106, "Burnt BTC", bitcoin_digits(recipient.amount_sat).view());
    return;
  }
  draw_address(canvas, 25, recipient.text.view());
  canvas.text(kMargin, 80, Font::kSmall, recipient.dust ? "Amount BTC (dust!)" : "Amount BTC");
  draw_amount(canvas, 92, recipient.amount_sat);
}

void draw_summary(Canvas& canvas, const chain::PaymentReview& review, bool guest) {
  const std::size_t pages = payment_page_count(review);
  draw_header(canvas, guest ? "Confirm as guest" : "Confirm", page_number(pages - 1, pages).view());
  canvas.text(kMargin, 16, Font::kSmall, "Total with fee, BTC");
  draw_amount(canvas, 28, review.total_sat + review.fee_sat);
  int y = 50;
  const auto row = [&](std::string_view name, std::string_view value) {
    draw_row(canvas, y, name, value);
    y += kLinePitch + 2;
  };
  row("Fee", bitcoin_digits(review.fee_sat).view());
  if (review.hidden_change_count > 0) row("Change", bitcoin_digits(review.change_sat).view());
  row("Network", chain::to_string(review.network));
  if (review.lock_time != 0) {
    Line lock;
    lock.append_decimal(review.lock_time);
    row("Lock time", lock.view());
  }
  if (review.high_fee) draw_warning(canvas, 98, "! FEE IS VERY HIGH !");
}

/// What to do, and if a hold did not do, why.
std::string_view hold_hint(HoldAdvice advice, std::string_view usual) {
  switch (advice) {
    case HoldAdvice::kNone: return usual;
    case HoldAdvice::kLonger: return "hold longer to sign";
    case HoldAdvice::kClearer: return "not clear: hold again";
    case HoldAdvice::kUnknown: return "not known: hold again";
    case HoldAdvice::kWait: return "one moment";
  }
  return usual;
}

std::string_view sentence(biometrics::Advice advice) {
  switch (advice) {
    case biometrics::Advice::kNone: return {};
    case biometrics::Advice::kPress: return "press harder";
    case biometrics::Advice::kDry: return "dry the finger";
    case biometrics::Advice::kMoisten: return "moisten or warm it";
    case biometrics::Advice::kMove: return "move a little";
  }
  return {};
}

/// What a wallet wants and the owner must agree to.
void draw_question(Canvas& canvas, std::string_view header, std::string_view what, std::string_view large, std::string_view hint) {
  canvas.clear();
  draw_header(canvas, header, "");
  text_centred(canvas, 30, Font::kSmall, what);
  text_centred(canvas, 50, Font::kLarge, large);
  text_centred(canvas, 84, Font::kSmall, "Only if you asked");
  text_centred(canvas, 95, Font::kSmall, "for it.");
  draw_hint(canvas, hint);
}

}  // namespace

void draw_idle(Canvas& canvas, bool enrolled, chain::Network network) {
  canvas.clear();
  draw_header(canvas, "touchstone", enrolled ? chain::to_string(network) : "");
  canvas.icon((kWidth - kIconSize_px) / 2, 28, Icon::kFinger);
  text_centred(canvas, 80, Font::kLarge, enrolled ? "ready" : "new card");
  draw_hint(canvas, enrolled ? "waiting for a wallet" : "pair with a wallet");
}

void draw_guest_idle(Canvas& canvas, chain::Network network) {
  canvas.clear();
  draw_header(canvas, "guest", chain::to_string(network));
  canvas.icon((kWidth - kIconSize_px) / 2, 28, Icon::kFinger);
  text_centred(canvas, 80, Font::kLarge, "guest");
  text_centred(canvas, 102, Font::kSmall, "another card's record");
  draw_hint(canvas, "waiting for a wallet");
}

void draw_enrol(Canvas& canvas, const EnrolProgress& progress, EnrolStep step, biometrics::Advice advice) {
  const auto [touch, touches, finger, fingers] = progress;
  canvas.clear();
  Line title(fingers > 1 ? "Finger " : "Enrol");
  if (fingers > 1) {
    title.append_decimal(static_cast<std::uint64_t>(finger));
    title.append('/');
    title.append_decimal(static_cast<std::uint64_t>(fingers));
  }
  Line place("touch ");
  place.append_decimal(static_cast<std::uint64_t>(touch));
  place.append(" of ");
  place.append_decimal(static_cast<std::uint64_t>(touches));
  draw_header(canvas, title.view(), place.view());
  canvas.icon((kWidth - kIconSize_px) / 2, 22, Icon::kFinger);
  text_centred(canvas, 72, Font::kLarge, step == EnrolStep::kLift ? "lift" : "touch");
  if (step != EnrolStep::kLift) text_centred(canvas, 92, Font::kSmall, sentence(advice));
  // Progress: one box a touch, filled when done.
  const int done = step == EnrolStep::kLift ? touch : touch - 1;
  const int left = (kWidth - touches * 14 + 4) / 2;
  for (int i = 0; i < touches; ++i) {
    canvas.fill(left + i * 14, 103, 10, 8, Ink::kBlack);
    if (i >= done) canvas.fill(left + i * 14 + 1, 104, 8, 6, Ink::kWhite);
  }
  draw_hint(canvas, step == EnrolStep::kLift ? "lift your finger" : step == EnrolStep::kAgain ? "not clear: once more" : "touch and hold still");
}

void draw_next_finger(Canvas& canvas, int finger, int fingers, bool again) {
  canvas.clear();
  Line title("Finger ");
  title.append_decimal(static_cast<std::uint64_t>(finger));
  title.append(" of ");
  title.append_decimal(static_cast<std::uint64_t>(fingers));
  draw_header(canvas, title.view(), "");
  canvas.icon((kWidth - kIconSize_px) / 2, 28, Icon::kFinger);
  text_centred(canvas, 80, Font::kLarge, "next");
  draw_hint(canvas, again ? "not clear: once more" : "lift, next finger");
}

std::size_t payment_page_count(const chain::PaymentReview& review) { return review.recipient_count + 1; }

void draw_payment_page(Canvas& canvas, const chain::PaymentReview& review, std::size_t page, HoldAdvice advice,
                       bool guest) {
  canvas.clear();
  const bool last = page + 1 >= payment_page_count(review);
  if (last)
    draw_summary(canvas, review, guest);
  else
    draw_recipient(canvas, review, page, guest);
  draw_hint(canvas, last ? hold_hint(advice, "hold: sign") : "tap: next");
}

void draw_record_again(Canvas& canvas, HoldAdvice advice) {
  draw_question(canvas, "Pairing", "send record", "again?", hold_hint(advice, "hold: send"));
}

void draw_new_phone(Canvas& canvas, HoldAdvice advice) {
  draw_question(canvas, "Pairing", "use another", "phone now?", hold_hint(advice, "hold: use it"));
}

void draw_renew(Canvas& canvas, bool burnt, HoldAdvice advice) {
  canvas.clear();
  draw_header(canvas, "Signing key", "");
  text_centred(canvas, 18, Font::kSmall, burnt ? "A payment broke off." : "Your wallet asks for");
  text_centred(canvas, 27, Font::kSmall, burnt ? "The key is locked." : "a new signing key.");
  text_centred(canvas, 42, Font::kLarge, "renew?");
  text_centred(canvas, 64, Font::kSmall, "Takes 25 minutes:");
  text_centred(canvas, 73, Font::kSmall, "keep the phone near.");
  text_centred(canvas, 86, Font::kSmall, "Addresses and coins");
  text_centred(canvas, 95, Font::kSmall, "stay as they are.");
  draw_hint(canvas, hold_hint(advice, "hold: renew"));
}

void draw_preparing(Canvas& canvas, int percent) {
  constexpr int kLeft = 12, kTop = 82, kBarWidth = kWidth - 2 * kLeft, kBarHeight = 12;
  canvas.clear();
  draw_header(canvas, "Signing key", "");
  text_centred(canvas, 26, Font::kLarge, "preparing");
  Line line;
  line.append_decimal(static_cast<std::uint64_t>(percent));
  line.append('%');
  text_centred(canvas, 56, Font::kLarge, line.view());
  canvas.fill(kLeft, kTop, kBarWidth, kBarHeight, Ink::kBlack);
  const int done = (kBarWidth - 4) * percent / 100;
  canvas.fill(kLeft + 2 + done, kTop + 2, kBarWidth - 4 - done, kBarHeight - 4, Ink::kWhite);
  draw_hint(canvas, "keep the phone near");
}

void draw_update(Canvas& canvas, std::uint32_t version) {
  Line line("v ");
  line.append_decimal(version);
  draw_question(canvas, "Update", "new firmware", line.view(), "hold: install");
}

void draw_notice(Canvas& canvas, Icon icon, std::string_view title, std::string_view line1, std::string_view line2) {
  canvas.clear();
  canvas.icon((kWidth - kIconSize_px) / 2, 14, icon);
  text_centred(canvas, 64, Font::kLarge, title);
  text_centred(canvas, 90, Font::kSmall, line1);
  text_centred(canvas, 90 + kLinePitch + 2, Font::kSmall, line2);
}

}  // namespace touchstone::firmware
