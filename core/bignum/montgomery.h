// Residues modulo an odd m and modulo its square, in Montgomery's form (Montgomery 1985). Freestanding, constant time.
#pragma once

#include "base/check.h"
#include "base/declassify.h"
#include "bignum/natural.h"
#include "bignum/power.h"

namespace touchstone::bignum {

/// What reduction needs of a modulus of n limbs.
struct MontgomeryView {
  const Limb* m;
  std::size_t n;
  Limb negative_inverse;  ///< -1/m modulo 2^kLimbBits
};

/// Row functions behind the classes below; R = 2^(n * kLimbBits).
namespace montgomery {
/// wide, of 2n limbs and `overflow` above them, becomes (wide + q*m) / R in its upper half; returns what is above that.
/// With a `quotient` of n limbs q is stored.
Limb reduce(Limb* wide, Limb overflow, Limb* quotient, const MontgomeryView& view);
/// (top * R + x) - m if that is not negative, else unchanged; returns 1 if it was subtracted. top is updated.
Limb subtract_if_fits(Limb* x, Limb& top, const MontgomeryView& view);
void multiply(Limb* out, const Limb* a, const Limb* b, const MontgomeryView& view);
void square(Limb* out, const Limb* a, const MontgomeryView& view);
/// Modulo m*m with R = 2^(n * kLimbBits): operands are pairs (low, high) that stand for low + high * m, 2n limbs in a
/// row.
void multiply_pairs(Limb* out, const Limb* a, const Limb* b, const MontgomeryView& view);
void square_pair(Limb* out, const Limb* a, const MontgomeryView& view);
Limb negative_inverse(Limb odd);
/// R^2 from R, the ring's one, of `bits` bits: doubling so often as bits have an odd factor and squaring then gives it
/// sooner than doubling goes on.
template <typename Ring>
typename Ring::Element r_squared(const Ring& ring, std::size_t bits) {
  typename Ring::Element x = ring.one();
  std::size_t doublings = bits, squarings = 0;
  while (doublings % 2 == 0) doublings /= 2, ++squarings;
  for (std::size_t i = 0; i < doublings; ++i) x = ring.add(x, x);
  for (std::size_t i = 0; i < squarings; ++i) ring.square(x, x);
  return x;
}
}  // namespace montgomery

/// A residue, in a form that only its ring knows. Zero by default.
template <typename Ring, std::size_t kBits>
class Residue {
 public:
  void assign_masked(const Residue& other, Limb mask) { bignum::assign_masked(value_, other.value_, mask); }
  bool operator==(const Residue& other) const { return value_ == other.value_; }

 private:
  friend Ring;
  Natural<kBits> value_;
};

/// Integers modulo an odd m > 1 of at most kBits bits.
template <std::size_t kBits>
class Modulus {
 public:
  using Number = Natural<kBits>;
  static constexpr std::size_t kLimbs = Number::kLimbs;

  using Element = Residue<Modulus, kBits>;  ///< Montgomery's form
  /// Of a product or square, in products of 32-bit limbs, roughly.
  static constexpr std::uint32_t kProductCost = 3 * (kBits / 32) * (kBits / 32) / 2;

  /// TS_CHECK: m is odd and above 1.
  explicit Modulus(const Number& m) : m_(m) {
    TS_CHECK(m.is_odd() && !(m == Number(1)), "the modulus must be odd and above 1");
    negative_inverse_ = montgomery::negative_inverse(m.limbs()[0]);
    one_.value_ = Number(1);
    for (std::size_t i = 0; i < kBits; ++i) {
      Limb top = twice(one_.value_, 0);
      montgomery::subtract_if_fits(one_.value_.limbs().data(), top, view());
    }
    r_squared_ = montgomery::r_squared(*this, kBits).value_;
  }

  const Number& number() const { return m_; }
  const Element& one() const { return one_; }
  /// x modulo m; any x.
  Element enter(const Number& x) const {
    Element out;
    montgomery::multiply(out.value_.limbs().data(), x.limbs().data(), r_squared_.limbs().data(), view());
    return out;
  }
  /// A number of twice the size modulo m.
  Element enter_wide(const Natural<2 * kBits>& x) const {
    Number high;
    for (std::size_t i = 0; i < kLimbs; ++i) high.limbs()[i] = x.limbs()[kLimbs + i];
    return add(enter(Number::resized(x)), enter(leave_shifted(high)));
  }
  Number leave(const Element& x) const {
    Number one(1), out;
    montgomery::multiply(out.limbs().data(), x.value_.limbs().data(), one.limbs().data(), view());
    return out;
  }

