// The card's pages: what is drawn for each situation. Pure drawing, no state. Freestanding.
#pragma once

#include <cstdint>
#include <string_view>

#include "app/canvas.h"
#include "biometrics/feature.h"
#include "chain/review.h"

namespace touchstone::firmware {

void draw_idle(Canvas& canvas, bool enrolled, chain::Network network);

/// While a wallet uses the card with another card's record.
void draw_guest_idle(Canvas& canvas, chain::Network network);

enum class EnrolStep : std::uint8_t { kTouch, kLift, kAgain };
/// Where an enrolment is: the touch that comes or came last. Both count from 1.
struct EnrolProgress {
  int touch = 1, touches = 1;  ///< of the finger
  int finger = 1, fingers = 1;
};
/// `advice`: on the touch before.
void draw_enrol(Canvas& canvas, const EnrolProgress& progress, EnrolStep step, biometrics::Advice advice = biometrics::Advice::kNone);

/// A payment, or what else is agreed to, takes several fingers, and the first has been read. `finger` counts from 1. `again`: it was
/// not clear.
void draw_next_finger(Canvas& canvas, int finger, int fingers, bool again);

/// A payment takes one page a recipient, then one with the sum, fee, network and warnings.
std::size_t payment_page_count(const chain::PaymentReview& review);
/// Beside the usual hint: why the last hold did not do.
enum class HoldAdvice : std::uint8_t { kNone, kLonger, kClearer, kUnknown, kWait };
/// `page` counts from 0. `guest`: the payment is signed from another card's record, and every page says so.
void draw_payment_page(Canvas& canvas, const chain::PaymentReview& review, std::size_t page,
                       HoldAdvice advice = HoldAdvice::kNone, bool guest = false);

/// The owner is asked whether a wallet may have the record once more.
void draw_record_again(Canvas& canvas, HoldAdvice advice = HoldAdvice::kNone);
/// The same, to another phone than the card's.
void draw_new_phone(Canvas& canvas, HoldAdvice advice = HoldAdvice::kNone);

/// The owner is asked to renew the signing key, and told what it takes. `burnt`: and why.
void draw_renew(Canvas& canvas, bool burnt, HoldAdvice advice = HoldAdvice::kNone);

/// A key is being made. `percent`: 0..100.
void draw_preparing(Canvas& canvas, int percent);

/// The owner is asked whether that firmware may be installed.
void draw_update(Canvas& canvas, std::uint32_t version);

/// An icon, a word in large letters and up to two lines below.
void draw_notice(Canvas& canvas, Icon icon, std::string_view title, std::string_view line1 = {}, std::string_view line2 = {});

}  // namespace touchstone::firmware
