// Pairing: the owner's finger is enrolled, the card's share derived and its public key handed to the wallet with the record.
#include "app/card_app.h"

namespace touchstone::firmware {

Result<chain::Network> CardApp::network_of(std::uint8_t untrusted_value) {
  using Named = contract::PairRequest::Network;
  switch (static_cast<Named>(untrusted_value)) {
    case Named::kMain: return chain::Network::kMain;
    case Named::kTest: return chain::Network::kTest;
    case Named::kSignet: return chain::Network::kSignet;
    case Named::kRegtest: return chain::Network::kRegtest;
  }
  return Error{ErrorCode::kBadFormat, "unknown network"};
}

void CardApp::serve_pairing(Bytes untrusted_message) {
  const auto request = contract::PairRequest::decode(untrusted_message);
  if (!request) return refuse(0, request.error());
  const auto network = network_of(request->network);
  if (!network) return refuse(0, network.error());
  const auto scheme = mpc::account_scheme(request->scheme);
  if (!scheme) return refuse(0, scheme.error());
  if (request->any_order > 1) return refuse(0, Reason::kBadRequest);
  const EnrolOrder order{request->wallet_public_key, *network, request->touches, request->account, request->epoch, *scheme,
                         request->fingers, request->any_order != 0};
  const bool again = asks_again(order);
  // Anybody in radio range can ask: only a card without a share makes one.
  if (own_ && !again) return refuse(0, Reason::kAlreadyEnrolled);
  if (guest_) return refuse(0, Reason::kBusy);
  if (again && own_->scheme == mpc::Scheme::kLindell17 && board_.vault.key_state() == KeyState::kRetired)
    return refuse(0, Reason::kKeyRetired);
  if (again) {
    const Status agreed = agree_again(order);
    running_ = {};
    if (!agreed) return refuse(0, agreed.error());
    own_->wallet_channel_key = board_.wire.peer();
  } else {
    phase_.enter(Phase::kEnrol);
    const auto record = pair(order);
    if (!record) return refuse(0, record.error());
    own_ = *record;
  }
  const EnrolmentRecord::Body body = own_->serialize();
  ByteArray<contract::PairResponse::kMaxBytes> buffer;
  if (!send(contract::PairResponse{own_->card_public_key, body}.encode(buffer).value())) return undelivered();
  notice(Icon::kCheck, again ? "sent" : "enrolled");
}

bool CardApp::asks_again(const EnrolOrder& order) const {
  return own_ && order.wallet_public_key == own_->wallet_public_key && order.account == own_->account && order.epoch == own_->epoch &&
         order.network == own_->network && order.scheme == own_->scheme;
}

Status CardApp::agree_again(const EnrolOrder& order) {
  const bool new_phone = !is_asked_by_wallet_of(*own_);
  const bool by_lindell = order.scheme == mpc::Scheme::kLindell17, proves_key = order.scheme == mpc::Scheme::kDkls23;
  if (by_lindell && !new_phone) return renew_key();  // the wallet lacks what it would sign with
  const auto ask = [&](HoldAdvice advice) {
    return confirm_by_hold([&](Canvas& canvas) { new_phone ? draw_new_phone(canvas, advice) : draw_record_again(canvas, advice); });
  };
  // The wallet may lack the proof as well as the answer, and to prove the card needs its share; and it changes its phone for nobody but its
  // owner.
  if (!proves_key && !new_phone) return ask(HoldAdvice::kNone);
  const auto use = [&]() -> Status {
    if (by_lindell) TS_RETURN_IF_ERROR(await_key());
    if (proves_key) {
      if (!running_.run) begin_run(Run::kKey);
      TS_RETURN_IF_ERROR(await_run(RunState::kDone));
    }
    return new_phone ? board_.vault.pin_wallet() : Status();
  };
  return with_fingers([&](HoldAdvice advice) -> Status {
    TS_RETURN_IF_ERROR(ask(advice));
    return capture();
  }, use);
}

Result<EnrolmentRecord> CardApp::pair(const EnrolOrder& order) {
  TS_RETURN_IF_ERROR(check_display());
  Vault& vault = board_.vault;
  TS_RETURN_IF_ERROR(vault.enrol_begin(order));
  advice_ = biometrics::Advice::kNone;
  TS_RETURN_IF_ERROR(vault.touch_sensor().start());
  for (int finger = 1; finger <= order.fingers; ++finger)
    for (int touch = 1; touch <= order.touches; ++touch) TS_RETURN_IF_ERROR(enrol_touch({touch, order.touches, finger, order.fingers}));
  TS_RETURN_IF_ERROR(vault.enrol_make());
  for (;;) {
    const auto opens = vault.enrol_check();
    TS_RETURN_IF_ERROR(opens);
    if (*opens) break;
    TS_RETURN_IF_ERROR(wait(board_.clock.now_cycles()));  // radio and display cannot rest as long as all touches take
  }
  TS_RETURN_IF_ERROR(check_link());
  if (order.scheme == mpc::Scheme::kLindell17) TS_RETURN_IF_ERROR(await_key());
  if (order.scheme == mpc::Scheme::kDkls23) {
    begin_run(Run::kKey);
    TS_RETURN_IF_ERROR(await_run(RunState::kDone));
  }
  const auto record = vault.enrol_store();
  TS_RETURN_IF_ERROR(record);
  return EnrolmentRecord::parse(*record);
}

Status CardApp::enrol_touch(const EnrolProgress& progress) {
  const int number = (progress.finger - 1) * progress.touches + progress.touch;
  const auto page = [&](EnrolStep step) {
    show([&](Canvas& canvas) { draw_enrol(canvas, progress, step, advice_); });
  };
  EnrolStep step = EnrolStep::kTouch;
  for (int attempt = 1;; ++attempt) {
    page(step);
    phase_.enter(Phase::kEnrol);
    TS_RETURN_IF_ERROR(touch_.wait_lift(limits_.user_timeout_cycles));  // only a touch that begins on this page counts
    mark(Prompt::kEnrolTouch, number);
    TS_RETURN_IF_ERROR(touch_.wait_touch(limits_.user_timeout_cycles));
    TS_RETURN_IF_ERROR(touch_.pause(kSettle_cycles));
    const Status captured = capture();
    const bool unusable = !captured && captured.error().code == ErrorCode::kPoorQuality;
    advice_ = board_.vault.advice();
    if (!captured && (!unusable || attempt == limits_.holds)) return captured;
    TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
    page(EnrolStep::kLift);
    phase_.enter(Phase::kEnrol);
    mark(Prompt::kEnrolLift, number);
    TS_RETURN_IF_ERROR(touch_.wait_lift(limits_.user_timeout_cycles));
    if (captured) return {};
    step = EnrolStep::kAgain;
  }
}

}  // namespace touchstone::firmware