  void multiply(Element& out, const Element& a, const Element& b) const {
    montgomery::multiply(out.value_.limbs().data(), a.value_.limbs().data(), b.value_.limbs().data(), view());
  }
  void square(Element& out, const Element& a) const {
    montgomery::square(out.value_.limbs().data(), a.value_.limbs().data(), view());
  }
  Element multiply(const Element& a, const Element& b) const {
    Element out;
    multiply(out, a, b);
    return out;
  }
  Element add(const Element& a, const Element& b) const {
    Element out;
    Limb top = bignum::add(out.value_, a.value_, b.value_);
    montgomery::subtract_if_fits(out.value_.limbs().data(), top, view());
    return out;
  }
  Element subtract(const Element& a, const Element& b) const {
    Element out;
    const Limb borrow = bignum::subtract(out.value_, a.value_, b.value_);
    add_masked(out.value_, m_, mask_of(borrow));
    return out;
  }
  Element negate(const Element& a) const { return subtract(Element(), a); }
  Element power(const Element& base, Limbs exponent) const { return bignum::power(*this, base, exponent); }

  MontgomeryView view() const { return {m_.limbs().data(), kLimbs, negative_inverse_}; }

 private:
  /// x * R modulo m, as a plain number: Montgomery's form itself.
  Number leave_shifted(const Number& x) const { return enter(x).value_; }

  Number m_, r_squared_;
  Element one_;
  Limb negative_inverse_ = 0;
};

/// Integers modulo m^2 for an odd m of exactly kBits bits, written in base m: low + high * m. A product takes three
/// products and two reductions of half the length, less than Montgomery's at full length, and every table and temporary
/// is shorter: with (low_a * low_b + q * m) / R = t, the product over R is t + m * ((low_a * high_b + high_a * low_b -
/// q) / R).
template <std::size_t kBits>
class SquareModulus {
 public:
  using Number = Natural<kBits>;
  static constexpr std::size_t kLimbs = Number::kLimbs;

  /// low + high * m, both below m.
  struct Pair {
    Number low, high;
  };
  using Element = Residue<SquareModulus, 2 * kBits>;  ///< low, then high; Montgomery's form with R = 2^kBits
  static constexpr std::uint32_t kProductCost = 7 * (kBits / 32) * (kBits / 32) / 2;  ///< as above

  /// TS_CHECK: m is odd and has its top bit.
  explicit SquareModulus(const Number& m) : base_(m) {
    TS_CHECK(m.bit(kBits - 1), "the modulus must have its full length");
    // R = (R - m) + 1 * m.
    one_ = join({negated(m), Number(1)});
    r_squared_ = montgomery::r_squared(*this, kBits);
  }

  const Modulus<kBits>& base() const { return base_; }
  const Number& number() const { return base_.number(); }
  const Element& one() const { return one_; }
  /// TS_CHECK: both below m.
  Element enter(const Pair& x) const {
    TS_CHECK(declassify(x.low < number()) && declassify(x.high < number()), "digits are below their base");
    return multiply(join(x), r_squared_);
  }
  Pair leave(const Element& x) const {
    const Element out = multiply(x, join({Number(1), Number()}));
    return {half(out, 0), half(out, kLimbs)};
  }
  /// x < 2^kBits, as a pair.
  Pair split(const Number& x) const {
    Pair out{x, Number()};
    Limb top = 0;
    out.high.limbs()[0] = montgomery::subtract_if_fits(out.low.limbs().data(), top, base_.view());
    return out;
  }

  void multiply(Element& out, const Element& a, const Element& b) const {
    montgomery::multiply_pairs(out.value_.limbs().data(), a.value_.limbs().data(), b.value_.limbs().data(),
                               base_.view());
  }
  void square(Element& out, const Element& a) const {
    montgomery::square_pair(out.value_.limbs().data(), a.value_.limbs().data(), base_.view());
  }
  Element multiply(const Element& a, const Element& b) const {
    Element out;
    multiply(out, a, b);
    return out;
  }
  Element add(const Element& a, const Element& b) const {
    Pair x{half(a, 0), half(a, kLimbs)};
    Limb top = bignum::add(x.low, x.low, half(b, 0));
    const Limb carry = montgomery::subtract_if_fits(x.low.limbs().data(), top, base_.view());
    top = bignum::add(x.high, x.high, half(b, kLimbs));
    Number one;
    one.limbs()[0] = carry;
    top += bignum::add(x.high, x.high, one);
    montgomery::subtract_if_fits(x.high.limbs().data(), top, base_.view());
    return join(x);
  }
  Element power(const Element& base, Limbs exponent) const { return bignum::power(*this, base, exponent); }

 private:
  static Number negated(const Number& m) {
    Number out;
    subtract(out, out, m);
    return out;
  }
  static Number half(const Element& x, std::size_t from) {
    Number out;
    for (std::size_t i = 0; i < kLimbs; ++i) out.limbs()[i] = x.value_.limbs()[from + i];
    return out;
  }
  static Element join(const Pair& x) {
    Element out;
    for (std::size_t i = 0; i < kLimbs; ++i) {
      out.value_.limbs()[i] = x.low.limbs()[i];
      out.value_.limbs()[kLimbs + i] = x.high.limbs()[i];
    }
    return out;
  }

  Modulus<kBits> base_;
  Element one_, r_squared_;
};

}  // namespace touchstone::bignum
