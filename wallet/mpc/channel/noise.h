// Handshakes of the Noise Protocol Framework, revision 34, with secp256k1, ChaCha20-Poly1305 and SHA-256, as BOLT 8 of the
// Lightning Network uses them (its test vectors are the test). Freestanding; no heap.
//
//   XX   pairing: nobody knows the other's key yet; it is pinned afterwards     -> e    <- e, ee, s, es    -> s, se
//   KK   later: both keys are pinned at pairing                                 -> e, es, ss    <- e, ee, se
//   XK   BOLT 8, for its vectors                                                -> e, es    <- e, ee    -> s, se
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::mpc::noise {

inline constexpr std::size_t kTagBytes = 16, kKeyBytes = 33;
/// Longest handshake message but its payload: version, ephemeral key, encrypted static key, tag.
inline constexpr std::size_t kMaxHandshakeBytes = 1 + kKeyBytes + kKeyBytes + kTagBytes + kTagBytes;

enum class Pattern : std::uint8_t { kXX, kKK, kXK };

/// One direction after the handshake. A message that does not open ends it.
class CipherState {
 public:
  CipherState() = default;
  CipherState(CipherState&& other) noexcept { *this = static_cast<CipherState&&>(other); }
  CipherState& operator=(CipherState&& other) noexcept;
  void set_key(Bytes key32);
  bool has_key() const { return has_key_; }
  /// out = text and tag, kTagBytes longer than `text`. Errors: kTooLarge (size of `out`), kState (2^32 messages: make a new channel).
  Status seal(Bytes associated, Bytes text, MutableBytes out);
  /// out = text, kTagBytes shorter. Errors: kBadSignature (changed, of another place in the order, of another key), kTooLarge, kState.
  Status open(Bytes associated, Bytes untrusted_sealed, MutableBytes out);
  void wipe_now();

 private:
  Secret<32> key_;
  std::uint64_t counter_ = 0;
  bool has_key_ = false;
};

/// What a finished handshake gives.
struct Keys {
  CipherState send, receive;
  /// Digest of the whole handshake: what is signed or hashed with it holds on this channel alone (Noise, 11.2).
  ByteArray<32> channel_binding{};
};
/// The same, for who shakes hands on another's behalf.
struct RawKeys {
  Secret<32> send, receive;
  ByteArray<32> channel_binding{};
};

struct Identity {
  const crypto::Scalar& secret;  ///< in [1, n)
  crypto::CompressedPoint public_key;
};

/// One side of one handshake: alternately write() and read(), the initiator writing first, until done(). KK's responder is done when
/// it has written, maybe to who replays an old first message: it must do nothing before the first sealed message has opened. Any
/// error ends it: everything secret is wiped. Time does not depend on secrets as far as the curve's does not.
class Handshake {
 public:
  /// `identity.secret` and `curve` must outlive the object. `peer`: the other's static key where the pattern wants it known before.
  /// `prologue`: what both must agree on (protocol, roles, pairing). `random32`: fresh; were it repeated with everything else the same
  /// (a snapshot started twice), so would keys and nonces be. Errors: kState (a known key is missing),
  /// kBadFormat, kNotOnCurve (the peer's key), kOutOfRange (chance 2^-128), kDevice.
  static Result<Handshake> start(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity,
                                 std::optional<crypto::CompressedPoint> peer, Bytes prologue, Bytes random32);

  bool done() const { return step_ == steps(); }
  bool writes_next() const { return (step_ % 2 == 0) == initiator_ && !done(); }
  /// Writes the next message with a payload into `out`; returns the part used. The first message of a handshake has no payload: XX's
  /// would be open, and KK's anybody could replay. Errors: kBadFormat (a payload there), kState, kTooLarge, kDevice.
  Result<Bytes> write(Bytes payload, MutableBytes out);
  /// Reads the next message; its payload is decrypted into `payload_out`; returns the part used. Errors: kBadFormat, kNotOnCurve,
  /// kBadSignature (not from who holds the keys), kState, kTooLarge, kDevice.
  Result<Bytes> read(Bytes untrusted_message, MutableBytes payload_out);
  /// The other's static key, once it is known; none after an error.
  const std::optional<crypto::CompressedPoint>& peer() const { return remote_static_; }
  /// When done, once: one of the two.
  Result<Keys> finish();
  Result<RawKeys> finish_raw();

  Handshake(Handshake&&) = default;
  Handshake& operator=(Handshake&&) = delete;

 private:
  friend struct HandshakeTestAccess;
  static Result<Handshake> start_with(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity,
                                      std::optional<crypto::CompressedPoint> peer, Bytes prologue, const crypto::Scalar& ephemeral);
  Handshake(crypto::Curve& curve, Pattern pattern, bool initiator, const Identity& identity)
      : curve_(&curve), pattern_(pattern), initiator_(initiator), identity_(identity) {}

  std::size_t steps() const { return pattern_ == Pattern::kKK ? 2 : 3; }
  void mix_hash(Bytes data);
  void mix_key(Bytes shared);
  Status mix_dh(char own, char other);
  Status seal_and_hash(Bytes text, MutableBytes out);
  Status open_and_hash(Bytes sealed, MutableBytes out);
  Result<Bytes> write_tokens(Bytes payload, MutableBytes out);
  Result<Bytes> read_tokens(Bytes message, MutableBytes payload_out);
  void end();

  crypto::Curve* curve_;
  Pattern pattern_;
  bool initiator_;
  Identity identity_;
  std::size_t step_ = 0;
  bool ended_ = false;
  ByteArray<32> hash_{};
  Secret<32> chaining_key_;
  CipherState cipher_;
  crypto::Scalar ephemeral_;
  crypto::CompressedPoint ephemeral_public_{};
  std::optional<crypto::CompressedPoint> remote_static_, remote_ephemeral_;
};

}  // namespace touchstone::mpc::noise
