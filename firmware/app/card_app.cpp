#include "app/card_app.h"

#include <algorithm>

#include "base/secret.h"

namespace touchstone::firmware {
namespace {

constexpr std::uint64_t kSendTimeout_cycles = 5'000 * kCyclesPerMs;

using Reason = contract::Refusal::Reason;

Reason reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTimeout: return Reason::kTimeout;
    case ErrorCode::kNoMatch: return Reason::kNoMatch;
    case ErrorCode::kPoorQuality: return Reason::kPoorCapture;
    case ErrorCode::kNoDisplay: return Reason::kNoDisplay;
    case ErrorCode::kStorage: return Reason::kStorage;
    case ErrorCode::kDevice:
    case ErrorCode::kState:
    case ErrorCode::kAborted: return Reason::kDeviceError;
    default: return Reason::kBadRequest;
  }
}

std::string_view sentence(Reason reason) {
  switch (reason) {
    case Reason::kBadRequest: return "bad request";
    case Reason::kUserRefused: return "by the user";
    case Reason::kTimeout: return "no touch in time";
    case Reason::kNoMatch: return "finger not known";
    case Reason::kPoorCapture: return "no clear touch";
    case Reason::kNotEnrolled: return "card not paired";
    case Reason::kBusy: return "busy";
    case Reason::kDeviceError: return "device error";
    case Reason::kAlreadyEnrolled: return "already paired";
    case Reason::kNoDisplay: return "no display";
    case Reason::kStorage: return "memory is worn";
    case Reason::kStranger: return "another phone";
    case Reason::kKeyBurnt: return "key to be renewed";
    case Reason::kKeyRetired: return "key worn out";
    case Reason::kOwnCardOnly: return "not on this card";
  }
  return {};
}

}  // namespace

CardApp::CardApp(const Board& board, const CardLimits& limits)
    : board_(board), limits_(limits), phase_(board_.phase), touch_(board_.clock, board_.vault.touch_sensor(), *this) {
  TS_CHECK(board_.request.size() >= contract::kMaxMessageBytes, "not every request finds room");
}

void CardApp::boot() {
  if (const auto record = board_.vault.record()) own_ = EnrolmentRecord::parse(*record).value();
  board_.wire.start(*this);
  const bool sensor_ok = board_.vault.touch_sensor().start().ok() && board_.vault.touch_sensor().sleep().ok();
  if (sensor_ok)
    show_idle();
  else
    notice(Icon::kCross, "fault", "fingerprint sensor");
  phase_.enter(Phase::kIdle);
}

void CardApp::step() {
  if (board_.wire.waits()) {
    phase_.enter(Phase::kRadio);
    board_.wire.poll();
  }
  if (request_bytes_ > 0) return serve();
  if (board_.clock.now_cycles() >= notice_end_cycles_) show_idle();
  phase_.enter(board_.wire.receiving() ? Phase::kRadio : Phase::kIdle);
  board_.clock.sleep_until(std::min(notice_end_cycles_, board_.screen.maintain()));
}

Status CardApp::wait(std::uint64_t deadline_cycles) {
  TS_RETURN_IF_ERROR(check_link());
  const bool advanced = advance_run();
  const std::uint64_t display_cycles = board_.screen.maintain();
  if (!advanced) board_.clock.sleep_until(std::min(deadline_cycles, display_cycles));
  return {};
}

Status CardApp::check_link() {
  if (inbox_bytes_ == 0) board_.wire.poll();
  if (link_lost_) return Error{ErrorCode::kAborted, "the connection is gone"};
  if (running_.error) return *running_.error;
  if (display_failed_) return Error{ErrorCode::kDevice, "the display does not answer"};
  return {};
}

void CardApp::on_message(Bytes untrusted_message) {
  const bool of_run = !untrusted_message.empty() && (untrusted_message[0] == contract::RunBegin::kId || untrusted_message[0] == contract::RunMessage::kId);
  if (of_run) {
    if (!running_.run) return;  // of a run that is over
    if (inbox_bytes_ > 0 || running_.state == RunState::kPrepared) running_.error = Error{ErrorCode::kState, "the wallet speaks out of turn"};
    if (inbox_bytes_ > 0 || untrusted_message.size() > board_.request.size()) return;
    std::copy(untrusted_message.begin(), untrusted_message.end(), board_.request.begin());
    inbox_bytes_ = untrusted_message.size();
    return;
  }
  if (busy_ || request_bytes_ > 0) {
    const auto request = contract::SignRequest::decode(untrusted_message);
    const auto ecdsa = contract::EcdsaRequest::decode(untrusted_message);
    contract::Refusal refusal;
    refusal.session = request ? request->session : ecdsa ? ecdsa->session : 0;
    refusal.reason = static_cast<std::uint8_t>(Reason::kBusy);
    ByteArray<contract::Refusal::kMaxBytes> buffer;
    // If even this cannot go out now, the peer's own timeout has to do.
    if (const auto encoded = refusal.encode(buffer)) static_cast<void>(board_.wire.send(*encoded));
    return;
  }
  const std::size_t size = std::min(untrusted_message.size(), board_.request.size());
  std::copy_n(untrusted_message.begin(), size, board_.request.begin());
  request_bytes_ = size;
}

