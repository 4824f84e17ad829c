// What FROST's sessions have in common: rounds in which every sender is heard once, and one way to end. Freestanding.
#pragma once

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::frost {

/// Rounds count from 1; round 0 is before start(). A message of a later round is early, one of an earlier round has
/// been heard, because a round ends only when everybody has been.
class Rounds : public Session {
 public:
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  Status start(Transport& transport) final;
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) final;
  bool done() const final { return done_; }
  const std::optional<Failure>& failure() const final { return failure_; }
  void abort() final;

  const SessionId& id() const { return id_; }

 protected:
  Rounds(const SessionId& id, const Parties& participants, PartyId own)
      : id_(id), participants_(participants), own_(own) {}

  /// Does what start() has to, up to the first message.
  virtual Status begin(Transport& transport) = 0;
  /// The round a message of this id belongs to; 0: none of this protocol.
  virtual unsigned round_of(std::uint8_t message_id) const = 0;
  /// Takes a message of the present round from a participant not heard in it.
  virtual Result<Delivery> take(std::size_t sender, Bytes untrusted_message) = 0;
  /// Whether the present round is over.
  virtual bool complete() const = 0;
  /// Does what the new round begins with; calls finish() after the last.
  virtual Status enter(unsigned round, Transport& transport) = 0;
  /// Wipes everything secret; of a session that is done, everything but its result.
  virtual void wipe_secrets() = 0;

  /// The error, with the participant to be blamed for it unless a device of our own has failed.
  Error blame(std::size_t culprit, Error error) {
    if (error.code != ErrorCode::kDevice) culprit_ = participants_[culprit];
    return error;
  }
  /// The parsed message; its sender is blamed if it does not parse.
  template <typename Message>
  Result<Message> parse(std::size_t sender, Bytes untrusted_message) {
    auto message = Message::decode(untrusted_message);
    if (!message) return blame(sender, message.error());
    return message;
  }
  template <typename Message>
  Status say(Transport& transport, PartyId to, Message message) {
    message.session = id_;
    ByteArray<Message::kMaxBytes> buffer;
    const auto encoded = message.encode(buffer);
    const Status out = encoded ? transport.send(to, *encoded) : Status(encoded.error());
    wipe(buffer.data(), buffer.size());
    return out;
  }
  unsigned round() const { return round_; }
  void mark_heard(std::size_t index) { heard_ |= bit(index); }
  bool all_heard(std::uint32_t mask) const { return (heard_ & mask) == mask; }
  void finish() { done_ = true; }

  static std::uint32_t bit(std::size_t index) { return std::uint32_t{1} << index; }
  /// Bits of these among the participants.
  std::uint32_t mask_of(const Parties& some) const {
    std::uint32_t out = 0;
    for (const PartyId id : some) out |= bit(*participants_.index_of(id));
    return out;
  }
  bool is_participant() const { return participants_.contains(own_); }
  std::size_t own_index() const { return *participants_.index_of(own_); }

  const SessionId id_;
  const Parties participants_;
  const PartyId own_;

 private:
  Status advance(Transport& transport);
  Error end(Error error);

  unsigned round_ = 0;
  std::uint32_t heard_ = 0;
  bool done_ = false;
  std::optional<PartyId> culprit_;
  std::optional<Failure> failure_;
};

}  // namespace touchstone::mpc::frost
