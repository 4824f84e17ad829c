#include "crypto/ecdsa.h"

#include "crypto/point.h"

namespace touchstone::crypto {

Status ecdsa_verify(Curve& curve, const Point& public_key, const ByteArray<32>& message_hash,
                    const EcdsaSignature& signature) {
  constexpr Error kBad{ErrorCode::kBadSignature, "the ECDSA signature does not verify"};
  if (public_key.infinity) return Error{ErrorCode::kInfinity, "the public key is no point"};
  const auto r = Scalar::from_bytes(Bytes(signature).first(32)), s = Scalar::from_bytes(Bytes(signature).last(32));
  if (!r || !s || r->is_zero() || s->is_zero() || s->is_high()) return kBad;
  const Scalar inverse = s->inverse_vartime();
  Point left, right, sum;
  TS_ASSIGN_OR_RETURN(left, curve.multiply_base(Scalar::from_bytes_reduce(message_hash) * inverse));
  TS_ASSIGN_OR_RETURN(right, curve.multiply_vartime(*r * inverse, public_key));
  TS_ASSIGN_OR_RETURN(sum, curve.add(left, right));
  if (sum.infinity || !equal_constant_time(Scalar::from_bytes_reduce(sum.x), *r)) return kBad;
  return {};
}

}  // namespace touchstone::crypto
