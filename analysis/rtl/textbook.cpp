#include <boost/multiprecision/cpp_int.hpp>
#include <utility>

#include "reference.h"

namespace touchstone::rtl_tools {

namespace {

namespace mp = boost::multiprecision;
using Int = mp::number<mp::cpp_int_backend<576, 576, mp::signed_magnitude, mp::unchecked, void>>;

Int integer(const Number& bytes) {
  Int out;
  mp::import_bits(out, bytes.begin(), bytes.end());
  return out;
}
Number bytes(const Int& value) {
  std::vector<std::uint8_t> digits;
  mp::export_bits(value, std::back_inserter(digits), 8);
  Number out{};
  std::copy(digits.begin(), digits.end(), out.end() - static_cast<std::ptrdiff_t>(digits.size()));
  return out;
}

const Int kP = (Int(1) << 256) - (Int(1) << 32) - 977;
const Int kN("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

Int modulo(const Int& a, const Int& m) {
  const Int r = a % m;
  return r < 0 ? r + m : r;
}
/// Extended Euclid; 0 for 0.
Int inverse(const Int& a, const Int& m) {
  Int r = m, next_r = a, t = 0, next_t = 1;
  while (next_r != 0) {
    const Int q = r / next_r;
    r = std::exchange(next_r, Int(r - q * next_r));
    t = std::exchange(next_t, Int(t - q * next_t));
  }
  return modulo(t, m);
}
Int power(Int base, Int exponent) {
  Int out = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) out = out * base % kP;
    base = base * base % kP;
  }
  return out;
}
/// p = 3 mod 4.
std::optional<Int> square_root(const Int& a) {
  const Int root = power(a, (kP + 1) / 4);
  return root * root % kP == a ? std::optional(root) : std::nullopt;
}
/// p = 7 mod 9.
std::optional<Int> cube_root(const Int& a) {
  const Int root = power(a, (kP + 2) / 9);
  return root * root % kP * root % kP == a ? std::optional(root) : std::nullopt;
}
Int cube(const Int& x) { return x * x % kP * x % kP; }

struct XY {
  Int x, y;
};
using Point = std::optional<XY>;

Point sum(const Point& p, const Point& q) {
  if (!p) return q;
  if (!q) return p;
  Int slope;
  if (p->x != q->x) {
    slope = modulo(q->y - p->y, kP) * inverse(modulo(q->x - p->x, kP), kP) % kP;
  } else if (p->y == q->y) {  // no point of the curve has y = 0
    slope = 3 * p->x * p->x % kP * inverse(2 * p->y % kP, kP) % kP;
  } else {
    return std::nullopt;
  }
  const Int x = modulo(slope * slope - p->x - q->x, kP);
  return XY{x, modulo(slope * (p->x - x) - p->y, kP)};
}

Point from(const MaybePoint& p) { return p ? Point({integer(p->x), integer(p->y)}) : std::nullopt; }
MaybePoint to(const Point& p) { return p ? MaybePoint({bytes(p->x), bytes(p->y)}) : std::nullopt; }

class Textbook final : public Reference {
 public:
  const char* name() const override { return "textbook model"; }
  bool on_curve(const Affine& untrusted) override {
    const Int x = integer(untrusted.x), y = integer(untrusted.y);
    return x < kP && y < kP && y * y % kP == (cube(x) + 7) % kP;
  }
  MaybePoint multiply(const Number& k, const Affine& p) override {
    const Point base = from(p);
    Point out;
    for (const std::uint8_t byte : k)
      for (int bit = 7; bit >= 0; --bit) {
        out = sum(out, out);
        if (byte >> bit & 1) out = sum(out, base);
      }
    return to(out);
  }
  MaybePoint add(const MaybePoint& p, const MaybePoint& q) override { return to(sum(from(p), from(q))); }
  std::optional<Affine> lift_x(const Number& untrusted_x) override {
    const Int x = integer(untrusted_x);
    if (x >= kP) return std::nullopt;
    const auto y = square_root((cube(x) + 7) % kP);
    if (!y) return std::nullopt;
    return Affine{untrusted_x, bytes(*y % 2 == 0 ? *y : Int(kP - *y))};
  }
  Number add_n(const Number& a, const Number& b) override { return bytes((integer(a) + integer(b)) % kN); }
  Number multiply_n(const Number& a, const Number& b) override { return bytes(integer(a) * integer(b) % kN); }
  Number invert_n(const Number& a) override { return bytes(inverse(integer(a), kN)); }
};

/// The i-th of `attempt(1)`, `attempt(2)`, ... that is something.
template <typename Attempt>
Affine nth(unsigned i, Attempt attempt) {
  for (Int value = 1;; ++value)
    if (const std::optional<Affine> found = attempt(value); found && i-- == 0) return *found;
}

}  // namespace

const Number kPrime = bytes(kP), kOrder = bytes(kN);
const Affine kGenerator = {number("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
                           number("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")};

std::unique_ptr<Reference> make_textbook() { return std::make_unique<Textbook>(); }

Number reduce_n(const Number& a) { return bytes(integer(a) % kN); }
Number negate_n(const Number& a) { return bytes((kN - integer(a)) % kN); }
Affine negate(const Affine& p) { return {p.x, bytes(kP - integer(p.y))}; }
Affine point_with_x_above_p(unsigned i) {
  return nth(i, [](const Int& x) -> std::optional<Affine> {
    const auto y = square_root(cube(x) + 7);
    return y ? std::optional(Affine{bytes(x + kP), bytes(*y)}) : std::nullopt;
  });
}
Affine point_with_y_above_p(unsigned i) {
  return nth(i, [](const Int& y) -> std::optional<Affine> {
    const auto x = cube_root(modulo(y * y - 7, kP));
    return x ? std::optional(Affine{bytes(*x), bytes(y + kP)}) : std::nullopt;
  });
}
Affine twist_point(const Number& x) {
  for (Int candidate = integer(x) % kP;; ++candidate)
    if (const auto y = square_root(modulo(cube(candidate) - 7, kP))) return {bytes(candidate), bytes(*y)};
}

}  // namespace touchstone::rtl_tools