void CardApp::on_closed() {
  link_lost_ = true;
  board_.vault.run_forget();
  update_bytes_ = 0;
  if (!busy_) request_bytes_ = 0;
  if (!guest_) return;
  guest_.reset();
  board_.vault.dismiss_guest();
  notice_end_cycles_ = 0;  // the idle page is another one now
}

void CardApp::serve() {
  const Bytes untrusted_message = board_.request.first(request_bytes_);
  busy_ = true;
  link_lost_ = false;
  display_failed_ = false;
  switch (untrusted_message[0]) {
    case contract::PairRequest::kId: serve_pairing(untrusted_message); break;
    case contract::SignRequest::kId: serve_signing(untrusted_message); break;
    case contract::EcdsaRequest::kId: serve_ecdsa(untrusted_message); break;
    case contract::RefreshRequest::kId: serve_refresh(untrusted_message); break;
    case contract::GuestRequest::kId: serve_guest(untrusted_message); break;
    case contract::AttestRequest::kId: serve_attestation(untrusted_message); break;
    case contract::UpdateBegin::kId: serve_update_begin(untrusted_message); break;
    case contract::UpdateData::kId: serve_update_data(untrusted_message); break;
    default: refuse(0, Reason::kBadRequest);
  }
  running_ = {};
  inbox_bytes_ = 0;
  board_.vault.forget();
  wipe(board_.request.data(), board_.request.size());
  if (board_.scrub_stack != nullptr) board_.scrub_stack();
  request_bytes_ = 0;
  busy_ = false;
}

void CardApp::serve_attestation(Bytes untrusted_message) {
  const auto request = contract::AttestRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  phase_.enter(Phase::kSecret);
  const auto response = board_.vault.attest(request->challenge);
  if (!response) return refuse(0, response.error());
  ByteArray<contract::AttestResponse::kMaxBytes> buffer;
  if (!send(response->encode(buffer).value())) undelivered();
}

void CardApp::serve_signing(Bytes untrusted_message) {
  const auto request = contract::SignRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  const auto record = guest_ ? guest_ : own_;
  if (!record) return refuse(request->session, Reason::kNotEnrolled);
  if (!guest_ && !is_asked_by_wallet_of(*record)) return refuse(request->session, Reason::kStranger);
  if (board_.clock.now_cycles() < board_.vault.next_try_cycles()) return refuse(request->session, Reason::kBusy);
  const auto response = sign(*request, *record);
  if (!response) return refuse(request->session, response.error());
  ByteArray<contract::SignResponse::kMaxBytes> buffer;
  if (!send(response->encode(buffer).value())) return undelivered();
  notice(Icon::kCheck, "signed", "the payment is on", "its way");
}

void CardApp::serve_ecdsa(Bytes untrusted_message) {
  const auto request = contract::EcdsaRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  const auto record = guest_ ? guest_ : own_;
  if (!record) return refuse(request->session, Reason::kNotEnrolled);
  if (!guest_ && !is_asked_by_wallet_of(*record)) return refuse(request->session, Reason::kStranger);
  if (board_.clock.now_cycles() < board_.vault.next_try_cycles()) return refuse(request->session, Reason::kBusy);
  const bool by_lindell = record->scheme == mpc::Scheme::kLindell17;
  if (by_lindell && key_trouble()) return refuse(request->session, *key_trouble());
  const Status done = sign_ecdsa(request->psbt, *record);
  running_ = {};
  if (!done && by_lindell && key_trouble()) return refuse(request->session, *key_trouble());
  if (!done) return refuse(request->session, done.error());
  if (!await_sent()) return undelivered();  // the wallet lacks the card's last message
  notice(Icon::kCheck, "signed", "the payment is on", "its way");
}

void CardApp::serve_guest(Bytes untrusted_message) {
  const auto request = contract::GuestRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  const auto record = EnrolmentRecord::parse(request->record);
  if (!record) return refuse(0, record.error());
  // To bring the card's own record, in whatever shape, is no way around its phone. (Another card's works for who brings it.)
  const bool is_own = own_ && record->card_public_key == own_->card_public_key;
  if (is_own && !is_asked_by_wallet_of(*own_)) return refuse(0, Reason::kStranger);
  if (record->scheme == mpc::Scheme::kLindell17) return refuse(0, Reason::kOwnCardOnly);
  if (const Status shown = check_display(); !shown) return refuse(0, shown.error());  // the owner has to see it
  guest_.reset();
  if (const Status taken = board_.vault.accept_guest(record->serialize()); !taken) return refuse(0, taken.error());
  guest_ = *record;
  ByteArray<contract::GuestAccepted::kMaxBytes> buffer;
  if (!send(contract::GuestAccepted{record->card_public_key}.encode(buffer).value())) return undelivered();
  notice(Icon::kCheck, "guest", "another card's", "record is used");
}

