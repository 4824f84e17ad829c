// Exponentiation in any of the rings here. Freestanding.
#pragma once

#include <array>

#include "bignum/limbs.h"
#include "bignum/pause.h"

namespace touchstone::bignum {

/// Windows of four bits over the powers 0..15 of a base. Every look-up touches the whole table.
template <typename Ring>
class PowerTable {
 public:
  using Element = typename Ring::Element;
  PowerTable(const Ring& ring, const Element& base) {
    table_[0] = ring.one();
    table_[1] = base;
    for (std::size_t i = 2; i < 16; i += 2) {
      ring.square(table_[i], table_[i / 2]);
      ring.multiply(table_[i + 1], table_[i], base);
    }
  }
  /// The power that the exponent's four bits from `bit` on name.
  void choose(Element& out, Limbs exponent, std::size_t bit) const {
    const Limb window = exponent[bit / kLimbBits] >> (bit % kLimbBits) & 15;
    for (std::size_t i = 0; i < 16; ++i) {
      const Limb difference = window ^ i;
      out.assign_masked(table_[i], mask_of(is_zero(Limbs(&difference, 1))));
    }
  }

 private:
  std::array<Element, 16> table_;
};

/// base^exponent. Base and exponent may be secret; time depends on the exponent's length in limbs. 18 elements on the
/// stack.
template <typename Ring>
typename Ring::Element power(const Ring& ring, const typename Ring::Element& base, Limbs exponent) {
  const PowerTable<Ring> table(ring, base);
  typename Ring::Element out = ring.one(), chosen;
  const std::size_t top = exponent.size() * kLimbBits;
  for (std::size_t bit = top; bit > 0;) {
    bit -= 4;
    for (int i = 0; i < 4 && bit + 4 < top; ++i) ring.square(out, out);
    table.choose(chosen, exponent, bit);
    ring.multiply(out, out, chosen);
    may_pause(5 * Ring::kProductCost);
  }
  return out;
}

/// a^long_exponent * b^short_exponent, with the squarings of the first only. As power; two tables.
template <typename Ring>
typename Ring::Element power_product(const Ring& ring, const typename Ring::Element& a, Limbs long_exponent,
                                     const typename Ring::Element& b, Limbs short_exponent) {
  const PowerTable<Ring> table_a(ring, a), table_b(ring, b);
  typename Ring::Element out = ring.one(), chosen;
  const std::size_t top = long_exponent.size() * kLimbBits;
  for (std::size_t bit = top; bit > 0;) {
    bit -= 4;
    for (int i = 0; i < 4 && bit + 4 < top; ++i) ring.square(out, out);
    table_a.choose(chosen, long_exponent, bit);
    ring.multiply(out, out, chosen);
    may_pause(5 * Ring::kProductCost);
    if (bit >= short_exponent.size() * kLimbBits) continue;
    table_b.choose(chosen, short_exponent, bit);
    ring.multiply(out, out, chosen);
  }
  return out;
}

}  // namespace touchstone::bignum
