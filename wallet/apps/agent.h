// Every decision of a Wallet Device as one state machine: what happens to it goes in, what it does comes out.
//
// Without threads, clocks, files or transport, so that the same code runs linked into a simulation, as a program in
// lockstep with one (lockstep.h), or behind a real radio. After every opening of the link the card must prove itself
// before anything else is sent to it, and unless it is borrowed or to be paired, it must be the very card that was paired.
// A card that keeps the connection and does not answer is left after a while.
// Secret A comes with the task it is for and is gone when that task has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "wallet/wallet.h"

namespace touchstone::wallet {

enum class Attestation : std::uint8_t { kNone = 1, kRequired = 2 };

// --- inputs

/// The first input. `untrusted_state` is what the last SaveState held, empty where there was none.
struct Start {
  WalletConfig account;
  std::uint64_t seed = 0;  ///< handed to the entropy factory
  Attestation attestation = Attestation::kRequired;
  crypto::XOnlyPoint vendor_key{};  ///< cards are certified under it; used where attestation is required
  ByteVector untrusted_state;
};
struct Pair {
  Secret<32> secret_a;  ///< as the owner's face has just given it
  std::uint8_t touches = 4;  ///< of each finger
  std::uint8_t fingers = 1;
  bool any_order = false;
};
struct Sign {
  Secret<32> secret_a;  ///< as for Pair
  Payment payment;
};
/// The card at hand is borrowed: it shall work with this wallet's stored record until the connection ends.
struct Guest {};
/// Send the card a signed firmware image.
struct Update {
  ByteVector image;
};
/// A channel to the card is open (card_link.h).
struct LinkOpened {
  ByteArray<32> channel_binding{};  ///< zeros: without a channel, in tests
};
struct LinkMessage {
  ByteVector untrusted_message;
};
/// The connection, or the search for the card, ended.
struct LinkClosed {
  std::uint8_t reason = 0;  ///< Bluetooth error code, or kNoChannel
};
/// The card is there, and no channel to it opens. No code of Bluetooth's, which anybody on the air can send.
inline constexpr std::uint8_t kNoChannel = 0xFF;
/// The time of the last WakeAfter is over.
struct Woke {};
using Input = std::variant<Start, Pair, Sign, Guest, Update, LinkOpened, LinkMessage, LinkClosed, Woke>;

// --- actions

/// Look for the card until it is connected.
struct Connect {};
struct Disconnect {};
/// One whole message; sent after the one before.
struct Send {
  ByteVector message;
};
/// An event wallet.* of events.jsonc, fields in declared order.
struct Event {
  std::string name;
  std::vector<std::pair<std::string, std::variant<std::int64_t, std::string>>> fields;
};
/// Keep these bytes over a restart, in place of those before, before any action that follows. Nothing in them is secret.
struct SaveState {
  ByteVector state;
};
/// A signed payment that verifies, for the network; fields as in Signed.
struct Publish {
  ByteArray<64> signature{};
  ByteVector public_key;
  ByteArray<32> message_hash{};
  ByteVector transaction;
};
/// Give it a Woke after this time, instead of what an earlier one asked for.
struct WakeAfter {
  std::uint32_t milliseconds = 0;  ///< 0: not at all
};
using Action = std::variant<Connect, Disconnect, Send, Event, SaveState, Publish, WakeAfter>;
using Actions = std::vector<Action>;

/// The random source for one purpose ("nonces", "challenge") of the `start_count`-th start: another stream for every count,
/// so that no nonce comes twice, and for every purpose, so that what is shown to a card tells nothing about nonces.
using EntropyFactory = std::function<EntropySource(std::uint64_t seed, std::string_view purpose, std::uint32_t start_count)>;
/// For simulations: SeedTree(seed), stream "wallet/<purpose>/<start_count>".
EntropySource seeded_entropy(std::uint64_t seed, std::string_view purpose, std::uint32_t start_count);

/// What the owner's cloud keeps of a stored state, for another phone: which card is paired, and where sessions go on. Empty where the state
/// is none.
ByteVector account_part(Bytes untrusted_state);

class Agent {
 public:
  /// `curve` must outlive the agent.
  Agent(crypto::Curve& curve, EntropyFactory entropy);
  ~Agent();

  /// What the wallet does about `input`, in order. The first input is a Start, and there is only one: TS_CHECKed.
  Actions handle(Input input);
  /// The objects it consists of, for a search of its memory; valid until the next input.
  std::vector<Bytes> memory() const;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace touchstone::wallet
