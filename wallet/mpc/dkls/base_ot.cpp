#include "mpc_dkls/base_ot.h"

#include <algorithm>

#include "crypto/point.h"
#include "crypto/sha256.h"

namespace touchstone::mpc::dkls {

using crypto::CompressedPoint;
using crypto::Curve;
using crypto::Point;
using crypto::Sha256;

namespace {

constexpr Error kNoPoint{ErrorCode::kInfinity, "base OT: the point at infinity"};

/// A point of which nobody knows the logarithm: try and increment, with both signs of y.
Result<Point> hash_to_curve(Curve& curve, const ByteArray<32>& context, std::uint32_t index, std::uint32_t slot,
                            const CompressedPoint& point) {
  for (std::uint32_t attempt = 0;; ++attempt) {
    const ByteArray<32> x = Sha256::tagged("touchstone/dkls23/base-ot/point")
                                .update(context)
                                .update_be32(index)
                                .update_be32(slot)
                                .update(point)
                                .update_be32(attempt)
                                .finish();
    const Result<Point> out = curve.lift_x(x);
    if (out) return crypto::negate_if((crypto::sha256(x)[0] & 1) != 0, *out);
    if (out.error().code != ErrorCode::kNotOnCurve) return out.error();
  }
}

Result<Point> random_point(Curve& curve, Randomness& random) {
  for (;;) {
    ByteArray<33> bytes;
    random.fill(bytes);
    ByteArray<32> x;
    std::copy_n(bytes.begin(), 32, x.begin());
    const Result<Point> out = curve.lift_x(x);
    if (out) return crypto::negate_if((bytes[32] & 1) != 0, *out);
    if (out.error().code != ErrorCode::kNotOnCurve) return out.error();
  }
}

Result<Seed> derive_key(const ByteArray<32>& key_context, std::uint32_t index, std::uint32_t slot, Bytes answer33,
                        const Point& shared) {
  if (shared.infinity) return kNoPoint;
  CompressedPoint bytes = crypto::compress(shared);
  Seed key;
  static_cast<ByteArray<32>&>(key) = Sha256::tagged("touchstone/dkls23/base-ot/key")
                                         .update(key_context)
                                         .update_be32(index)
                                         .update_be32(slot)
                                         .update(answer33)
                                         .update(bytes)
                                         .finish();
  wipe(bytes.data(), bytes.size());
  return key;
}

}  // namespace

Status base_ot_choose(Curve& curve, const ByteArray<32>& context, std::uint32_t index, bool choice, Randomness& random,
                      crypto::Scalar& secret, MutableBytes points66) {
  const std::uint32_t chosen = choice, other = 1 - chosen;
  Point other_point, hashed, known, sum;
  TS_ASSIGN_OR_RETURN(other_point, random_point(curve, random));
  const CompressedPoint other_bytes = crypto::compress(other_point);
  TS_ASSIGN_OR_RETURN(hashed, hash_to_curve(curve, context, index, other, other_bytes));
  secret = random.scalar();
  TS_ASSIGN_OR_RETURN(known, curve.multiply_base(secret));
  TS_ASSIGN_OR_RETURN(sum, curve.add(known, crypto::negate(hashed)));
  if (sum.infinity) return kNoPoint;
  const CompressedPoint chosen_bytes = crypto::compress(sum);
  // Not needed, but with it the attempts of both slots are made, whichever is chosen.
  TS_RETURN_IF_ERROR(hash_to_curve(curve, context, index, chosen, chosen_bytes));
  const std::uint32_t mask = mask_of(chosen);
  for (std::size_t i = 0; i < 33; ++i) {
    points66[i] = static_cast<std::uint8_t>((other_bytes[i] & mask) | (chosen_bytes[i] & ~mask));
    points66[33 + i] = static_cast<std::uint8_t>((chosen_bytes[i] & mask) | (other_bytes[i] & ~mask));
  }
  return {};
}

Status base_ot_answer(Curve& curve, const ByteArray<32>& context, const ByteArray<32>& key_context, std::uint32_t index,
                      Bytes untrusted_points66, Randomness& random, MutableBytes answer33, std::array<Seed, 2>& keys) {
  std::array<Point, 2> received, hashed;
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    CompressedPoint bytes;
    std::copy_n(untrusted_points66.begin() + 33 * slot, 33, bytes.begin());
    TS_ASSIGN_OR_RETURN(received[slot], crypto::decompress(curve, bytes));
    TS_ASSIGN_OR_RETURN(hashed[slot], hash_to_curve(curve, context, index, slot, bytes));
  }
  const crypto::Scalar a = random.scalar();
  Point answer;
  TS_ASSIGN_OR_RETURN(answer, curve.multiply_base(a));
  if (answer.infinity) return kNoPoint;
  const CompressedPoint bytes = crypto::compress(answer);
  std::copy(bytes.begin(), bytes.end(), answer33.begin());
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    Point masked, shared;
    TS_ASSIGN_OR_RETURN(masked, curve.add(received[slot], hashed[1 - slot]));
    TS_ASSIGN_OR_RETURN(shared, curve.multiply(a, masked));
    TS_ASSIGN_OR_RETURN(keys[slot], derive_key(key_context, index, slot, bytes, shared));
    wipe(&shared, sizeof shared);
  }
  return {};
}

Status base_ot_finish(Curve& curve, const ByteArray<32>& key_context, std::uint32_t index, bool choice,
                      const crypto::Scalar& secret, Bytes untrusted_answer33, Seed& key) {
  Point answer, shared;
  TS_ASSIGN_OR_RETURN(answer, crypto::decompress(curve, untrusted_answer33));
  TS_ASSIGN_OR_RETURN(shared, curve.multiply(secret, answer));
  TS_ASSIGN_OR_RETURN(key, derive_key(key_context, index, choice, untrusted_answer33, shared));
  wipe(&shared, sizeof shared);
  return {};
}

}  // namespace touchstone::mpc::dkls
