// Vault: all that the card's secrets can be used for. On the card it runs in machine mode behind memory protection; pages,
// parsers, radio and display run in user mode and reach it by calls with plain data. Freestanding.
//
// Nothing that comes out is secret but the keys of one connection's channel, and no argument is trusted. What a caller cannot get, whatever it calls in whatever order:
// the image, features, root, share or nonce; a signature without an image of the enrolled finger taken shortly before; a second
// signature from the same image; more wrong fingers than the limits allow. What the vault does not know is what the owner has
// read: the pages are the caller's.
#pragma once

#include <array>
#include <cstdint>

#include "app/attestation.h"
#include "app/record.h"
#include "app/update.h"
#include "app/vault_channel.h"
#include "biometrics/feature.h"
#include "contract/dkls.h"
#include "crypto/curve.h"
#include "drivers/devices.h"

namespace touchstone::firmware {

struct EnrolOrder {
  ByteArray<33> wallet_public_key{};
  chain::Network network = chain::Network::kRegtest;
  std::uint8_t touches = 0;  ///< of each finger
  std::uint32_t account = 0;
  std::uint32_t epoch = 0;
  mpc::Scheme scheme = mpc::Scheme::kMusig2;
  std::uint8_t fingers = 1;
  bool any_order = false;
};

struct SignOrder {
  struct Tweak {
    ByteArray<32> value;
    std::uint8_t x_only;  ///< 0 or 1
  };
  ByteArray<32> message_hash{};
  ByteArray<66> wallet_nonce{};
  std::array<Tweak, 3> tweaks{};
  ByteArray<32> output_key{};  ///< what the tweaked aggregate must be; made by the review on another way
};

struct PartialSignature {
  ByteArray<66> card_nonce{};
  ByteArray<32> signature{};
};

/// A run of DKLs23 (mpc_dkls/endpoint.h) or Lindell17 (lindell_runs.h) with the wallet, for accounts that sign by it. Lindell17
/// has no kSetUp: its kKey is one.
enum class Run : std::uint8_t { kSetUp = 1, kKey = 2, kSign = 3 };

/// What an ECDSA signature is for.
struct EcdsaOrder {
  ByteArray<32> message_hash{};
  ByteArray<32> tweak{};       ///< the sum of the address's BIP32 steps
  ByteArray<33> public_key{};  ///< what the tweaked key must be; made by the review on another way
};

enum class RunState : std::uint8_t {
  kNone,
  kGoing,
  kPrepared,   ///< a signature waits for the share
  kDone,
  kComputing,  ///< goes on by itself: there is more to compute
};

/// Of the Paillier key of a Lindell17 account.
enum class KeyState : std::uint8_t {
  kNone,
  kReady,
  kBurnt,    ///< to be renewed: a kKey run with a touch
  kRetired,  ///< burnt, and the last one
};

/// The longest message of a run.
inline constexpr std::size_t kMaxRunMessageBytes = contract::dkls::kMaxMessageBytes;

/// Order of calls. Enrolment: enrol_begin(), for each touch of each finger, one finger after the other, capture() and extract(),
/// enrol_make(), enrol_check() until it says true, enrol_store(). Signing: capture() and extract() for each finger of the record, sign();
/// they are tried together, never one alone. By DKLs23: a kKey run before enrol_store(); to sign, a kSetUp
/// run once a connection, a kSign run until it is kPrepared, capture(), extract(), sign_ecdsa(), the run until it is kDone. By
/// Lindell17: a kKey run before enrol_store(); to sign, or to renew the key, capture(), extract(), a kSign or kKey run until it
/// is kDone. All: touch_sensor().start() before, forget() after, and detection in between. A call that comes at another time is kState. Every call may fail with kDevice.
///
/// attest(), the channel's calls and updates() may be called at any time. Only a newer image of the vendor is staged and restarts the card; which
/// version the owner agreed to is the caller's word.
class Vault {
 public:
  virtual ~Vault() = default;
  /// Whether a finger lies there; no image comes out of it.
  virtual TouchSensor& touch_sensor() = 0;
  virtual UpdateStore& updates() = 0;

  /// Proves what the card is, on the channel that is open. Errors: as Attester::attest().
  virtual Result<contract::AttestResponse> attest(const ByteArray<32>& challenge) = 0;
  // As VaultChannel. The channel is over with run_forget().
  virtual Result<ChannelAnswer> channel_answer(const ChannelHello& untrusted_hello) = 0;
  virtual Result<OpenChannel> channel_open(const ChannelClosing& untrusted_closing) = 0;

