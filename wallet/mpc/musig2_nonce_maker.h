// How generate_nonce and deterministic_sign make their nonces; not for users.
#pragma once

#include "base/secret.h"
#include "mpc/musig2_nonce.h"

namespace touchstone::mpc::musig2 {

struct NonceWithPoints {
  SecretNonce secret_nonce;
  NoncePoints points;
};

struct NonceMaker {
  /// Errors: kOutOfRange (a scalar is zero), kDevice.
  static Result<NonceWithPoints> make(crypto::Curve& curve, const crypto::Scalar& k1, const crypto::Scalar& k2,
                                      const PublicKey& key);
};

/// bytes(sk) xor hash_MuSig/aux(random32).
Secret<32> masked_key(const crypto::Scalar& secret_key, Bytes random32);

}  // namespace touchstone::mpc::musig2
