// A party as a process of its own: what it has between two jobs lies in its folder, and its root comes with the touch.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "crypto/scalar.h"
#include "kill/store.h"
#include "mpc_frost/key_plan.h"

namespace touchstone::kill_test {

enum class Job : std::uint8_t {
  kMeet,          ///< nothing but the meeting that every job begins with
  kGenerate,      ///< 2 of the parties, from the roots
  kGenerateAnew,  ///< the same after giving up what is stored: what is left when a storage was set back
  kRefresh,
  kReshare,       ///< from the first two of the parties to all but the first
  kReshareToAll,  ///< from the first two to all: brings back one whose storage was lost
  kSignFrost,
  kSignMusig2,
  kKeyDkls,  ///< from the shares of two, under the key they have
  kSetupDkls,
  kSignDkls,
  kSetupLindell,
  kSignLindell,
};

/// What the tests must find: a party that does it wrong.
enum class Weakness : std::uint8_t {
  kNone,
  kHasty,      ///< takes up what it has made before it knows that the others have it too
  kRepeating,  ///< neither its randomness nor the run's number is fresh
};

struct Order {
  Job job{};
  std::vector<mpc::PartyId> parties;
  ByteArray<32> message{};
  DieAt die_at = DieAt::kNowhere;
  bool everybody = true;  ///< nobody else holds the key
  Weakness weakness = Weakness::kNone;
};
Text to_text(const Order& order);
Order order_of(Bytes text);

/// What a message between two parties belongs to, its first byte: the meeting that every job begins with, and the one after a run that
/// has made something.
enum class Phase : std::uint8_t { kMeeting = 1, kEcho, kSession, kMeetingAfter, kEchoAfter };

/// How a party stands when it is idle.
struct Report {
  enum class State : std::uint8_t { kRunning, kDone, kFailed } state = State::kRunning;
  ErrorCode error{};
  std::uint8_t apart = 0;  ///< the meeting found that a storage was set back
  Text result;       ///< of a signature: 64 bytes; of a key: its point
};

/// Secrets that come with a touch and are never stored.
Secret<32> root_of(mpc::PartyId id);
crypto::Scalar pad_of(mpc::PartyId id, std::uint32_t epoch);
crypto::Scalar musig2_share_of(mpc::PartyId id);
std::uint64_t generator_seed_of(mpc::PartyId id);

/// The file of a key: public, and the offset of who has a share.
struct StoredKey {
  mpc::frost::GroupKey group;
  std::optional<mpc::frost::StoredOffset> offset;
};
Text to_text(const StoredKey& key);
StoredKey stored_key_of(Bytes text);

/// Serves orders until the driver is gone. Does not return.
[[noreturn]] void serve(mpc::PartyId own, const fs::path& folder, int socket);

}  // namespace touchstone::kill_test
