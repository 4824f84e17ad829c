// CardApp: the card's behaviour. It shows what it is asked to sign, takes the owner's touch, has the vault sign, answers and
// forgets. It runs in user mode: all it reads is untrusted, and secrets are out of its reach. Portable: the card's port and
// the host's tests give it a Board. Freestanding.
//
// One request at a time; a second one is refused as busy. Whatever ends a request - answer, refusal, timeout, a lost link -
// the request and what the vault holds of it are wiped before the next one is looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "app/pages.h"
#include "app/phase.h"
#include "app/record.h"
#include "app/screen.h"
#include "app/touch.h"
#include "app/vault.h"
#include "app/wire.h"
#include "chain/review.h"
#include "contract/messages.h"

namespace touchstone::firmware {

struct Board {
  Clock& clock;
  Vault& vault;
  Screen& screen;
  Wire& wire;
  PhasePort& phase;
  MutableBytes request;  ///< at least contract::kMaxMessageBytes
  void (*scrub_stack)() = nullptr;  ///< overwrites the dead part of the stack; called after every request
};

/// What the owner may take and how often.
struct CardLimits {
  std::uint64_t user_timeout_cycles = 60'000 * kCyclesPerMs;  ///< without any touch
  int holds = 3;                                              ///< tries to give a usable image
  int tries = 3;                                              ///< fingers that may fail to match in one request; the vault's law stands above
  std::uint64_t next_finger_cycles = 8'000 * kCyclesPerMs;    ///< for the next finger of a record of several to come
  std::uint64_t page_cycles = 300 * kCyclesPerMs;  ///< a page to confirm takes no touch that began sooner after it appeared
  std::uint64_t run_timeout_cycles = 30'000 * kCyclesPerMs;  ///< of a run in which neither the card nor the wallet gets on
  std::uint64_t notice_cycles = 3'000 * kCyclesPerMs;  ///< how long an outcome stays on the display
};

class CardApp : private WireListener, private Waiter {
 public:
  CardApp(const Board& board, const CardLimits& limits = {});

  /// After reset: loads the record, becomes reachable, shows the idle page.
  void boot();
  /// Sleeps until something happens and deals with it; a request is carried through to its end.
  void step();

  bool enrolled() const { return own_.has_value(); }
  /// Another card's record is used in place of the own one.
  bool has_guest() const { return guest_.has_value(); }

 private:
  using Reason = contract::Refusal::Reason;
  using Prompt = contract::simctl::Kind;

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
  void serve_ecdsa(Bytes untrusted_message);
  void serve_refresh(Bytes untrusted_message);
  void serve_guest(Bytes untrusted_message);
  void serve_attestation(Bytes untrusted_message);
  /// Whether the other end of the channel is the one that the record was made with.
  bool is_asked_by_wallet_of(const EnrolmentRecord& record) const { return record.wallet_channel_key == board_.wire.peer(); }
  void refuse(std::uint32_t session, const Error& error);
  void refuse(std::uint32_t session, Reason reason);
  /// Hands `message` over completely; a connection that does not take it is ended. Errors: kAborted, kTimeout, kState.
  Status send(Bytes message);
  /// Until the message before is out; as send().
  Status await_sent();
  void undelivered();
  Status check_link();

  // Pairing (pairing.cpp).
  static Result<chain::Network> network_of(std::uint8_t untrusted_value);
  Result<EnrolmentRecord> pair(const EnrolOrder& order);
  /// Whether it asks for nothing but the share that the card has. Whoever heard the first one can ask that too.
  bool asks_again(const EnrolOrder& order) const;
  /// The owner agrees to send the record again; to another phone, which takes the place of the one before, with a finger that opens the
  /// record. By DKLs23 the key is proven again too, by Lindell17 it is renewed.
  Status agree_again(const EnrolOrder& order);
  Status enrol_touch(const EnrolProgress& progress);

  // Signing (signing.cpp).
  Result<contract::SignResponse> sign(const contract::SignRequest& request, const EnrolmentRecord& record);
  /// From the first page to a hold on the last; where the fingers were not known before, on the last alone.
  Status confirm(const chain::PaymentReview& review, HoldAdvice advice);
  /// By DKLs23 or Lindell17; at the end both sides hold the signature.
  Status sign_ecdsa(Bytes untrusted_psbt, const EnrolmentRecord& record);

  // Lindell17's key (renewing.cpp).
  /// What keeps a payment or a renewal from being begun, if anything does.
  std::optional<Reason> key_trouble() const;
  /// The owner agrees to renew the key, which takes minutes.
  Status renew_key();
  /// The run that makes a key, with a page that tells how far it is.
  Status await_key();

