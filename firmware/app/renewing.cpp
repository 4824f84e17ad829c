// Lindell17's Paillier key: made when the card is paired, renewed with the owner's hold - after a burn, or when the wallet
// has lost its part. Both take minutes.
#include "app/card_app.h"

namespace touchstone::firmware {

std::optional<CardApp::Reason> CardApp::key_trouble() const {
  switch (board_.vault.key_state()) {
    case KeyState::kReady: return std::nullopt;
    case KeyState::kBurnt: return Reason::kKeyBurnt;
    case KeyState::kRetired: return Reason::kKeyRetired;
    case KeyState::kNone: return Reason::kStorage;
  }
  return Reason::kDeviceError;
}

void CardApp::serve_refresh(Bytes untrusted_message) {
  const auto request = contract::RefreshRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  if (!own_) return refuse(0, Reason::kNotEnrolled);
  if (guest_) return refuse(0, Reason::kBusy);
  const auto network = network_of(request->network);
  if (!network) return refuse(0, network.error());
  if (!asks_again({request->wallet_public_key, *network, 0, request->account, request->epoch, mpc::Scheme::kLindell17}))
    return refuse(0, Reason::kBadRequest);
  if (!is_asked_by_wallet_of(*own_)) return refuse(0, Reason::kStranger);
  const auto trouble = key_trouble();
  if (trouble && *trouble != Reason::kKeyBurnt) return refuse(0, *trouble);
  if (board_.clock.now_cycles() < board_.vault.next_try_cycles()) return refuse(0, Reason::kBusy);
  const Status renewed = renew_key();
  running_ = {};
  if (!renewed) return refuse(0, renewed.error());
  if (!await_sent()) return undelivered();  // the wallet lacks the confirmation, and asks again
  notice(Icon::kCheck, "renewed", "pay once more");
}

Status CardApp::renew_key() {
  const bool burnt = board_.vault.key_state() == KeyState::kBurnt;
  return with_fingers([&](HoldAdvice advice) -> Status {
    TS_RETURN_IF_ERROR(confirm_by_hold([&](Canvas& canvas) { draw_renew(canvas, burnt, advice); }));
    return capture();
  }, [&] { return await_key(); });
}

Status CardApp::await_key() {
  if (!running_.run) begin_run(Run::kKey);
  for (std::optional<int> shown; running_.state != RunState::kDone;) {
    if (const int percent = board_.vault.run_percent(); shown != percent) {
      shown = percent;
      show([&](Canvas& canvas) { draw_preparing(canvas, percent); });
    }
    TS_RETURN_IF_ERROR(wait_for_run());
  }
  return {};
}

}  // namespace touchstone::firmware
