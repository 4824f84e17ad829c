#include "sim/user.h"

#include <algorithm>

#include "app/pages.h"
#include "base/check.h"
#include "bus/time.h"
#include "chain/review.h"
#include "contract/events.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

using firmware::HoldAdvice;
using Picture = models::MemoryLcd::Picture;

const sc_core::sc_time kFingerPause(400, sc_core::SC_MS);  // from the prompt to the touch
constexpr std::size_t kHintRow = 116;  // firmware/app/pages.cpp: below this line stands what the card asks for

/// What the owner means, in the words of the card's review: everything here comes from the scenario.
chain::PaymentReview meant(const Scenario& s) {
  chain::PaymentReview review;
  const auto network = chain::network_from_string(s.wallet.network);
  if (!network) throw InputError(s.wallet.place, "wallet.network: " + std::string(network.error().what));
  review.network = *network;
  review.fee_sat = static_cast<std::uint64_t>(s.wallet.fee_sat);
  review.input_sat = static_cast<std::uint64_t>(s.wallet.spends_amount_sat);
  for (const Output& output : s.wallet.pays) {
    if (review.recipient_count == review.recipients.size()) throw InputError(output.place, "a card shows at most " + std::to_string(review.recipients.size()) + " recipients");
    const auto script = chain::script_of_address(output.address, *network);
    if (!script) throw InputError(output.place, "'" + output.address + "': " + script.error().what);
    chain::Recipient& recipient = review.recipients[review.recipient_count++];
    recipient.text.append(chain::address_of_script(script->view(), *network).value().view());
    recipient.amount_sat = static_cast<std::uint64_t>(output.amount_sat);
    recipient.dust = chain::is_dust(recipient.amount_sat, script->view());
    review.total_sat += recipient.amount_sat;
  }
  review.change_sat = review.input_sat - review.total_sat - review.fee_sat;
  review.hidden_change_count = review.change_sat > 0 ? 1 : 0;
  review.high_fee = chain::is_high_fee(review.fee_sat, review.total_sat);
  return review;
}

Picture drawn(const chain::PaymentReview& review, std::size_t page, HoldAdvice advice, bool guest) {
  firmware::Display::Frame frame{};
  firmware::FrameCanvas canvas(frame);
  firmware::draw_payment_page(canvas, review, page, advice, guest);
  Picture out;
  static_assert(std::tuple_size_v<firmware::Display::Frame> == std::tuple_size_v<Picture>);  // NOLINT(misc-redundant-expression): may differ one day
  std::transform(frame.begin(), frame.end(), out.begin(), [](std::uint8_t ink) { return static_cast<std::uint8_t>(~ink); });
  return out;
}

bool same_hint(const Picture& a, const Picture& b) {
  const auto from = static_cast<std::ptrdiff_t>(kHintRow * models::MemoryLcd::kLineBytes);
  return std::equal(a.begin() + from, a.end(), b.begin() + from);
}

sc_core::sc_time ns(std::int64_t n) { return sc_core::sc_time(static_cast<double>(n), sc_core::SC_NS); }

}  // namespace

IntendedPages::IntendedPages(const Scenario& scenario, bool guest) {
  const chain::PaymentReview review = meant(scenario);
  const std::size_t count = firmware::payment_page_count(review);
  for (std::size_t page = 0; page < count; ++page) {
    const bool last = page + 1 == count;
    Page made;
    for (const HoldAdvice advice : {HoldAdvice::kNone, HoldAdvice::kLonger, HoldAdvice::kClearer, HoldAdvice::kUnknown})
      if (last || advice == HoldAdvice::kNone) made.variants.push_back(drawn(review, page, advice, guest));
    auto& lines = last ? hold_lines_ : tap_lines_;
    lines.insert(lines.end(), made.variants.begin(), made.variants.end());
    pages_.push_back(std::move(made));
  }
}

bool IntendedPages::is_page(std::size_t page, const Picture& glass) const {
  if (page >= pages_.size()) return false;
  const auto& variants = pages_[page].variants;
  return std::find(variants.begin(), variants.end(), glass) != variants.end();
}

