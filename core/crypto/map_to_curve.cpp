#include "crypto/map_to_curve.h"

#include <array>

#include "base/declassify.h"
#include "crypto/point.h"

namespace touchstone::crypto {
namespace {

constexpr Error kNone{ErrorCode::kDevice, "none of three numbers is a point's x, but one must be"};

// Constants of section 6.6.1 for g(x) = x^3 + 7 and Z = 1: c1 = g(Z); c2 = -Z/2; c3 = sqrt(-3 g(Z)), even; c4 =
// -4 g(Z) / 3.
FieldElement c2() {
  return FieldElement::from_words({0x7ffffe17, 0xffffffff, 0xffffffff, 0xffffffff,
                                   0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff});
}
FieldElement c3() {
  return FieldElement::from_words({0x6cbaa40e, 0x63f32917, 0x5521911e, 0x691a493c,
                                   0xbf5aaf80, 0x44017da0, 0x9fd6c8fb, 0x16f7d746});
}
FieldElement c4() {
  return FieldElement::from_words({0xfffffd6a, 0xaaaaaaa9, 0xaaaaaaaa, 0xaaaaaaaa,
                                   0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa, 0xaaaaaaaa});
}
FieldElement small(std::uint32_t value) { return FieldElement::from_words({value}); }

FieldElement g(const FieldElement& x) { return x * x * x + small(7); }

/// tv1 and tv2 of the section, after its step 4.
struct Start {
  explicit Start(const FieldElement& u) {
    const FieldElement t = small(8) * (u * u);
    plus = small(1) + t;
    minus = small(1) - t;
  }
  FieldElement plus, minus;
};

/// x1, x2, x3 from the inverse of plus * minus.
std::array<FieldElement, 3> candidates(const FieldElement& u, const Start& start, const FieldElement& inverse) {
  const FieldElement shift = u * start.minus * inverse * c3();
  const FieldElement ratio = start.plus * start.plus * inverse;
  return {c2() - shift, c2() + shift, ratio * ratio * c4() + small(1)};
}

/// 1 if `value`, which is not zero, is a square. Looked at is value * random^2 or its negative, as `bit` says: -1 is no
/// square, so it is uniform and a square as often as not.
Limb is_square(const FieldElement& value, const FieldElement& random, Limb bit) {
  const FieldElement blinded = value * (random * random);
  const FieldElement looked_at = declassify(FieldElement::select(bit, FieldElement() - blinded, blinded));
  return static_cast<Limb>(looked_at.is_square_vartime()) ^ bit;
}

/// The point with this x and the parity of u.
Result<Point> point_of(Curve& curve, const FieldElement& x, const FieldElement& u) {
  Result<Point> out = curve.lift_x(x.to_bytes());
  if (!out) return out;
  const Point negative = negate(*out);
  const auto mask = static_cast<std::uint8_t>(mask_of(u.parity()));
  for (std::size_t i = 0; i < 32; ++i)
    out->y[i] = static_cast<std::uint8_t>((negative.y[i] & mask) | (out->y[i] & ~mask));
  return out;
}

}  // namespace

Result<Point> map_to_curve(Curve& curve, const FieldElement& u, const ByteArray<kMapRandomBytes>& random) {
  const auto blind = [&](std::size_t i) { return FieldElement::from_bytes_reduce(Bytes(random).subspan(32 * i, 32)); };
  const Start start(u);
  const FieldElement hidden = declassify(start.plus * start.minus * blind(0));
  const auto x = candidates(u, start, hidden.inverse_vartime() * blind(0));
  // No point has y = 0, so no g(x) is zero.
  const Limb first = is_square(g(x[0]), blind(1), random[96] & 1);
  const Limb second = is_square(g(x[1]), blind(2), random[96] >> 1 & 1);
  Result<Point> out =
      point_of(curve, FieldElement::select(first, x[0], FieldElement::select(second, x[1], x[2])), u);
  if (!out && out.error().code == ErrorCode::kNotOnCurve) return kNone;
  return out;
}

Result<Point> map_to_curve_vartime(Curve& curve, const FieldElement& u) {
  const Start start(u);
  for (const FieldElement& x : candidates(u, start, (start.plus * start.minus).inverse_vartime())) {
    const Result<Point> out = point_of(curve, x, u);
    if (out || out.error().code != ErrorCode::kNotOnCurve) return out;
  }
  return kNone;
}

}  // namespace touchstone::crypto
