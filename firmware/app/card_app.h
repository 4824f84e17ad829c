// CardApp: the card's behaviour. It shows what it is asked to sign, takes the owner's touch, regenerates the secret, answers
// and forgets. Portable: the card's port and the host's tests give it a Board. Freestanding.
//
// One request at a time; a second one is refused as busy. Whatever ends a request - answer, refusal, timeout, a lost link -
// the arena that held image, features and request is wiped before the next one is looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "app/pages.h"
#include "app/phase.h"
#include "app/record.h"
#include "app/screen.h"
#include "app/touch.h"
#include "app/wire.h"
#include "biometrics/converter.h"
#include "biometrics/feature.h"
#include "chain/review.h"
#include "contract/messages.h"
#include "crypto/scalar.h"

namespace touchstone::firmware {

struct Board {
  Clock& clock;
  FingerSensor& sensor;
  Screen& screen;
  FlashPages& flash;
  Entropy& entropy;
  crypto::Curve& curve;
  Wire& wire;
  PhasePort& phase;
  MutableBytes arena;  ///< aligned to 8; at least CardApp::arena_bytes(sensor geometry)
  void (*scrub_stack)() = nullptr;  ///< overwrites the dead part of the stack; called after every request
};

/// What the owner may take and how often.
struct CardLimits {
  std::uint64_t user_timeout_cycles = 60'000 * kCyclesPerMs;  ///< without any touch
  int holds = 3;                                              ///< tries to give a usable image
  std::uint64_t page_cycles = 300 * kCyclesPerMs;  ///< a payment page takes no touch that began sooner after it appeared
  int free_tries = 3;                              ///< fingers that may fail to match in a row before the card makes wait
  std::uint64_t first_delay_cycles = 30'000 * kCyclesPerMs;     ///< after the last free try; doubles with each further one
  std::uint64_t longest_delay_cycles = 3600'000 * kCyclesPerMs;
  std::uint64_t notice_cycles = 3'000 * kCyclesPerMs;         ///< how long an outcome stays on the display
};

class CardApp : private WireListener, private Waiter {
 public:
  CardApp(const Board& board, const CardLimits& limits = {});

  /// RAM for the requests of a card with this sensor.
  static std::size_t arena_bytes(FingerSensor::Geometry geometry);

  /// After reset: loads the record, becomes reachable, shows the idle page.
  void boot();
  /// Sleeps until something happens and deals with it; a request is carried through to its end.
  void step();

  bool enrolled() const { return record_.has_value(); }

 private:
  using Reason = contract::Refusal::Reason;

  // WireListener.
  void on_open() override {}
  void on_message(Bytes untrusted_message) override;
  void on_closed() override;
  // Waiter.
  Status wait(std::uint64_t deadline_cycles) override;

  // Requests (card_app.cpp).
  void serve();
  void serve_pairing(Bytes untrusted_message);
  void serve_signing(Bytes untrusted_message);
  void refuse(std::uint32_t session, const Error& error);
  void refuse(std::uint32_t session, Reason reason);
  /// Hands `message` over completely; a connection that does not take it is ended. Errors: kAborted, kTimeout, kState.
  Status send(Bytes message);
  void undelivered();
  void count_try(bool matched);
  Status check_link();

  // Pairing (pairing.cpp).
  Result<contract::PairResponse> pair(const contract::PairRequest& request);
  /// One of the touches at least must open the new record: else nobody could sign with it. Asking it of most touches would
  /// also notice two fingers, but the descriptor rejects too many real ones for that. Errors: kNoMatch.
  Status check_touches(std::span<const biometrics::Feature> touches, const biometrics::HelperData& helper);
  Status enrol_touch(int touch, int touches, biometrics::Feature& feature);

  // Signing (signing.cpp).
  Result<contract::SignResponse> sign(const contract::SignRequest& request);
  Result<contract::SignResponse> co_sign(std::uint32_t session, const ByteArray<66>& wallet_nonce,
                                         const chain::PaymentReview& review, const crypto::Scalar& share);
  Result<chain::AccountKeys> account_keys();
  Status confirm(const chain::PaymentReview& review, biometrics::Feature& feature);
  Result<crypto::Scalar> regenerate_share(const biometrics::Feature& feature);

  // Shared. A page that could not be shown ends the request at the next check_link(). Whoever shows something says
  // afterwards what the card does next: phase_.enter().
  /// Image and features of the finger on the sensor, which may sleep afterwards. Errors: kPoorQuality, kAborted, kDevice.
  Status capture(biometrics::Feature& feature);
  void show_idle();
  void notice(Icon icon, std::string_view title, std::string_view line1 = {}, std::string_view line2 = {});
  template <typename Draw>
  void show(Draw draw) {
    phase_.enter(Phase::kDisplay);
    draw(board_.screen.canvas());
    if (!board_.screen.present()) display_failed_ = true;
  }

  // The arena. Features first; then the request, and once that is read, the image and the extractor's work area.
  biometrics::Feature& feature_at(int index);
  MutableBytes request_area();
  MutableBytes image_area();
  MutableBytes work_area();

  Board board_;
  CardLimits limits_;
  PhaseTracker phase_;
  PhasedCurve curve_;
  TouchReader touch_;
  RecordStore store_;
  std::optional<EnrolmentRecord> record_;
  std::size_t request_bytes_ = 0;  // of a request that waits in the arena
  bool busy_ = false;
  bool link_lost_ = false;
  bool display_failed_ = false;  // since the request began
  int failed_tries_ = 0;         // in a row; in RAM, so a reset forgets them
  std::uint64_t next_try_cycles_ = 0;
  std::uint64_t notice_end_cycles_ = kNever;
};

}  // namespace touchstone::firmware
