// MuSig2 (BIP327): partial signatures, their verification and aggregation. Freestanding.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_nonce.h"

namespace touchstone::mpc::musig2 {

/// Session values of BIP327: what all signers of one message compute alike from the aggregate nonce. Public.
class Session {
 public:
  /// One scalar multiplication. Errors: kBadFormat and kNotOnCurve (the aggregate nonce: blamed), kDevice.
  static Result<Session> create(crypto::Curve& curve, const KeyAggContext& keys, Bytes untrusted_aggregate_nonce66,
                                Bytes message, Blame* blame = nullptr);
  /// The same from points already parsed.
  static Result<Session> create(crypto::Curve& curve, const KeyAggContext& keys, const NoncePoints& aggregate_nonce,
                                Bytes message);

  const crypto::Scalar& nonce_coefficient() const { return nonce_coefficient_; }  ///< b
  const crypto::Scalar& challenge() const { return challenge_; }                  ///< e
  const crypto::Point& final_nonce() const { return final_nonce_; }               ///< R, never infinity
  const crypto::XOnlyPoint& x_only_key() const { return x_only_key_; }            ///< Q the challenge was made for

 private:
  Session() = default;
  crypto::Scalar nonce_coefficient_;
  crypto::Scalar challenge_;
  crypto::Point final_nonce_;
  crypto::XOnlyPoint x_only_key_{};
};

/// Sign. Uses the nonce up, whatever the outcome; constant time in the secrets. No scalar multiplication. Does not
/// check its own result: who sends it to others calls verify_partial first. Errors: kState (nonce used before),
/// kMismatch (key pair is not the nonce's, or no key of the list is its; session of another key).
Result<PartialSignature> sign(SecretNonce&& secret_nonce, const KeyPair& key_pair, const KeyAggContext& keys,
                              const Session& session);
/// The same without a key pair: one scalar multiplication. Errors: also kOutOfRange (secret key is zero), kDevice.
Result<PartialSignature> sign(crypto::Curve& curve, SecretNonce&& secret_nonce, const crypto::Scalar& secret_key,
                              const KeyAggContext& keys, const Session& session);

/// PartialSigVerifyInternal, three scalar multiplications. Errors: kBadSignature (blamed), kBadFormat and kNotOnCurve
/// (the nonce: blamed), kDevice.
Status verify_partial(crypto::Curve& curve, Bytes untrusted_partial32, Bytes untrusted_nonce66, std::size_t signer,
                      const KeyAggContext& keys, const Session& session, Blame* blame = nullptr);
/// The same with the nonce already parsed.
Status verify_partial(crypto::Curve& curve, Bytes untrusted_partial32, const NoncePoints& nonce, std::size_t signer,
                      const KeyAggContext& keys, const Session& session, Blame* blame = nullptr);

/// PartialSigAgg, no scalar multiplication; partial signatures in the order of the keys. The result is not verified.
/// Errors: kMismatch (number of signatures), kOutOfRange (one is >= n: blamed).
Result<Signature> aggregate_partials(const KeyAggContext& keys, const Session& session,
                                     std::span<const PartialSignature> untrusted_partials, Blame* blame = nullptr);

struct DeterministicSignature {
  PublicNonce public_nonce;
  PartialSignature partial_signature;
};

/// DeterministicSign: the last signer to send its nonce needs no state. `aggregate_other_nonce66` sums all other
/// nonces; `random32` is optional for security, and a defence against faults. The result has been verified before it is
/// returned: one wrong point of the curve's gives an error and no signature. Eight scalar multiplications: four of G,
/// four of points. Constant time in the secrets. Errors as of sign(), and kBadFormat, kNotOnCurve (the other nonce:
/// blamed), kDevice.
Result<DeterministicSignature> deterministic_sign(crypto::Curve& curve, const crypto::Scalar& secret_key,
                                                  Bytes untrusted_aggregate_other_nonce66, const KeyAggContext& keys,
                                                  Bytes message, std::optional<Bytes> random32, Blame* blame = nullptr);

}  // namespace touchstone::mpc::musig2
