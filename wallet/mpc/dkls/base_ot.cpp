#include "mpc_dkls/base_ot.h"

#include <algorithm>

#include "crypto/map_to_curve.h"
#include "crypto/point.h"
#include "crypto/sha256.h"

namespace touchstone::mpc::dkls {

using crypto::CompressedPoint;
using crypto::Curve;
using crypto::Point;
using crypto::Sha256;

namespace {

constexpr Error kNoPoint{ErrorCode::kInfinity, "base OT: the point at infinity"};

/// H of base_ot.h before the map to the curve.
crypto::FieldElement hash_to_field(const ByteArray<32>& context, std::uint32_t index, std::uint32_t slot,
                                   const CompressedPoint& point) {
  ByteArray<32> digest = Sha256::tagged("touchstone/dkls23/base-ot/point")
                             .update(context)
                             .update_be32(index)
                             .update_be32(slot)
                             .update(point)
                             .finish();
  const auto out = crypto::FieldElement::from_bytes_reduce(digest);
  wipe(digest.data(), digest.size());
  return out;
}

/// What the receiver has in hand while it chooses: it tells which of the two points is which.
struct Choosing {
  Point point, hash, known;
  CompressedPoint other, chosen;
  ByteArray<33> bytes;
  ByteArray<crypto::kMapRandomBytes> blinding;
  ~Choosing() { wipe(this, sizeof *this); }

  /// A random point. Every second x is that of none; those drawn in vain are told to nobody.
  Status draw_other(Curve& curve, Randomness& random) {
    for (;;) {
      random.fill(bytes);
      ByteArray<32> x;
      std::copy_n(bytes.begin(), 32, x.begin());
      const Result<Point> lifted = curve.lift_x(x);
      wipe(x.data(), x.size());
      if (!lifted && lifted.error().code == ErrorCode::kNotOnCurve) continue;
      if (!lifted) return lifted.error();
      other = crypto::compress(*lifted);
      other[0] = static_cast<std::uint8_t>(2 + (bytes[32] & 1));
      return {};
    }
  }
};

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
  Choosing c;
  TS_RETURN_IF_ERROR(c.draw_other(curve, random));
  // Whoever knows both points can compute both hashes: the time must not tell which of them was computed here.
  random.fill(c.blinding);
  const auto field_element = hash_to_field(context, index, std::uint32_t{1} - choice, c.other);
  TS_ASSIGN_OR_RETURN(c.hash, crypto::map_to_curve(curve, field_element, c.blinding));
  secret = random.scalar();
  TS_ASSIGN_OR_RETURN(c.known, curve.multiply_base(secret));
  TS_ASSIGN_OR_RETURN(c.point, curve.add(c.known, crypto::negate(c.hash)));
  if (c.point.infinity) return kNoPoint;
  c.chosen = crypto::compress(c.point);
  const std::uint32_t mask = mask_of(choice);
  for (std::size_t i = 0; i < 33; ++i) {
    points66[i] = static_cast<std::uint8_t>((c.other[i] & mask) | (c.chosen[i] & ~mask));
    points66[33 + i] = static_cast<std::uint8_t>((c.chosen[i] & mask) | (c.other[i] & ~mask));
  }
  return {};
}

Status base_ot_answer(Curve& curve, const ByteArray<32>& context, const ByteArray<32>& key_context, std::uint32_t index,
                      Bytes untrusted_points66, Randomness& random, MutableBytes answer33, std::array<Seed, 2>& keys) {
  std::array<Point, 2> received, hashed;
  std::array<crypto::FieldElement, 2> to_map;
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    CompressedPoint bytes;
    std::copy_n(untrusted_points66.begin() + 33 * slot, 33, bytes.begin());
    TS_ASSIGN_OR_RETURN(received[slot], crypto::decompress(curve, bytes));
    to_map[slot] = hash_to_field(context, index, slot, bytes);
  }
  TS_RETURN_IF_ERROR(crypto::map_two_to_curve_vartime(curve, to_map, hashed));
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
