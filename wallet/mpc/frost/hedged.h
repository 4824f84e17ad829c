// A session's own randomness, and proofs that somebody knows a scalar. Freestanding.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "mpc_session/session.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::frost {

/// Uniform scalars from HKDF-SHA256 over 32 fresh bytes, the party's secrets and the session's id: while one of the
/// inputs is secret or fresh, so is what comes out. Constant time.
class HedgedRandom {
 public:
  HedgedRandom(Bytes random32, std::initializer_list<const crypto::Scalar*> secrets, const SessionId& session);

  /// 32 bytes for one purpose; `agreed`: what the session has agreed on so far besides its id.
  Secret<32> bytes(const crypto::HashTag& purpose, std::uint32_t number = 0, Bytes agreed = {}) const;
  crypto::Scalar scalar(const crypto::HashTag& purpose, std::uint32_t number = 0, Bytes agreed = {}) const;
  void wipe_now() { key_.wipe_now(); }

 private:
  Secret<32> key_;
};

/// A scalar from a secret one, for another purpose and, within it, for a public context; one does not tell the other.
/// Constant time.
crypto::Scalar derive_scalar(const crypto::Scalar& secret, const crypto::HashTag& purpose, Bytes context = {});

/// Schnorr's proof of knowledge of the logarithm of a point, bound to a context.
struct Proof {
  crypto::CompressedPoint nonce;  ///< R
  ByteArray<32> response;         ///< k + c*x
};
/// `context`: session, party, role, epoch; the point and R are added here. `nonce`: fresh, secret. Errors: kDevice.
Result<Proof> prove(crypto::Curve& curve, Transcript context, const crypto::Scalar& secret, const crypto::Point& point,
                    const crypto::Scalar& nonce);
/// Two multiplications. Errors: kBadSignature, kDevice.
Status verify(crypto::Curve& curve, Transcript context, const crypto::Point& point, const Proof& untrusted_proof);

}  // namespace touchstone::mpc::frost
