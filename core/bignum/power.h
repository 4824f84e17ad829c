// Exponentiation in any of the rings here. Freestanding.
#pragma once

#include <array>

#include "bignum/limbs.h"

namespace touchstone::bignum {

/// base^exponent. Windows of four bits, and every table read touches the whole table: base and exponent may be secret; time
/// depends on the exponent's length in limbs. The table is 15 elements on the stack.
template <typename Ring>
typename Ring::Element power(const Ring& ring, const typename Ring::Element& base, Limbs exponent) {
  std::array<typename Ring::Element, 16> table;
  table[0] = ring.one();
  table[1] = base;
  for (std::size_t i = 2; i < 16; i += 2) {
    ring.square(table[i], table[i / 2]);
    ring.multiply(table[i + 1], table[i], base);
  }
  typename Ring::Element out, chosen;
  bool first = true;
  for (std::size_t bit = exponent.size() * kLimbBits; bit > 0;) {
    bit -= 4;
    const Limb window = exponent[bit / kLimbBits] >> (bit % kLimbBits) & 15;
    for (std::size_t i = 0; i < 16; ++i) {
      const Limb difference = window ^ i;
      chosen.assign_masked(table[i], mask_of(is_zero(Limbs(&difference, 1))));
    }
    if (first) {
      out = chosen;
      first = false;
      continue;
    }
    for (int i = 0; i < 4; ++i) ring.square(out, out);
    ring.multiply(out, out, chosen);
  }
  return out;
}

}  // namespace touchstone::bignum
