// A session with one peer whose messages have a fixed order. Freestanding.
#pragma once

#include <algorithm>
#include <span>

#include "contract/lindell.h"
#include "crypto/curve.h"
#include "mpc_session/hedged.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::lindell {

/// Messages of one kind that come in a row; more than one carry their number, from 0, behind id and session.
struct Expected {
  std::uint8_t id;
  std::size_t count = 1;
};

class TwoPartySession : public Session {
 public:
  Status start(Transport& transport) final {
    if (started_ || failure_) return Error{ErrorCode::kState, "the session has begun already"};
    started_ = true;
    if (const Status out = begin(transport); !out) return fail(blame_nobody(out.error()));
    return {};
  }
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) final {
    if (!started_ || done_ || failure_) return Error{ErrorCode::kState, "the session is not running"};
    if (from != peer_ || untrusted_message.size() < kNumberAt ||
        !std::equal(session_.begin(), session_.end(), untrusted_message.begin() + 1))
      return Delivery::kForeign;
    const std::optional<std::size_t> place = place_of(untrusted_message);
    if (!place) return Delivery::kForeign;
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
  /// `Config` has session, own, peer and random32, which `secret` hedges. `expected`: all that the peer says, in order;
  /// it must outlive the session.
  template <typename Config>
  TwoPartySession(const Config& config, const crypto::Scalar& secret, std::span<const Expected> expected)
      : session_(config.session),
        own_(config.own),
        peer_(config.peer),
        random_(config.random32, {&secret}, config.session),
        expected_(expected) {}

  virtual Status begin(Transport&) { return {}; }
  /// The peer's message number `place`, counted from 0. An error ends the session and names the peer, but for errors
  /// that are our own by their code, or went through blame_nobody().
  virtual Status take(std::size_t place, Bytes untrusted_message, Transport& transport) = 0;
  /// All but random_, which is wiped here.
  virtual void wipe_secrets() = 0;

  void finish() {
    done_ = true;
    wipe_all();
  }
  void wipe_all() {
    random_.wipe_now();
    wipe_secrets();
  }
  Error blame_nobody(Error error) {
    peer_is_to_blame_ = false;
    return error;
  }
  template <typename Message>
  Status send(Transport& transport, const Message& message) {
    ByteArray<Message::kMaxBytes> bytes;
    TS_RETURN_IF_ERROR(message.encode(bytes));
    if (const Status sent = transport.send(peer_, bytes); !sent) return blame_nobody(sent.error());
    return {};
  }

  const SessionId session_;
  const PartyId own_, peer_;
  HedgedRandom random_;

 private:
  static constexpr std::size_t kNumberAt = 33;  // behind id and session

  std::optional<std::size_t> place_of(Bytes untrusted_message) const {
    std::size_t first = 0;
    for (const Expected& kind : expected_) {
      if (untrusted_message[0] == kind.id) {
        if (kind.count == 1) return first;
        if (untrusted_message.size() == kNumberAt || untrusted_message[kNumberAt] >= kind.count) return std::nullopt;
        return first + untrusted_message[kNumberAt];
      }
      first += kind.count;
    }
    return std::nullopt;
  }
  Status fail(Error error) {
    const bool ours = !peer_is_to_blame_ || error.code == ErrorCode::kDevice || error.code == ErrorCode::kState ||
                      error.code == ErrorCode::kStorage || error.code == ErrorCode::kAborted;
    failure_ = Failure{error, ours ? std::nullopt : std::optional(peer_)};
    wipe_all();
    return error;
  }

  const std::span<const Expected> expected_;
  std::size_t taken_ = 0;
  bool started_ = false, done_ = false, peer_is_to_blame_ = true;
  std::optional<Failure> failure_;
};

}  // namespace touchstone::mpc::lindell
