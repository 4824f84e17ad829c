// FROST's two rounds as functions (RFC 9591, section 5), for either suite. Freestanding.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc_frost/keys.h"

namespace touchstone::mpc::frost {

/// A signer's public nonces: D and E.
struct NonceCommitment {
  crypto::Point hiding, binding;
};

/// A signer's secret nonces: they serve one signature. They cannot be copied; sign() takes them by rvalue, and what was
/// used, moved from or default-made holds zeros, which sign() refuses. Wiped at their end.
class SecretNonces {
 public:
  SecretNonces() = default;
  SecretNonces(SecretNonces&& other) noexcept { *this = static_cast<SecretNonces&&>(other); }
  SecretNonces& operator=(SecretNonces&& other) noexcept;
  SecretNonces(const SecretNonces&) = delete;
  SecretNonces& operator=(const SecretNonces&) = delete;

  bool usable() const { return !hiding_.is_zero() && !binding_.is_zero(); }
  const NonceCommitment& commitment() const { return commitment_; }

 private:
  friend Result<SecretNonces> generate_nonces(crypto::Curve&, Suite, Bytes, Bytes, const crypto::Scalar&);
  friend class SigningPackage;
  friend struct SecretNoncesTestAccess;  // published vectors give the scalars; defined by tests alone

  crypto::Scalar hiding_, binding_;
  NonceCommitment commitment_;
};

/// Round one (commit): each nonce is H3 of 32 fresh random bytes and the share, so that bad randomness alone does not
/// give it away. Two multiplications, constant time in the secrets. Errors: kOutOfRange (a nonce is zero; chance
/// 2^-255), kDevice.
Result<SecretNonces> generate_nonces(crypto::Curve& curve, Suite suite, Bytes hiding_random32, Bytes binding_random32,
                                     const crypto::Scalar& share);

struct Signature {
  crypto::Point nonce;  ///< R; BIP340: its even-y form
  crypto::Scalar s;

  /// x of R, then s.
  ByteArray<64> bip340() const;
  /// Compressed R, then s.
  ByteArray<65> rfc9591() const;
};

/// What all signers of one message compute alike. Public.
class SigningPackage {
 public:
  /// `commitments` in the order of `signers`. One multiplication a signer. `key` must outlive the object. Errors:
  /// kMismatch (signers: fewer than t, or not of the group; number of commitments), kInfinity (only by a cheat),
  /// kDevice.
  static Result<SigningPackage> create(crypto::Curve& curve, const SigningKey& key, const Parties& signers,
                                       std::span<const NonceCommitment> commitments, Bytes message);

  const crypto::Scalar& binding_factor(std::size_t signer) const { return binding_factors_[signer]; }  ///< rho_i
  const crypto::Point& group_nonce() const { return group_nonce_; }  ///< R before even y
  const crypto::Scalar& challenge() const { return challenge_; }     ///< c

  /// Round two: z_i. Uses the nonces up, whatever the outcome; constant time in the secrets, no multiplication. Errors:
  /// kState (nonces used before), kMismatch (not a signer, or its commitment is not the one in the package).
  Result<crypto::Scalar> sign(SecretNonces&& nonces, PartyId own, const crypto::Scalar& share) const;

  /// Whether a signer's z_i is right, by its verification share. Two multiplications. Errors: kBadSignature, kDevice.
  Status verify_share(crypto::Curve& curve, PartyId signer, const crypto::Scalar& untrusted_share) const;

  /// The signature, not verified. Shares in the order of the signers.
  Signature aggregate(std::span<const crypto::Scalar> shares) const;

 private:
  Status fill(crypto::Curve& curve, std::span<const NonceCommitment> commitments, Bytes message);
  bool negates_nonces() const { return key_->suite() == Suite::kBip340 && !group_nonce_.has_even_y(); }
  /// lambda_i * c, with the sign of the key.
  crypto::Scalar share_factor(PartyId signer) const;

  const SigningKey* key_ = nullptr;
  Parties signers_;
  std::array<NonceCommitment, kMaxParties> commitments_;
  std::array<crypto::Point, kMaxParties> nonces_;  // D_i + rho_i E_i
  std::array<crypto::Scalar, kMaxParties> binding_factors_;
  crypto::Point group_nonce_;
  crypto::Scalar challenge_;
};

}  // namespace touchstone::mpc::frost
