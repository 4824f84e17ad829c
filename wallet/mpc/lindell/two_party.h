// A session with one peer whose messages have a fixed order. Freestanding.
#pragma once

#include "contract/lindell.h"
#include "crypto/curve.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::lindell {

class TwoPartySession : public Session {
 public:
  Status start(Transport& transport) final {
    if (started_ || failure_) return Error{ErrorCode::kState, "the session has begun already"};
    started_ = true;
    if (const Status out = begin(transport); !out) return fail(out.error());
    return {};
  }
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) final {
    if (!started_ || done_ || failure_) return Error{ErrorCode::kState, "the session is not running"};
    if (from != peer_ || untrusted_message.size() < 33) return Delivery::kForeign;
    const std::optional<std::size_t> place = place_of(untrusted_message);
    if (!place || !std::equal(session_.begin(), session_.end(), untrusted_message.begin() + 1))
      return Delivery::kForeign;
    if (*place != taken_) return *place < taken_ ? Delivery::kRepeated : Delivery::kEarly;
    if (const Status out = take(*place, untrusted_message, transport); !out) return fail(out.error()).error();
    ++taken_;
    return Delivery::kTaken;
  }
  bool done() const final { return done_; }
  const std::optional<Failure>& failure() const final { return failure_; }
  void abort() final {
    if (!done_ && !failure_) (void)fail({ErrorCode::kAborted, "aborted"});
  }

 protected:
  TwoPartySession(const SessionId& session, PartyId own, PartyId peer) : session_(session), own_(own), peer_(peer) {}

  virtual Status begin(Transport&) { return {}; }
  /// Which of the peer's messages it is, counted from 0; by its first byte and what may stand at a fixed place.
  virtual std::optional<std::size_t> place_of(Bytes untrusted_message) const = 0;
  virtual Status take(std::size_t place, Bytes untrusted_message, Transport& transport) = 0;
  virtual void wipe_secrets() = 0;

  void finish() {
    done_ = true;
    wipe_secrets();
  }
  template <typename Message>
  Status send(Transport& transport, const Message& message) {
    ByteArray<Message::kMaxBytes> bytes;
    TS_RETURN_IF_ERROR(message.encode(bytes));
    return transport.send(peer_, bytes);
  }

  const SessionId session_;
  const PartyId own_, peer_;

 private:
  Status fail(Error error) {
    failure_ = Failure{error, std::nullopt};
    const bool ours = error.code == ErrorCode::kDevice || error.code == ErrorCode::kState ||
                      error.code == ErrorCode::kStorage || error.code == ErrorCode::kAborted;
    if (!ours) failure_->culprit = peer_;
    wipe_secrets();
    return error;
  }

  std::size_t taken_ = 0;
  bool started_ = false, done_ = false;
  std::optional<Failure> failure_;
};

}  // namespace touchstone::mpc::lindell
