// What setting up and signing share: points whose logarithm is known, and commitments to them. Freestanding.
#pragma once

#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "mpc_session/knowledge.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::lindell {

using Context = ByteArray<32>;     ///< digest of all that both sides know and a message must fit
using ProofBytes = ByteArray<65>;  ///< KnowledgeProof: nonce, response

/// k, k*G and a proof that k is known, bound to context and party.
struct KnownPoint {
  crypto::Scalar secret;
  crypto::CompressedPoint point{};
  ProofBytes proof{};
};
/// `proof_nonce` is fresh; k is not zero. Errors: kDevice.
Result<KnownPoint> prove_knowledge(crypto::Curve& curve, const crypto::Scalar& k, const crypto::Scalar& proof_nonce,
                                   const Context& context, PartyId party);
/// The point. Errors: kBadFormat, kNotOnCurve, kBadSignature (no proof), kDevice.
Result<crypto::Point> check_knowledge(crypto::Curve& curve, Bytes untrusted_point33, Bytes untrusted_proof65,
                                      const Context& context, PartyId party);
/// Hides point and proof behind a blind, and binds to them.
ByteArray<32> commit(Bytes blind32, Bytes point33, Bytes proof65, const Context& context, PartyId party);

}  // namespace touchstone::mpc::lindell
