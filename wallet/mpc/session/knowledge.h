// Schnorr's proof that somebody knows the logarithm of a point, made non-interactive by a transcript. Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc {

struct KnowledgeProof {
  crypto::CompressedPoint nonce{};  ///< R
  ByteArray<32> response{};         ///< k + c*x
};

/// `point`: secret*G. `context`: protocol, session, party, role, epoch; the point and R are added here. `nonce`: fresh,
/// secret. Constant time. Errors: kInfinity, kDevice.
Result<KnowledgeProof> prove_knowledge(crypto::Curve& curve, Transcript context, const crypto::Scalar& secret,
                                       const crypto::Point& point, const crypto::Scalar& nonce);
/// Two multiplications. Errors: kBadSignature, kDevice.
Status verify_knowledge(crypto::Curve& curve, Transcript context, const crypto::Point& point,
                        const KnowledgeProof& untrusted_proof);

}  // namespace touchstone::mpc
