#include "mpc_lindell/knowledge.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hkdf.h"

namespace touchstone::mpc::lindell {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

namespace {

Scalar challenge(Bytes point33, Bytes nonce33, const Context& context, PartyId party) {
  return Transcript("touchstone/lindell/knowledge").add(context).add_u32(party).add(point33).add(nonce33).scalar();
}

}  // namespace

void derive(MutableBytes out, Bytes random32, Bytes secret32, const Context& context, std::string_view label) {
  TS_CHECK(random32.size() == 32 && secret32.size() == 32, "32 bytes of each");
  Secret<64> key;
  std::copy(random32.begin(), random32.end(), key.expose().begin());
  std::copy(secret32.begin(), secret32.end(), key.expose().begin() + 32);
  const Bytes info(reinterpret_cast<const std::uint8_t*>(label.data()), label.size());
  crypto::hkdf_sha512(key.expose(), context, info, out);
}

Result<Scalar> derive_scalar(Bytes random32, Bytes secret32, const Context& context, std::string_view label) {
  Secret<64> wide;
  derive(wide.expose(), random32, secret32, context, label);
  const Scalar out = Scalar::from_wide_reduce(wide.expose());
  if (out.is_zero()) return Error{ErrorCode::kDevice, "a random number is zero"};
  return out;
}

Result<KnownPoint> prove_knowledge(Curve& curve, const Scalar& k, const Scalar& proof_nonce, const Context& context,
                                   PartyId party) {
  Point point, nonce;
  TS_ASSIGN_OR_RETURN(point, curve.multiply_base(k));
  TS_ASSIGN_OR_RETURN(nonce, curve.multiply_base(proof_nonce));
  if (point.infinity || nonce.infinity) return Error{ErrorCode::kOutOfRange, "a secret number is zero"};
  KnownPoint out{k, crypto::compress(point), {}};
  const auto compressed = crypto::compress(nonce);
  std::copy(compressed.begin(), compressed.end(), out.proof.begin());
  const Scalar response = proof_nonce + challenge(out.point, compressed, context, party) * k;
  response.write_bytes(MutableBytes(out.proof).last(32));
  return out;
}

Result<Point> check_knowledge(Curve& curve, Bytes untrusted_point33, Bytes untrusted_proof65, const Context& context,
                              PartyId party) {
  const Bytes nonce33 = untrusted_proof65.first(33);
  Point point, nonce, left, right;
  TS_ASSIGN_OR_RETURN(point, crypto::decompress(curve, untrusted_point33));
  TS_ASSIGN_OR_RETURN(nonce, crypto::decompress(curve, nonce33));
  Scalar response;
  TS_ASSIGN_OR_RETURN(response, Scalar::from_bytes(untrusted_proof65.last(32)));
  TS_ASSIGN_OR_RETURN(left, curve.multiply_base(response));
  TS_ASSIGN_OR_RETURN(right, curve.multiply(challenge(untrusted_point33, nonce33, context, party), point));
  TS_ASSIGN_OR_RETURN(right, curve.add(right, nonce));
  if (!crypto::equal(left, right)) return Error{ErrorCode::kMismatch, "no proof of knowledge"};
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
