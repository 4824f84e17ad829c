#include "mpc_frost/rounds.h"

namespace touchstone::mpc::frost {

namespace {

constexpr Error kEnded{ErrorCode::kState, "the session has ended"};

}  // namespace

Status Rounds::start(Transport& transport) {
  if (done_ || failure_) return kEnded;
  if (round_ != 0) return Error{ErrorCode::kState, "the session has been started"};
  round_ = 1;
  if (const Status begun = begin(transport); !begun) return end(begun.error());
  if (const Status advanced = advance(transport); !advanced) return end(advanced.error());
  return {};
}

Result<Delivery> Rounds::receive(PartyId from, Bytes untrusted_message, Transport& transport) {
  if (done_ || failure_) return kEnded;
  const auto sender = participants_.index_of(from);
  if (!sender || from == own_) return Delivery::kForeign;
  if (untrusted_message.size() < 1 + id_.size()) return Delivery::kForeign;
  if (!std::equal(id_.begin(), id_.end(), untrusted_message.begin() + 1)) return Delivery::kForeign;
  const unsigned round = round_of(untrusted_message[0]);
  if (round == 0) return Delivery::kForeign;
  if (round > round_) return Delivery::kEarly;
  if (round < round_ || all_heard(bit(*sender))) return Delivery::kRepeated;
  const Result<Delivery> taken = take(*sender, untrusted_message);
  if (!taken) return end(taken.error());
  if (const Status advanced = advance(transport); !advanced) return end(advanced.error());
  return taken;
}

void Rounds::abort() {
  if (!done_ && !failure_) (void)end({ErrorCode::kAborted, "ended by the caller"});
}

Status Rounds::advance(Transport& transport) {
  while (!done_ && complete()) {
    heard_ = 0;
    ++round_;
    TS_RETURN_IF_ERROR(enter(round_, transport));
  }
  if (done_) wipe_secrets();
  return {};
}

Error Rounds::end(Error error) {
  failure_ = Failure{error, culprit_};
  wipe_secrets();
  return error;
}

}  // namespace touchstone::mpc::frost
