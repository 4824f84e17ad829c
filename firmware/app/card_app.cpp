#include "app/card_app.h"

#include <algorithm>
#include <new>

#include "base/secret.h"

namespace touchstone::firmware {
namespace {

constexpr std::size_t align8(std::size_t size) { return (size + 7) / 8 * 8; }
constexpr std::size_t kFeaturesBytes = align8(biometrics::kMaxTouches * sizeof(biometrics::Feature));
constexpr std::uint64_t kSendTimeout_cycles = 5'000 * kCyclesPerMs;

using Reason = contract::Refusal::Reason;

Reason reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTimeout: return Reason::kTimeout;
    case ErrorCode::kNoMatch: return Reason::kNoMatch;
    case ErrorCode::kPoorQuality: return Reason::kPoorCapture;
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
  }
  return {};
}

}  // namespace

CardApp::CardApp(const Board& board, const CardLimits& limits)
    : board_(board),
      limits_(limits),
      phase_(board_.phase),
      curve_(board_.curve, phase_),
      touch_(board_.clock, board_.sensor, *this),
      store_(board_.flash) {
  TS_CHECK(board_.arena.size() >= arena_bytes(board_.sensor.geometry()), "the arena is too small for this sensor");
  TS_CHECK(reinterpret_cast<std::uintptr_t>(board_.arena.data()) % 8 == 0, "the arena is not aligned");
}

std::size_t CardApp::arena_bytes(FingerSensor::Geometry geometry) {
  const std::size_t capture = align8(geometry.size_bytes()) +
                              align8(biometrics::Extractor::work_bytes(geometry.width_px, geometry.height_px));
  return kFeaturesBytes + std::max(capture, contract::kMaxMessageBytes);
}

biometrics::Feature& CardApp::feature_at(int index) {
  return *new (board_.arena.data() + static_cast<std::size_t>(index) * sizeof(biometrics::Feature)) biometrics::Feature;
}

MutableBytes CardApp::request_area() { return board_.arena.subspan(kFeaturesBytes, contract::kMaxMessageBytes); }

MutableBytes CardApp::image_area() { return board_.arena.subspan(kFeaturesBytes, board_.sensor.geometry().size_bytes()); }

MutableBytes CardApp::work_area() { return board_.arena.subspan(kFeaturesBytes + align8(image_area().size())); }

void CardApp::boot() {
  record_ = store_.load();
  board_.wire.start(*this);
  const bool sensor_ok = board_.sensor.start().ok() && board_.sensor.sleep().ok();
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
  board_.clock.sleep_until(std::min(deadline_cycles, board_.screen.maintain()));
  return {};
}

Status CardApp::check_link() {
  board_.wire.poll();
  if (link_lost_) return Error{ErrorCode::kAborted, "the connection is gone"};
  if (display_failed_) return Error{ErrorCode::kDevice, "the display does not answer"};
  return {};
}

void CardApp::on_message(Bytes untrusted_message) {
  if (busy_ || request_bytes_ > 0) {
    const auto request = contract::SignRequest::decode(untrusted_message);
    contract::Refusal refusal;
    refusal.session = request ? request->session : 0;
    refusal.reason = static_cast<std::uint8_t>(Reason::kBusy);
    ByteArray<contract::Refusal::kMaxBytes> buffer;
    // If even this cannot go out now, the peer's own timeout has to do.
    if (const auto encoded = refusal.encode(buffer)) static_cast<void>(board_.wire.send(*encoded));
    return;
  }
  const std::size_t size = std::min(untrusted_message.size(), request_area().size());
  std::copy_n(untrusted_message.begin(), size, request_area().begin());
  request_bytes_ = size;
}

void CardApp::on_closed() {
  link_lost_ = true;
  if (!busy_) request_bytes_ = 0;
}

