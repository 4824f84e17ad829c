// Runs of DKLs23 as the application carries them between wallet and vault: it sees that they go on while the owner reads, and
// understands nothing of them.
#include "app/card_app.h"

namespace touchstone::firmware {

void CardApp::begin_run(Run run) {
  running_.run = run;
  running_.offered = running_.begun = false;
  running_.state = RunState::kGoing;
  const auto nonce = board_.vault.run_offer();
  if (nonce)
    running_.nonce = *nonce;
  else
    running_.error = nonce.error();
}

bool CardApp::advance_run() {
  if (!running_.run || running_.error || running_.state == RunState::kPrepared) return false;
  if (!running_.offered) {
    if (!board_.wire.can_send()) return false;
    ByteArray<contract::RunBegin::kMaxBytes> buffer;
    const contract::RunBegin begin{static_cast<std::uint8_t>(*running_.run), running_.nonce};
    running_.offered = board_.wire.send(begin.encode(buffer).value()).ok();
    return running_.offered;
  }
  if (gesture_goes_on_) return false;
  if (inbox_bytes_ > 0) {
    const PhaseScope scope(phase_, Phase::kProtocol);
    take_run_message(board_.request.first(inbox_bytes_));
    inbox_bytes_ = 0;
    return true;
  }
  if (!running_.begun) return false;
  {
    const PhaseScope scope(phase_, Phase::kProtocol);
    const auto state = board_.vault.run_step();
    if (!state) {
      running_.error = state.error();
      return false;
    }
    running_.state = *state;
  }
  if (running_.state == RunState::kDone && *running_.run == Run::kSetUp) {
    begin_run(Run::kSign);
    return true;
  }
  if (running_.state != RunState::kGoing || !board_.wire.can_send()) return false;
  ByteArray<kMaxRunMessageBytes> payload;
  const auto given = board_.vault.run_give(payload);
  if (!given) {
    running_.error = given.error();
    return false;
  }
  if (*given == 0) return false;
  ByteArray<contract::RunMessage::kMaxBytes> buffer;
  const Status sent = board_.wire.send(contract::RunMessage{Bytes(payload).first(*given)}.encode(buffer).value());
  if (!sent) running_.error = sent.error();
  return sent.ok();
}

void CardApp::take_run_message(Bytes untrusted_message) {
  if (!running_.begun) {
    const auto begin = contract::RunBegin::decode(untrusted_message);
    const bool same = begin && begin->run == static_cast<std::uint8_t>(*running_.run);
    const Status begun = same ? board_.vault.run_begin(*running_.run, begin->nonce, running_.order)
                              : Status(Error{ErrorCode::kBadFormat, "another run than the one that was offered"});
    running_.begun = begun.ok();
    if (!begun) running_.error = begun.error();
    return;
  }
  const auto message = contract::RunMessage::decode(untrusted_message);
  const Status taken = message ? board_.vault.run_take(message->payload) : Status(message.error());
  if (!taken) running_.error = taken.error();
}

Status CardApp::await_run(RunState state) {
  const std::uint64_t deadline = board_.clock.now_cycles() + limits_.run_timeout_cycles;
  while (running_.state != state) {
    phase_.enter(Phase::kUser);
    if (board_.clock.now_cycles() >= deadline) return Error{ErrorCode::kTimeout, "the wallet does not go on"};
    TS_RETURN_IF_ERROR(wait(deadline));
  }
  return {};
}

}  // namespace touchstone::firmware
