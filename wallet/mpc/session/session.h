// One run of a protocol as one of its parties sees it: a state machine that takes messages and sends messages. It has no
// thread, no clock and no heap, and draws no randomness but what it is given; so a test can deliver in any order, drop,
// repeat, kill. What it holds is wiped when it ends, and nothing of it is ever stored. Freestanding.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "mpc_session/parties.h"

namespace touchstone::mpc {

using SessionId = ByteArray<32>;

/// How messages leave; given by the caller.
class Transport {
 public:
  virtual ~Transport() = default;
  /// To one party, or to kEverybody but the sender. `message` is sent or copied before the call returns. Errors: kDevice,
  /// kTooLarge; they end the session.
  virtual Status send(PartyId to, Bytes message) = 0;
};

/// What became of a message that is not to blame anybody for.
enum class Delivery : std::uint8_t {
  kTaken,
  kEarly,     ///< of a later round: deliver it again when another message has been taken
  kRepeated,  ///< of a round in which this party has already been heard; not looked at
  kForeign,   ///< of another session or protocol; not looked at
};

/// Why a session has ended without a result.
struct Failure {
  Error error;
  std::optional<PartyId> culprit;  ///< where the protocol can tell who has broken it
};

/// After start(), messages are given to receive() until done() or failure(). A message that breaks the protocol ends the
/// session: nothing may be tried again with what is in it.
class Session {
 public:
  virtual ~Session() = default;

  /// Sends what this party says unasked. Once. Errors: kState, and as receive().
  virtual Status start(Transport& transport) = 0;
  /// `from` is known to be the sender (mpc_channel); what it sent is not trusted. Errors: those of failure(), which is then set;
  /// kState after the end.
  virtual Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) = 0;

  virtual bool done() const = 0;
  virtual const std::optional<Failure>& failure() const = 0;
  /// Ends it: everything secret is wiped. What has ended stays as it was.
  virtual void abort() = 0;
};

}  // namespace touchstone::mpc