void CardApp::serve() {
  const Bytes untrusted_message = request_area().first(request_bytes_);
  busy_ = true;
  link_lost_ = false;
  display_failed_ = false;
  switch (untrusted_message[0]) {
    case contract::PairRequest::kId: serve_pairing(untrusted_message); break;
    case contract::SignRequest::kId: serve_signing(untrusted_message); break;
    default: refuse(0, Reason::kBadRequest);
  }
  static_cast<void>(board_.sensor.sleep());
  wipe(board_.arena.data(), board_.arena.size());
  if (board_.scrub_stack != nullptr) board_.scrub_stack();
  request_bytes_ = 0;
  busy_ = false;
}

void CardApp::serve_pairing(Bytes untrusted_message) {
  const auto request = contract::PairRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  // Anybody in radio range can ask: only a card without a share makes one.
  if (record_) return refuse(0, Reason::kAlreadyEnrolled);
  phase_.enter(Phase::kEnrol);
  const auto response = pair(*request);
  if (!response) return refuse(0, response.error());
  ByteArray<contract::PairResponse::kMaxBytes> buffer;
  if (!send(response->encode(buffer).value())) return undelivered();
  notice(Icon::kCheck, "enrolled");
}

void CardApp::serve_signing(Bytes untrusted_message) {
  const auto request = contract::SignRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  if (!record_) return refuse(request->session, Reason::kNotEnrolled);
  if (board_.clock.now_cycles() < next_try_cycles_) return refuse(request->session, Reason::kBusy);
  const auto response = sign(*request);
  if (!response) return refuse(request->session, response.error());
  ByteArray<contract::SignResponse::kMaxBytes> buffer;
  if (!send(response->encode(buffer).value())) return undelivered();
  notice(Icon::kCheck, "signed", "the payment is on", "its way");
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
  Status sent = wait_until_free();  // a refusal sent meanwhile may still be on its way
  if (sent) sent = board_.wire.send(message);
  if (sent) sent = wait_until_free();
  // Half an answer is none. A connection that was lost may have a successor already: that one is left alone.
  if (!sent && !link_lost_) board_.wire.disconnect();
  return sent;
}

void CardApp::undelivered() { notice(Icon::kCross, "stopped", "connection lost"); }

void CardApp::count_try(bool matched) {
  failed_tries_ = matched ? 0 : failed_tries_ + 1;
  if (failed_tries_ < limits_.free_tries) return;
  std::uint64_t delay = limits_.first_delay_cycles;
  for (int i = limits_.free_tries; i < failed_tries_ && delay < limits_.longest_delay_cycles; ++i) delay *= 2;
  next_try_cycles_ = board_.clock.now_cycles() + std::min(delay, limits_.longest_delay_cycles);
}

void CardApp::show_idle() {
  show([&](Canvas& canvas) {
    draw_idle(canvas, enrolled(), record_ ? record_->network : chain::Network::kRegtest);
  });
  notice_end_cycles_ = kNever;
}

void CardApp::notice(Icon icon, std::string_view title, std::string_view line1, std::string_view line2) {
  show([&](Canvas& canvas) { draw_notice(canvas, icon, title, line1, line2); });
  notice_end_cycles_ = board_.clock.now_cycles() + limits_.notice_cycles;
}

Status CardApp::capture(biometrics::Feature& feature) {
  notice(Icon::kFinger, "hold", "hold still");
  phase_.enter(Phase::kCapture);
  const FingerSensor::Geometry geometry = board_.sensor.geometry();
  TS_RETURN_IF_ERROR(board_.sensor.capture(image_area()));
  // Rows are scanned one after another: if the finger is still there, it was there for all of them.
  const auto present = board_.sensor.finger_present();
  TS_RETURN_IF_ERROR(present);
  if (!*present) return Error{ErrorCode::kPoorQuality, "the finger was lifted"};
  TS_RETURN_IF_ERROR(board_.sensor.sleep());  // computing takes longer than everything the sensor does
  TS_RETURN_IF_ERROR(check_link());

  notice(Icon::kFinger, "wait", "computing");
  phase_.enter(Phase::kFeatures);
  const biometrics::ImageView image{image_area(), geometry.width_px, geometry.height_px};
  const auto quality = biometrics::Extractor().extract(image, work_area(), feature);
  wipe(image_area().data(), image_area().size());
  TS_RETURN_IF_ERROR(quality);
  return check_link();
}

}  // namespace touchstone::firmware
