#include "mpc_lindell/knowledge.h"

#include <algorithm>

namespace touchstone::mpc::lindell {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

namespace {

Transcript proof_context(const Context& context, PartyId party) {
  return Transcript("touchstone/lindell/knowledge").add(context).add_u32(party);
}

}  // namespace

Result<KnownPoint> prove_knowledge(Curve& curve, const Scalar& k, const Scalar& proof_nonce, const Context& context,
                                   PartyId party) {
  Point point;
  TS_ASSIGN_OR_RETURN(point, curve.multiply_base(k));
  const auto proof = mpc::prove_knowledge(curve, proof_context(context, party), k, point, proof_nonce);
  if (!proof) return proof.error();
  KnownPoint out{k, crypto::compress(point), {}};
  std::copy(proof->nonce.begin(), proof->nonce.end(), out.proof.begin());
  std::copy(proof->response.begin(), proof->response.end(), out.proof.begin() + 33);
  return out;
}

Result<Point> check_knowledge(Curve& curve, Bytes untrusted_point33, Bytes untrusted_proof65, const Context& context,
                              PartyId party) {
  Point point;
  TS_ASSIGN_OR_RETURN(point, crypto::decompress(curve, untrusted_point33));
  KnowledgeProof proof;
  std::copy_n(untrusted_proof65.begin(), 33, proof.nonce.begin());
  std::copy_n(untrusted_proof65.begin() + 33, 32, proof.response.begin());
  TS_RETURN_IF_ERROR(verify_knowledge(curve, proof_context(context, party), point, proof));
  return point;
}

ByteArray<32> commit(Bytes blind32, Bytes point33, Bytes proof65, const Context& context, PartyId party) {
  return Transcript("touchstone/lindell/commit")
      .add(context)
      .add_u32(party)
      .add(blind32)
      .add(point33)
      .add(proof65)
      .digest();
}

}  // namespace touchstone::mpc::lindell
