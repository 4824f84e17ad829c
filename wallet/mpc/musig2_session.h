// MuSig2 between two: a wallet that starts and a card that answers once. Freestanding.
//
//   wallet                                      card
//   Initiator::start  --- public nonce, message --->
//                     <-- nonce, partial signature --  respond
//   Initiator::finish
//
// The wallet draws its nonce at random and keeps it until finish. The card sends its nonce last, derives it from
// everything it has seen (DeterministicSign) and keeps no state, so neither a power cut nor a rolled-back flash can
// make it use a nonce twice. Only the wallet ever holds the whole signature.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_nonce.h"
#include "mpc/musig2_sign.h"

namespace touchstone::mpc::musig2 {

/// BIP340 verification from outside, so that the result is judged by other code than that which made it:
/// crypto::schnorr_verify on a host.
using SignatureVerifier = Status (*)(Bytes public_key32, Bytes message, Bytes signature64);

/// The wallet's side of one signature.
class Initiator {
 public:
  /// `curve` must outlive the object.
  Initiator(crypto::Curve& curve, SignatureVerifier verify) : curve_(curve), verify_(verify) {}
  Initiator(const Initiator&) = delete;
  Initiator& operator=(const Initiator&) = delete;

  /// Draws the nonce. `keys` holds exactly two keys, one of them the wallet's. `random32`: fresh and uniform. A session
  /// still open is dropped. Errors: kMismatch (number of keys; secret share belongs to none), kOutOfRange, kDevice.
  Result<PublicNonce> start(const crypto::Scalar& secret_share, const KeyAggContext& keys, const ByteArray<32>& message,
                            Bytes random32);

  /// Verifies the card's partial signature, signs, aggregates, verifies the whole. The session is over afterwards,
  /// whatever the outcome: another answer to the same nonce is kState. Errors: kState, kBadFormat and kNotOnCurve (the
  /// card's nonce: blamed), kBadSignature (the card's partial signature: blamed; or the whole, unblamed), kDevice.
  Result<Signature> finish(Bytes untrusted_card_nonce66, Bytes untrusted_card_partial32, Blame* blame = nullptr);

  /// Wipes the open session, if any.
  void abort() { open_.reset(); }
  bool is_open() const { return open_.has_value(); }

 private:
  struct Open {
    KeyPair key_pair;
    KeyAggContext keys;
    std::size_t own_index;
    ByteArray<32> message;
    NoncePair nonce;
  };
  Result<Signature> complete(Open& open, Bytes untrusted_card_nonce66, Bytes untrusted_card_partial32, Blame* blame);

  crypto::Curve& curve_;
  SignatureVerifier verify_;
  std::optional<Open> open_;
};

/// The card's side: one call. The message is what the card has parsed, shown and hashed itself. `random32` comes from
/// the card's generator; a generator that fails weakens nothing but the defence against faults. Wipe the share
/// afterwards. Cost and errors: deterministic_sign.
Result<DeterministicSignature> respond(crypto::Curve& curve, const crypto::Scalar& secret_share,
                                       const KeyAggContext& keys, const ByteArray<32>& message,
                                       Bytes untrusted_wallet_nonce66, Bytes random32, Blame* blame = nullptr);

}  // namespace touchstone::mpc::musig2
