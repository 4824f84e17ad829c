// What setting up and signing share: derived secrets, commitments to points, and Schnorr's proof of knowledge of their
// logarithms. Freestanding.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "mpc_session/session.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::lindell {

using Context = ByteArray<32>;  ///< digest of all that both sides know and a message must fit
using ProofBytes = ByteArray<65>;

/// Hedged randomness: HKDF(random32 | secret32 | context, label). Good while one of random32 and secret32 is.
void derive(MutableBytes out, Bytes random32, Bytes secret32, const Context& context, std::string_view label);
/// As derive; zero has a chance of 2^-256 and is kDevice.
Result<crypto::Scalar> derive_scalar(Bytes random32, Bytes secret32, const Context& context, std::string_view label);

/// k, k*G and a proof that k is known, bound to context and party.
struct KnownPoint {
  crypto::Scalar secret;
  crypto::CompressedPoint point{};
  ProofBytes proof{};
};
/// `proof_nonce` is fresh; k is not zero. Errors: kDevice.
Result<KnownPoint> prove_knowledge(crypto::Curve& curve, const crypto::Scalar& k, const crypto::Scalar& proof_nonce,
                                   const Context& context, PartyId party);
/// The point. Errors: kBadFormat, kNotOnCurve, kOutOfRange, kMismatch (no proof), kDevice.
Result<crypto::Point> check_knowledge(crypto::Curve& curve, Bytes untrusted_point33, Bytes untrusted_proof65,
                                      const Context& context, PartyId party);
/// Hides point and proof behind a blind, and binds to them.
ByteArray<32> commit(Bytes blind32, Bytes point33, Bytes proof65, const Context& context, PartyId party);

}  // namespace touchstone::mpc::lindell
