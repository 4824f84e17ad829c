#include "mpc_frost/keys.h"

#include "base/check.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::frost {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

ByteArray<32> GroupKey::digest() const {
  Transcript transcript("touchstone/frost/group key");
  transcript.add(parties).add_u32(threshold).add_u32(epoch).add(crypto::compress_or_zero(point));
  for (std::size_t i = 0; i < parties.size(); ++i) transcript.add(crypto::compress_or_zero(verification_shares[i]));
  return transcript.digest();
}

Status check_threshold(std::size_t threshold, std::size_t parties) {
  if (threshold < 2 || threshold > parties) return Error{ErrorCode::kOutOfRange, "threshold is not within 2 to n"};
  return {};
}

Scalar lagrange_coefficient(const Parties& signers, PartyId at) {
  TS_CHECK(signers.contains(at), "Lagrange coefficient of a party that does not sign");
  Scalar numerator = Scalar::from_u32(1), denominator = numerator;
  for (const PartyId other : signers) {
    if (other == at) continue;
    numerator *= Scalar::from_u32(other);
    denominator *= Scalar::from_u32(other) - Scalar::from_u32(at);
  }
  return numerator * denominator.inverse();
}

Result<SigningKey> SigningKey::create(Curve& curve, Suite suite, const GroupKey& group, std::span<const Tweak> tweaks) {
  Result<SigningKey> out = SigningKey();
  const auto fill = [&](SigningKey& key) -> Status {
    TS_RETURN_IF_ERROR(check_threshold(group.threshold, group.parties.size()));
    if (group.point.infinity) return Error{ErrorCode::kInfinity, "group key is infinity"};
    if (suite == Suite::kRfc9591 && !tweaks.empty()) return Error{ErrorCode::kUnsupported, "RFC 9591 knows no tweaks"};
    key.suite_ = suite;
    key.group_ = group;
    key.point_ = group.point;
    for (const Tweak& tweak : tweaks) TS_RETURN_IF_ERROR(key.apply(curve, tweak));
    if (suite == Suite::kBip340) key.make_y_even();
    return {};
  };
  if (const Status status = fill(*out); !status) out = status.error();
  return out;
}

Status SigningKey::apply(Curve& curve, const Tweak& tweak) {
  const auto t = Scalar::from_bytes(tweak.value);
  if (!t) return t.error();
  if (tweak.is_xonly) make_y_even();
  Point shift;
  TS_ASSIGN_OR_RETURN(shift, curve.multiply_base(*t));
  TS_ASSIGN_OR_RETURN(point_, curve.add(point_, shift));
  if (point_.infinity) return Error{ErrorCode::kInfinity, "tweaked key is infinity"};
  tweak_ += *t;
  return {};
}

void SigningKey::make_y_even() {
  if (point_.has_even_y()) return;
  point_ = crypto::negate(point_);
  negates_shares_ = !negates_shares_;
  tweak_ = -tweak_;
}

}  // namespace touchstone::mpc::frost
