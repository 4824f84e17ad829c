#include "mpc_session/knowledge.h"

#include "base/declassify.h"

namespace touchstone::mpc {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

Result<KnowledgeProof> prove_knowledge(Curve& curve, Transcript context, const Scalar& secret, const Point& point,
                                       const Scalar& nonce) {
  Point r;
  TS_ASSIGN_OR_RETURN(r, curve.multiply_base(nonce));
  if (r.infinity || point.infinity) return Error{ErrorCode::kInfinity, "a proof needs points other than infinity"};
  KnowledgeProof out{crypto::compress(r), {}};
  const Scalar challenge = context.add(crypto::compress(point)).add(out.nonce).scalar();
  out.response = declassify((nonce + challenge * secret).to_bytes());
  return out;
}

// R == z*G - c*P
Status verify_knowledge(Curve& curve, Transcript context, const Point& point, const KnowledgeProof& untrusted_proof) {
  constexpr Error kRefused{ErrorCode::kBadSignature, "the proof of knowledge is wrong"};
  const auto response = Scalar::from_bytes(untrusted_proof.response);
  if (!response || point.infinity) return kRefused;
  const Scalar challenge = context.add(crypto::compress(point)).add(untrusted_proof.nonce).scalar();
  Point base_term, key_term, nonce;
  TS_ASSIGN_OR_RETURN(base_term, curve.multiply_base(*response));
  TS_ASSIGN_OR_RETURN(key_term, curve.multiply_vartime(-challenge, point));
  TS_ASSIGN_OR_RETURN(nonce, curve.add(base_term, key_term));
  if (nonce.infinity || crypto::compress(nonce) != untrusted_proof.nonce) return kRefused;
  return {};
}

}  // namespace touchstone::mpc