  /// The record in flash. Errors: kState (there is none).
  virtual Result<EnrolmentRecord::Body> record() = 0;
  /// The first moment at which the next try is allowed; 0 when it is now.
  virtual std::uint64_t next_try_cycles() = 0;
  virtual bool display_present() = 0;

  /// Takes an image of the finger that lies on the sensor; the sensor sleeps afterwards. Errors: kPoorQuality (it was lifted).
  virtual Status capture() = 0;
  /// Makes the image a touch and wipes it. Once the record's fingers are complete, the next one begins anew. Errors: kPoorQuality (of
  /// that touch: those before it stay), kState.
  virtual Result<biometrics::Quality> extract() = 0;

  /// What would have made the last touch better; in an enrolment also, that it was nearly the one before.
  virtual biometrics::Advice advice() = 0;

  /// Errors: kState (enrolled already; no channel, whose other end will be the record's wallet), kNoDisplay, kOutOfRange, kBadFormat, kNotOnCurve.
  virtual Status enrol_begin(const EnrolOrder& order) = 0;
  /// Makes the new record's helper data and root from the touches. Errors: kNoMatch, kState.
  virtual Status enrol_make() = 0;
  /// A piece of the check, true after the last: at least a quarter of the touches must open a record of the others, and all together the
  /// new one. The caller keeps radio and display going in between. Errors: kNoMatch, kState.
  virtual Result<bool> enrol_check() = 0;
  /// Derives the share, keeps the record and gives it. Errors: kStorage, kState.
  virtual Result<EnrolmentRecord::Body> enrol_store() = 0;

  /// From now on the record's wallet is who is at the other end of the channel: by the record's fingers, which are used up, unless one has just begun
  /// a kKey run; nothing changes and no touch is needed where it is already. Errors: kState (no record, no channel, no touch), kNoMatch,
  /// kStorage.
  virtual Status pin_wallet() = 0;

  /// Regenerates the share from the touches and signs once; they are used up whatever comes of it. Counts as a try.
  /// Errors: kNoMatch, kNoDisplay, kMismatch (the aggregate key is not `output_key`), those of musig2::respond; kState (not
  /// enrolled, not on the channel of the record's wallet, no fresh touch, before next_try_cycles()).
  virtual Result<PartialSignature> sign(const SignOrder& order) = 0;

  // Runs. Their memory is that of images: capture() waits until a run is kPrepared or over, and a new run ends what the arena holds.
  /// Whether the connection has a set-up: kSign needs it.
  virtual bool has_setup() = 0;
  /// The card's nonce for the next run; the run before ends. Errors: kState (a record that does not sign by runs).
  virtual Result<ByteArray<32>> run_offer() = 0;
  /// Of the card's own account, where it signs by Lindell17.
  virtual KeyState key_state() = 0;
  /// How much of a Lindell17 key is made.
  virtual std::uint8_t run_percent() = 0;
  /// Begins the run that was offered. `order`: of kSign. Errors: kState (nothing was offered; kKey without an enrolment that
  /// was checked, or without a touch where there is a record: the touch counts as in sign(); kSign without a set-up; by Lindell17 without a
  /// touch, which counts as in sign(), or with a burnt key), kMismatch (the key is not order.public_key), those of mpc::dkls::Endpoint.
  virtual Status run_begin(Run run, const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) = 0;
  /// A message of the wallet. Any error ends the run.
  virtual Status run_take(Bytes untrusted_message) = 0;
  /// Computes a piece of what is to be said, unless something waits to be given. Any error ends the run.
  virtual Result<RunState> run_step() = 0;
  /// The next message for the wallet into `out` (kMaxRunMessageBytes); 0 bytes when there is none.
  virtual Result<std::size_t> run_give(MutableBytes out) = 0;
  /// Regenerates the share from the touch and opens the signature that is kPrepared; as sign(). The run goes on.
  virtual Status sign_ecdsa() = 0;
  /// Ends a run and forgets set-up and channel: the connection is over.
  virtual void run_forget() = 0;

  /// Uses this record in the place of the card's own until dismiss_guest(); it stays in RAM. A touch from before is
  /// forgotten. Errors: kBadFormat, kUnsupported (by Lindell17 too: its Paillier key is another card's), kNotOnCurve.
  virtual Status accept_guest(const EnrolmentRecord::Body& untrusted_record) = 0;
  virtual void dismiss_guest() = 0;

  /// Arithmetic with public numbers on the accelerator; errors of crypto::Curve.
  virtual crypto::Curve& public_curve() = 0;

  /// Ends a request: wipes all that it left and lets the sensor sleep.
  virtual void forget() = 0;
};

}  // namespace touchstone::firmware
