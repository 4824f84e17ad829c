// Arithmetic on rows of limbs, least significant first: what everything else here is made of. Freestanding. The time of
// a call depends on the sizes alone, unless its name ends in _vartime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace touchstone::bignum {

// The card multiplies 32 bits by 32; a 64-bit host is four times as fast with the limbs of its own width. The same
// numbers have the same bytes on both. TS_BIGNUM_NARROW gives a host the card's limbs, for tests.
#if defined(__SIZEOF_INT128__) && !defined(TS_BIGNUM_NARROW)
using Limb = std::uint64_t;
__extension__ typedef unsigned __int128 WideLimb;
#else
using Limb = std::uint32_t;
using WideLimb = std::uint64_t;
#endif
inline constexpr std::size_t kLimbBytes = sizeof(Limb);
inline constexpr std::size_t kLimbBits = 8 * kLimbBytes;
/// The longest modulus; products are twice as long.
inline constexpr std::size_t kMaxLimbs = 4096 / kLimbBits;

using Limbs = std::span<const Limb>;
using MutableLimbs = std::span<Limb>;

/// All ones for 1, zero for 0. Keeps the compiler from turning the selection that follows into a branch.
inline Limb mask_of(Limb bit) {
  Limb mask = Limb{0} - bit;
  asm("" : "+r"(mask));
  return mask;
}

/// a + b; returns the carry. Sizes equal; `out` may be either of them, here and below unless said.
Limb add(MutableLimbs out, Limbs a, Limbs b);
/// a - b; returns the borrow.
Limb subtract(MutableLimbs out, Limbs a, Limbs b);
/// out += a & mask; returns the carry.
Limb add_masked(MutableLimbs out, Limbs a, Limb mask);
/// out -= a & mask; returns the borrow.
Limb subtract_masked(MutableLimbs out, Limbs a, Limb mask);
/// out = a where the mask is ones, else out stays.
void assign_masked(MutableLimbs out, Limbs a, Limb mask);
/// Both change places where the mask is ones.
void swap_masked(MutableLimbs a, MutableLimbs b, Limb mask);

/// 0 or 1. Sizes equal.
Limb is_less(Limbs a, Limbs b);
Limb is_equal(Limbs a, Limbs b);
Limb is_zero(Limbs a);

/// out = (out + top_bit * 2^size) / 2, rounded down.
void halve(MutableLimbs out, Limb top_bit);
/// out = 2 * out + low_bit; returns the bit shifted out.
Limb twice(MutableLimbs out, Limb low_bit);

/// out[0..n) += a[0..n) * b; returns the carry.
Limb multiply_add_row(Limb* out, const Limb* a, std::size_t n, Limb b);
/// a * b; out.size() == a.size() + b.size() and is neither of them.
void multiply(MutableLimbs out, Limbs a, Limbs b);
/// a * a; out.size() == 2 * a.size().
void square(MutableLimbs out, Limbs a);

/// numerator = quotient * denominator + remainder, bit by bit. denominator > 0; quotient.size() == numerator.size(),
/// remainder.size() == denominator.size(); none overlap.
void divide(MutableLimbs quotient, MutableLimbs remainder, Limbs numerator, Limbs denominator);
/// a modulo a small number, 1 <= divisor < 2^16.
std::uint32_t remainder_small(Limbs a, std::uint32_t divisor);

/// 1/x modulo an odd m > 1; returns 1 if there is one, else 0 and `out` holds nothing of use. x < m, sizes equal and at
/// most kMaxLimbs, `out` is neither. Binary extended gcd of a fixed number of steps.
Limb invert(MutableLimbs out, Limbs x, Limbs odd_m);

/// Big-endian bytes of any length; what does not fit `out` must be zero (TS_CHECK on sizes: at most out's).
void load_bytes(MutableLimbs out, Bytes bytes);
/// Big-endian, with zeros in front; bytes.size() is exactly the row's.
void store_bytes(MutableBytes bytes, Limbs a);

}  // namespace touchstone::bignum