IntendedPages::Asks IntendedPages::asks(const Picture& glass) const {
  const auto is_hint = [&](const Picture& p) { return same_hint(p, glass); };
  if (std::any_of(tap_lines_.begin(), tap_lines_.end(), is_hint)) return Asks::kTap;
  if (std::any_of(hold_lines_.begin(), hold_lines_.end(), is_hint)) return Asks::kHold;
  return Asks::kNothing;
}

User::User(sc_core::sc_module_name name, const Scenario& scenario, People& people, const models::MemoryLcd& display, EventSink& events)
    : sc_module(name), own_pages_(scenario, false), guest_pages_(scenario, true), people_(people), display_(display), events_(events) {
  SC_HAS_PROCESS(User);
  SC_THREAD(run);
  SC_THREAD(give_fingers);
}

void User::attend(const UserSpec& spec, bool guest) {
  spec_ = spec;
  pages_ = guest ? &guest_pages_ : &own_pages_;
  ++turn_;
  touches_ = 0;
  asked_.notify(sc_core::SC_ZERO_TIME);
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void User::notice(sc_core::sc_time delay) {
  if (spec_) changed_.notify(delay);
}

void User::next_finger(std::uint32_t number, sc_core::sc_time delay) {
  if (!spec_) return;
  wanted_finger_ = number;
  finger_wanted_.notify(delay);
}

void User::run() {
  for (;;) {
    while (!spec_) wait(asked_);
    confirm();
  }
}

/// Beside run(): the fingers after the first come while that waits for what the card makes of them.
void User::give_fingers() {
  for (;;) {
    wait(finger_wanted_);
    wait(kFingerPause);
    if (!spec_ || wanted_finger_ < 1 || wanted_finger_ > spec_->fingers.size()) continue;
    touch(spec_->fingers[wanted_finger_ - 1], spec_->hold_ns);
  }
}

void User::confirm() {
  const std::uint64_t turn = turn_;
  const sc_core::sc_time reading = ns(spec_->reading_ns), patience = ns(spec_->patience_ns);
  sc_core::sc_time quiet_since = sc_core::sc_time_stamp();
  std::size_t page = 0;
  bool held = false;
  while (turn == turn_) {
    const sc_core::sc_time began = sc_core::sc_time_stamp();
    wait(reading, changed_);
    if (turn != turn_) return;
    if (sc_core::sc_time_stamp() - began < reading) {  // the glass changed: it is read anew
      quiet_since = sc_core::sc_time_stamp();
      continue;
    }
    if (!look(page, held)) return spec_.reset();
    if (turn != turn_) return;
    if (sc_core::sc_time_stamp() - quiet_since < patience) continue;
    const bool asks = pages_->asks(display_.picture()) != IntendedPages::Asks::kNothing;
    if (asks) refuse("the card does not answer the touch");
    else if (!held) refuse("nothing to confirm stands on the glass");
    return spec_.reset();
  }
}

bool User::look(std::size_t& page, bool& held) {
  const Picture glass = display_.picture();
  const auto asks = pages_->asks(glass);
  if (asks == IntendedPages::Asks::kNothing) return true;
  const bool hold = asks == IntendedPages::Asks::kHold;
  const auto read = [&](std::size_t index, const char* verdict) {
    events_.emit(models::to_ns(sc_core::sc_time_stamp()), events::UserReads{static_cast<std::int64_t>(index) + 1, verdict});
  };
  if (!spec_->reads) {
    read(page++, "not read");
  } else if (pages_->is_page(page, glass)) {
    read(page++, "as meant");
  } else if (page == 0 || !pages_->is_page(page - 1, glass)) {  // the page before: the card did not take the touch
    read(page, "not as meant");
    refuse("page " + std::to_string(page + 1) + " is not the payment that was meant");
    return false;
  }
  held = hold;
  answer(hold);
  return true;
}

void User::answer(bool hold) {
  const std::int64_t duration_ns = hold ? spec_->hold_ns : spec_->tap_ns;
  touch(spec_->fingers.front(), duration_ns);
  wait(ns(duration_ns));
}

void User::touch(const std::string& finger, std::int64_t duration_ns) {
  Contact contact{finger, spec_->impression + touches_++, duration_ns};
  while (contact.impression > spec_->impression && !people_.has(contact)) --contact.impression;
  people_.touch(contact);
}

void User::refuse(const std::string& why) { events_.emit(models::to_ns(sc_core::sc_time_stamp()), events::UserRefuses{why}); }

}  // namespace touchstone::sim