void CardApp::refuse(std::uint32_t session, const Error& error) {
  if (error.code == ErrorCode::kAborted) return undelivered();
  refuse(session, reason_of(error.code));
}

void CardApp::refuse(std::uint32_t session, Reason reason) {
  contract::Refusal refusal;
  refusal.session = session;
  refusal.reason = static_cast<std::uint8_t>(reason);
  ByteArray<contract::Refusal::kMaxBytes> buffer;
  static_cast<void>(send(refusal.encode(buffer).value()));  // the page tells the owner in any case
  notice(Icon::kCross, "refused", sentence(reason));
}

Status CardApp::send(Bytes message) {
  Status sent = await_sent();  // a refusal sent meanwhile may still be on its way
  if (sent) sent = board_.wire.send(message);
  return sent ? await_sent() : sent;
}

Status CardApp::await_sent() {
  phase_.enter(Phase::kRadio);
  const std::uint64_t deadline = board_.clock.now_cycles() + kSendTimeout_cycles;
  // A broken display is no reason not to answer: the link alone counts here.
  const auto wait_until_free = [&]() -> Status {
    for (;;) {
      board_.wire.poll();
      if (link_lost_) return Error{ErrorCode::kAborted, "the connection is gone"};
      if (board_.wire.can_send()) return {};
      if (board_.clock.now_cycles() >= deadline) return Error{ErrorCode::kTimeout, "the message does not go out"};
      board_.clock.sleep_until(std::min(deadline, board_.screen.maintain()));
    }
  };
  const Status sent = wait_until_free();
  // Half an answer is none. A connection that was lost may have a successor already: that one is left alone.
  if (!sent && !link_lost_) board_.wire.disconnect();
  return sent;
}

void CardApp::undelivered() { notice(Icon::kCross, "stopped", "connection lost"); }

Status CardApp::check_display() {
  if (!board_.vault.display_present()) return Error{ErrorCode::kNoDisplay, "the display is not connected"};
  return {};
}

Status CardApp::await_hold() {
  const std::uint64_t ready_cycles = board_.clock.now_cycles() + limits_.page_cycles;
  TS_RETURN_IF_ERROR(check_link());
  for (;;) {
    phase_.enter(Phase::kUser);
    TS_RETURN_IF_ERROR(touch_.wait_new_touch(ready_cycles, limits_.user_timeout_cycles));
    const auto gesture = touch_.read_gesture();
    TS_RETURN_IF_ERROR(gesture);
    if (*gesture == Gesture::kHold) return {};
  }
}

void CardApp::show_idle() {
  show([&](Canvas& canvas) {
    if (guest_)
      draw_guest_idle(canvas, guest_->network);
    else
      draw_idle(canvas, enrolled(), own_ ? own_->network : chain::Network::kRegtest);
  });
  notice_end_cycles_ = kNever;
}

void CardApp::notice(Icon icon, std::string_view title, std::string_view line1, std::string_view line2) {
  show([&](Canvas& canvas) { draw_notice(canvas, icon, title, line1, line2); });
  notice_end_cycles_ = board_.clock.now_cycles() + limits_.notice_cycles;
}

Status CardApp::capture() {
  notice(Icon::kFinger, "hold", "hold still");
  phase_.enter(Phase::kCapture);
  TS_RETURN_IF_ERROR(board_.vault.capture());
  TS_RETURN_IF_ERROR(check_link());
  notice(Icon::kFinger, "wait", "computing");
  phase_.enter(Phase::kFeatures);
  TS_RETURN_IF_ERROR(board_.vault.extract());
  return check_link();
}

Status CardApp::capture_other_fingers() {
  const int fingers = (guest_ ? guest_ : own_)->helper.fingers;
  for (int finger = 2; finger <= fingers; ++finger) {
    for (int holds = 1;; ++holds) {
      TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
      show([&](Canvas& canvas) { draw_next_finger(canvas, finger, fingers, holds > 1); });
      phase_.enter(Phase::kUser);
      TS_RETURN_IF_ERROR(touch_.wait_lift(limits_.next_finger_cycles));
      mark(Prompt::kNextFinger, finger);
      TS_RETURN_IF_ERROR(touch_.wait_touch(limits_.next_finger_cycles));
      TS_RETURN_IF_ERROR(touch_.pause(kSettle_cycles));
      const Status captured = capture();
      if (captured) break;
      if (captured.error().code != ErrorCode::kPoorQuality || holds == limits_.holds) return captured;
    }
  }
  return {};
}

bool CardApp::asks_for_another_try(const Error& error, int tries) {
  if (error.code != ErrorCode::kNoMatch || tries >= limits_.tries || board_.clock.now_cycles() < board_.vault.next_try_cycles()) return false;
  running_.error.reset();
  running_.held = true;
  return board_.vault.touch_sensor().start().ok();
}

}  // namespace touchstone::firmware
