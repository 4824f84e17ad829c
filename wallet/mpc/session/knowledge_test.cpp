#include "mpc_session/knowledge.h"

#include <gtest/gtest.h>

#include "curve_host/host_curve.h"

namespace touchstone::mpc {
namespace {

using crypto::Scalar;

struct Proven {
  crypto::HostCurve curve;
  Scalar secret = Scalar::from_u32(12345), nonce = -Scalar::from_u32(678);
  crypto::Point point = *curve.multiply_base(secret);
  Transcript context{"touchstone/test/knowledge"};
  KnowledgeProof proof = *prove_knowledge(curve, context, secret, point, nonce);

  ErrorCode error(const Transcript& other_context, const crypto::Point& other_point, const KnowledgeProof& other) {
    return verify_knowledge(curve, other_context, other_point, other).error().code;
  }
};

TEST(MpcKnowledge, AProofHoldsForItsPointAndContextAlone) {
  Proven p;
  EXPECT_TRUE(verify_knowledge(p.curve, p.context, p.point, p.proof).ok());
  EXPECT_EQ(p.error(Transcript(p.context).add_u32(1), p.point, p.proof), ErrorCode::kBadSignature);
  EXPECT_EQ(p.error(p.context, crypto::negate(p.point), p.proof), ErrorCode::kBadSignature);
  EXPECT_EQ(p.error(p.context, crypto::Point(), p.proof), ErrorCode::kBadSignature);
}

TEST(MpcKnowledge, NoChangedByteIsAccepted) {
  Proven p;
  for (std::size_t at = 0; at < p.proof.nonce.size(); ++at) {
    KnowledgeProof changed = p.proof;
    changed.nonce[at] ^= 1;
    EXPECT_EQ(p.error(p.context, p.point, changed), ErrorCode::kBadSignature) << at;
  }
  for (std::size_t at = 0; at < p.proof.response.size(); ++at) {
    KnowledgeProof changed = p.proof;
    changed.response[at] ^= 1;
    EXPECT_EQ(p.error(p.context, p.point, changed), ErrorCode::kBadSignature) << at;
  }
  KnowledgeProof not_reduced = p.proof;
  not_reduced.response.fill(0xff);
  EXPECT_EQ(p.error(p.context, p.point, not_reduced), ErrorCode::kBadSignature);
}

TEST(MpcKnowledge, NothingIsProvenOfInfinity) {
  Proven p;
  EXPECT_EQ(prove_knowledge(p.curve, p.context, Scalar(), crypto::Point(), p.nonce).error().code,
            ErrorCode::kInfinity);
  EXPECT_EQ(prove_knowledge(p.curve, p.context, p.secret, p.point, Scalar()).error().code, ErrorCode::kInfinity);
}

}  // namespace
}  // namespace touchstone::mpc
