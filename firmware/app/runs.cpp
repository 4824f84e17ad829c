// Runs of DKLs23 and Lindell17 as the application carries them between wallet and vault: it sees that they go on while the owner reads, and
// understands nothing of them.
#include "app/card_app.h"

namespace touchstone::firmware {

void CardApp::begin_run(Run run) {
  running_.run = run;
  running_.offered = running_.begun = running_.held = false;
  running_.wallet_nonce.reset();
  running_.state = RunState::kGoing;
  running_.advanced_cycles = board_.clock.now_cycles();
  const auto nonce = board_.vault.run_offer();
  if (nonce)
    running_.nonce = *nonce;
  else
    running_.error = nonce.error();
}

void CardApp::resume_run() {
  running_.held = false;
  running_.advanced_cycles = board_.clock.now_cycles();
}

bool CardApp::advance_run() {
  if (!running_.run || running_.error || running_.held) return false;
  const auto advanced = next_of_run();
  if (!advanced) running_.error = advanced.error();
  if (advanced && *advanced) running_.advanced_cycles = board_.clock.now_cycles();
  return advanced && *advanced;
}

Result<bool> CardApp::next_of_run() {
  if (!running_.offered) return offer_run();
  if (running_.state == RunState::kPrepared || gesture_goes_on_) return false;
  if (running_.wallet_nonce && !running_.begun) {
    const PhaseScope scope(phase_, Phase::kProtocol);
    TS_RETURN_IF_ERROR(board_.vault.run_begin(*running_.run, *running_.wallet_nonce, running_.order));
    running_.begun = true;
    return true;
  }
  if (inbox_bytes_ > 0) {
    const PhaseScope scope(phase_, Phase::kProtocol);
    TS_RETURN_IF_ERROR(take_run_message(board_.request.first(inbox_bytes_)));
    inbox_bytes_ = 0;
    return true;
  }
  if (!running_.begun) return false;
  {
    const PhaseScope scope(phase_, Phase::kProtocol);
    TS_ASSIGN_OR_RETURN(running_.state, board_.vault.run_step());
  }
  if (running_.state == RunState::kComputing) return true;
  if (running_.state == RunState::kGoing) return give_run_message();
  if (running_.state != RunState::kDone || *running_.run != Run::kSetUp) return false;
  begin_run(Run::kSign);
  return true;
}

Result<bool> CardApp::offer_run() {
  if (!board_.wire.can_send()) return false;
  ByteArray<contract::RunBegin::kMaxBytes> buffer;
  const contract::RunBegin begin{static_cast<std::uint8_t>(*running_.run), running_.nonce};
  TS_RETURN_IF_ERROR(board_.wire.send(begin.encode(buffer).value()));
  running_.offered = true;
  return true;
}

Status CardApp::take_run_message(Bytes untrusted_message) {
  if (running_.begun) {
    const auto message = contract::RunMessage::decode(untrusted_message);
    return message ? board_.vault.run_take(message->payload) : Status(message.error());
  }
  const auto begin = contract::RunBegin::decode(untrusted_message);
  TS_RETURN_IF_ERROR(begin);
  if (begin->run != static_cast<std::uint8_t>(*running_.run)) return Error{ErrorCode::kBadFormat, "another run than the one that was offered"};
  running_.wallet_nonce = begin->nonce;
  return {};
}

Result<bool> CardApp::give_run_message() {
  if (!board_.wire.can_send()) return false;
  ByteArray<kMaxRunMessageBytes> payload;
  std::size_t size = 0;
  TS_ASSIGN_OR_RETURN(size, board_.vault.run_give(payload));
  if (size == 0) return false;
  ByteArray<contract::RunMessage::kMaxBytes> buffer;
  TS_RETURN_IF_ERROR(board_.wire.send(contract::RunMessage{Bytes(payload).first(size)}.encode(buffer).value()));
  return true;
}

Status CardApp::await_run(RunState state) {
  running_.advanced_cycles = board_.clock.now_cycles();
  while (running_.state != state) TS_RETURN_IF_ERROR(wait_for_run());
  return {};
}

Status CardApp::wait_for_run() {
  phase_.enter(Phase::kUser);
  const std::uint64_t deadline = running_.advanced_cycles + limits_.run_timeout_cycles;
  if (board_.clock.now_cycles() >= deadline) return Error{ErrorCode::kTimeout, "the wallet does not go on"};
  return wait(deadline);
}

}  // namespace touchstone::firmware
