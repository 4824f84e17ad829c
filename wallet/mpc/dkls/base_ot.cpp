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

/// A point of which nobody knows the logarithm. Errors: kNotOnCurve, for half of the inputs.
Status hash_to_curve(Curve& curve, const ByteArray<32>& context, std::uint32_t index, std::uint32_t slot,
                     const CompressedPoint& point, Point& out) {
  ByteArray<32> x = Sha256::tagged("touchstone/dkls23/base-ot/point")
                        .update(context)
                        .update_be32(index)
                        .update_be32(slot)
                        .update(point)
                        .finish();
  Result<Point> lifted = curve.lift_x(x);
  if (lifted) {
    out = crypto::negate_if((crypto::sha256(x)[0] & 1) != 0, *lifted);
    wipe(&*lifted, sizeof *lifted);
  }
  wipe(x.data(), x.size());
  return lifted ? Status() : lifted.error();
}

/// What the receiver has in hand while it chooses: it tells which of the two points is which.
struct Choosing {
  Point point, hash, known;
  std::array<Point, 2> hashes;
  CompressedPoint other, chosen;
  ByteArray<33> bytes;
  ~Choosing() { wipe(this, sizeof *this); }

  /// The hashes of a point in both slots, always in this order. Errors: kNotOnCurve: this point will not do.
  Status hash_in_both(Curve& curve, const ByteArray<32>& context, std::uint32_t index, const CompressedPoint& of) {
    for (std::uint32_t slot = 0; slot < 2; ++slot)
      TS_RETURN_IF_ERROR(hash_to_curve(curve, context, index, slot, of, hashes[slot]));
    return {};
  }
  /// A random point. Errors: kNotOnCurve, for half of the draws.
  Status draw(Curve& curve, Randomness& random) {
    random.fill(bytes);
    ByteArray<32> x;
    std::copy_n(bytes.begin(), 32, x.begin());
    const Result<Point> lifted = curve.lift_x(x);
    wipe(x.data(), x.size());
    if (!lifted) return lifted.error();
    other = crypto::compress(*lifted);
    other[0] = static_cast<std::uint8_t>(2 + (bytes[32] & 1));
    return {};
  }
};

/// Repeats `attempt` until its point is one that will do.
template <typename Attempt>
Status until_on_curve(const Attempt& attempt) {
  for (;;) {
    const Status done = attempt();
    if (done || done.error().code != ErrorCode::kNotOnCurve) return done;
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
  // Both points are drawn until their hashes in both slots are there: so both are distributed alike, and how often it
  // takes depends on nothing that is sent.
  Choosing c;
  Status drawn = until_on_curve([&]() -> Status {
    TS_RETURN_IF_ERROR(c.draw(curve, random));
    return c.hash_in_both(curve, context, index, c.other);
  });
  if (!drawn) return drawn;
  const std::uint32_t mask = mask_of(choice);  // the hash in the slot of the other point
  for (std::size_t i = 0; i < 32; ++i) {
    c.hash.x[i] = static_cast<std::uint8_t>((c.hashes[0].x[i] & mask) | (c.hashes[1].x[i] & ~mask));
    c.hash.y[i] = static_cast<std::uint8_t>((c.hashes[0].y[i] & mask) | (c.hashes[1].y[i] & ~mask));
  }
  c.hash.infinity = false;
  c.hash = crypto::negate(c.hash);
  drawn = until_on_curve([&]() -> Status {
    secret = random.scalar();
    TS_ASSIGN_OR_RETURN(c.known, curve.multiply_base(secret));
    TS_ASSIGN_OR_RETURN(c.point, curve.add(c.known, c.hash));
    if (c.point.infinity) return kNoPoint;
    c.chosen = crypto::compress(c.point);
    return c.hash_in_both(curve, context, index, c.chosen);
  });
  if (!drawn) return drawn;
  for (std::size_t i = 0; i < 33; ++i) {
    points66[i] = static_cast<std::uint8_t>((c.other[i] & mask) | (c.chosen[i] & ~mask));
    points66[33 + i] = static_cast<std::uint8_t>((c.chosen[i] & mask) | (c.other[i] & ~mask));
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
    TS_RETURN_IF_ERROR(hash_to_curve(curve, context, index, slot, bytes, hashed[slot]));
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
