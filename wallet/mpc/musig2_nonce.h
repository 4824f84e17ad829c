// MuSig2 (BIP327): nonces. Freestanding.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc/musig2_keys.h"

namespace touchstone::mpc::musig2 {

/// secnonce of BIP327: serves one signature. It cannot be copied; sign() takes it by rvalue, and a nonce that was moved
/// from, used or default-made holds zeros, which sign() refuses. Wiped at its end.
class SecretNonce {
 public:
  SecretNonce() = default;
  SecretNonce(SecretNonce&& other) noexcept { *this = static_cast<SecretNonce&&>(other); }
  SecretNonce& operator=(SecretNonce&& other) noexcept;
  SecretNonce(const SecretNonce&) = delete;
  SecretNonce& operator=(const SecretNonce&) = delete;

  /// False once it was used or moved away.
  bool usable() const { return !k1_.is_zero() && !k2_.is_zero(); }
  void wipe_now() { *this = SecretNonce(); }

 private:
  SecretNonce(const crypto::Scalar& k1, const crypto::Scalar& k2, const PublicKey& key)
      : k1_(k1), k2_(k2), public_key_(key) {}
  friend struct NonceMaker;             // makes one: generate_nonce, deterministic_sign
  friend struct PartialSigner;          // uses it up: sign, deterministic_sign
  friend struct SecretNonceTestAccess;  // published vectors give and expect the bytes; defined by tests alone

  crypto::Scalar k1_;
  crypto::Scalar k2_;
  PublicKey public_key_{};
};

/// Two points: a public nonce, or the sum of several.
struct NoncePoints {
  crypto::Point first;
  crypto::Point second;
};
/// cpoint of both halves (infinity refused). Errors: kBadFormat (size, first byte), kNotOnCurve, kDevice.
Result<NoncePoints> parse_public_nonce(crypto::Curve& curve, Bytes untrusted_nonce66);
/// cpoint_ext of both halves (infinity allowed).
Result<NoncePoints> parse_aggregate_nonce(crypto::Curve& curve, Bytes untrusted_nonce66);
/// cbytes_ext of both halves.
AggregateNonce to_bytes(const NoncePoints& points);
Result<NoncePoints> add(crypto::Curve& curve, const NoncePoints& a, const NoncePoints& b);

struct NonceGenInput {
  Bytes random32;                                ///< fresh, uniform, never used before: rand' of BIP327
  PublicKey public_key;                          ///< of the signer
  const crypto::Scalar* secret_key = nullptr;    ///< optional, like all below; each is a defence in depth
  std::optional<crypto::XOnlyPoint> aggregate_key{};
  std::optional<Bytes> message{};
  std::optional<Bytes> extra{};
};
struct NoncePair {
  SecretNonce secret_nonce;
  PublicNonce public_nonce;
  NoncePoints points;  ///< public_nonce once more, to spare its parsing
};

/// NonceGen: two scalar multiplications, constant time in the secrets. Errors: kOutOfRange (chance 2^-255), kDevice.
Result<NoncePair> generate_nonce(crypto::Curve& curve, const NonceGenInput& input);

/// NonceAgg. Errors: kTooLarge (number of nonces), kBadFormat and kNotOnCurve (a nonce: blamed), kDevice.
Result<AggregateNonce> aggregate_nonces(crypto::Curve& curve, std::span<const PublicNonce> untrusted_nonces,
                                        Blame* blame = nullptr);

}  // namespace touchstone::mpc::musig2