  // Runs of DKLs23 and Lindell17 while a request goes on (runs.cpp).
  void begin_run(Run run);
  /// After a new try with the fingers.
  void resume_run();
  /// Does the next thing that a run wants of the card; false: nothing, or it waits for the wallet. Errors are for check_link().
  bool advance_run();
  Result<bool> next_of_run();
  Result<bool> offer_run();
  Status take_run_message(Bytes untrusted_message);
  Result<bool> give_run_message();
  Status await_run(RunState state);
  /// One wait of it. Errors: kTimeout (the wallet says nothing for too long), those of wait().
  Status wait_for_run();

  // A new firmware (updating.cpp): the owner agrees once, then the pieces come.
  void serve_update_begin(Bytes untrusted_message);
  void serve_update_data(Bytes untrusted_message);
  void answer_update(contract::UpdateStatus::State state, std::uint32_t next_offset);

  // Shared. A page that could not be shown ends the request at the next check_link(). Whoever shows something says
  // afterwards what the card does next: phase_.enter().
  /// A touch of the finger on the sensor, which may sleep afterwards. Errors: kPoorQuality, kAborted, kDevice.
  Status capture();
  /// Of the record's other fingers, one after the other; what they are worth shows only when all are there. Errors: those of capture(),
  /// kTimeout.
  Status capture_other_fingers();
  /// Has the fingers taken and used, again as long as they are not known, tries are left and the vault allows one. `ask(advice)` ends with
  /// the first finger's touch, `use()` with what came of all of them.
  template <typename Ask, typename Use>
  Status with_fingers(Ask ask, Use use) {
    HoldAdvice advice = HoldAdvice::kNone;
    for (int tries = 1;; ++tries) {
      if (const Status asked = ask(advice); !asked) {
        const bool gave_up = tries > 1 && asked.error().code == ErrorCode::kTimeout;
        return gave_up ? Status(Error{ErrorCode::kNoMatch, "no finger came after one that was not known"}) : asked;
      }
      TS_RETURN_IF_ERROR(capture_other_fingers());
      resume_run();
      const Status used = use();
      if (used || !asks_for_another_try(used.error(), tries)) return used;
      advice = HoldAdvice::kUnknown;
    }
  }
  bool asks_for_another_try(const Error& error, int tries);
  Status check_display();
  /// Shows a question and waits until the owner holds; anything shorter answers nothing. Errors: kNoDisplay, kTimeout,
  /// kAborted, kDevice.
  template <typename Draw>
  Status confirm_by_hold(Draw draw) {
    TS_RETURN_IF_ERROR(check_display());
    TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
    show(draw);
    return await_hold();
  }
  Status await_hold();
  void mark(Prompt prompt, int number) {
    board_.phase.mark(static_cast<std::uint32_t>(prompt) << contract::simctl::kMarkKindShift | static_cast<std::uint32_t>(number));
  }
  void show_idle();
  void notice(Icon icon, std::string_view title, std::string_view line1 = {}, std::string_view line2 = {});
  template <typename Draw>
  void show(Draw draw) {
    phase_.enter(Phase::kDisplay);
    draw(board_.screen.canvas());
    if (!board_.screen.present()) display_failed_ = true;
  }

  Board board_;
  CardLimits limits_;
  PhaseTracker phase_;
  TouchReader touch_;
  std::optional<EnrolmentRecord> own_, guest_;
  std::size_t request_bytes_ = 0;  // of a request that waits
  std::uint32_t update_bytes_ = 0;  // of the image that the owner agreed to and this connection sends; 0: none
  std::uint32_t update_offset_ = 0;  // of the next piece
  struct {
    std::optional<Run> run;
    ByteArray<32> nonce{};      ///< of the card
    bool offered = false;       ///< the wallet has been told
    std::optional<ByteArray<32>> wallet_nonce;  ///< its answer
    bool begun = false;         ///< the vault has it
    bool held = false;          ///< stands still: the fingers were not known, and are awaited again
    RunState state = RunState::kNone;
    EcdsaOrder order;           ///< of the signature that is to come
    std::uint64_t advanced_cycles = 0;  ///< when it last got on
    std::optional<Error> error;
  } running_;
  std::size_t inbox_bytes_ = 0;  // a message of a run, in the place of the request
  biometrics::Advice advice_ = biometrics::Advice::kNone;  // on the last touch of an enrolment
  bool gesture_goes_on_ = false;  // nothing long is computed, or a tap would look like a hold
  bool busy_ = false;
  bool link_lost_ = false;
  bool display_failed_ = false;  // since the request began
  std::uint64_t notice_end_cycles_ = kNever;
};

}  // namespace touchstone::firmware
