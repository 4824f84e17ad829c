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
    FieldElement t = u * u;
    for (int i = 0; i < 3; ++i) t = t + t;  // times c1 = 8
    plus = small(1) + t;
    minus = small(1) - t;
  }
  FieldElement plus, minus;
};

/// x1 and x2 from the inverse of plus * minus.
std::array<FieldElement, 2> first_candidates(const FieldElement& u, const Start& start, const FieldElement& inverse) {
  const FieldElement shift = u * start.minus * inverse * c3();
  return {c2() - shift, c2() + shift};
}
/// x3 likewise.
FieldElement last_candidate(const Start& start, const FieldElement& inverse) {
  const FieldElement ratio = start.plus * start.plus * inverse;
  return ratio * ratio * c4() + small(1);
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
  const FieldElement inverse = hidden.inverse_vartime() * blind(0);
  const auto x = first_candidates(u, start, inverse);
  // No point has y = 0, so no g(x) is zero.
  const Limb first = is_square(g(x[0]), blind(1), random[96] & 1);
  const Limb second = is_square(g(x[1]), blind(2), random[96] >> 1 & 1);
  const FieldElement later = FieldElement::select(second, x[1], last_candidate(start, inverse));
  Result<Point> out = point_of(curve, FieldElement::select(first, x[0], later), u);
  if (!out && out.error().code == ErrorCode::kNotOnCurve) return kNone;
  return out;
}

namespace {

Result<Point> first_point(Curve& curve, const FieldElement& u, const Start& start, const FieldElement& inverse) {
  const auto x = first_candidates(u, start, inverse);
  for (std::size_t i = 0; i < 3; ++i) {
    const Result<Point> out = point_of(curve, i < 2 ? x[i] : last_candidate(start, inverse), u);
    if (out || out.error().code != ErrorCode::kNotOnCurve) return out;
  }
  return kNone;
}

}  // namespace

Status map_two_to_curve_vartime(Curve& curve, const std::array<FieldElement, 2>& u, std::array<Point, 2>& out) {
  const std::array<Start, 2> start = {Start(u[0]), Start(u[1])};
  const std::array<FieldElement, 2> divisor = {start[0].plus * start[0].minus, start[1].plus * start[1].minus};
  // Both inverses for the price of one, unless a divisor is 0, whose inverse is 0.
  const FieldElement product = divisor[0] * divisor[1];
  const bool apart = product.to_bytes() == ByteArray<32>{};
  const FieldElement inverse = product.inverse_vartime();
  for (std::size_t i = 0; i < 2; ++i) {
    const FieldElement own = apart ? divisor[i].inverse_vartime() : inverse * divisor[1 - i];
    TS_ASSIGN_OR_RETURN(out[i], first_point(curve, u[i], start[i], own));
  }
  return {};
}

}  // namespace touchstone::crypto
