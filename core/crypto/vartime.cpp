#include "crypto/vartime.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace touchstone::crypto {

namespace {

// The loops are unrolled by hint: on the card they are half of what is done here.

bool equals(const Limbs& a, Limb small) {
  if (a[0] != small) return false;
  return std::all_of(a.begin() + 1, a.end(), [](Limb limb) { return limb == 0; });
}
/// a += b; nothing is carried out.
void add(Limbs& a, const Limbs& b) {
  WideLimb t = 0;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += WideLimb{a[i]} + b[i];
    a[i] = static_cast<Limb>(t);
    t >>= kLimbBits;
  }
}
bool is_less(const Limbs& a, const Limbs& b) {
  for (std::size_t i = kLimbs; i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}
/// Both by 0 to kLimbBits - 1 bits.
void shift_right(Limbs& a, int bits) {
  if (bits == 0) return;
  const int rest = static_cast<int>(kLimbBits) - bits;
#pragma GCC unroll 8
  for (std::size_t i = 0; i + 1 < kLimbs; ++i) a[i] = a[i] >> bits | a[i + 1] << rest;
  a[kLimbs - 1] >>= bits;
}
void shift_left(Limbs& a, int bits) {
  if (bits == 0) return;
  const int rest = static_cast<int>(kLimbBits) - bits;
#pragma GCC unroll 8
  for (std::size_t i = kLimbs - 1; i > 0; --i) a[i] = a[i] << bits | a[i - 1] >> rest;
  a[0] <<= bits;
}
/// Takes all factors 2 out of `value`, which is not 0, and into `other`; how many.
int move_twos(Limbs& value, Limbs& other) {
  int moved = 0;
  while (value[0] == 0) {
    for (std::size_t i = 0; i + 1 < kLimbs; ++i) value[i] = value[i + 1];
    value[kLimbs - 1] = 0;
    for (std::size_t i = kLimbs - 1; i > 0; --i) other[i] = other[i - 1];
    other[0] = 0;
    moved += static_cast<int>(kLimbBits);
  }
  const int zeros = std::countr_zero(value[0]);
  shift_right(value, zeros);
  shift_left(other, zeros);
  return moved + zeros;
}
/// x / 2^bits modulo m; x < m stays below it.
void divide_by_power_of_two(Limbs& x, int bits, const Limbs& m) {
  Limb inverse = m[0];  // right modulo 8; every step doubles the bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - m[0] * inverse;
  while (bits > 0) {
    const int now = std::min(bits, static_cast<int>(kLimbBits) - 1);
    const Limb q = (Limb{0} - x[0] * inverse) & ((Limb{1} << now) - 1);
    WideLimb t = 0;  // x + q * m, whose lowest bits are 0
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kLimbs; ++i) {
      t += WideLimb{q} * m[i] + x[i];
      x[i] = static_cast<Limb>(t);
      t >>= kLimbBits;
    }
    shift_right(x, now);
    x[kLimbs - 1] |= static_cast<Limb>(t) << (static_cast<int>(kLimbBits) - now);
    bits -= now;
  }
}

}  // namespace

Limbs inverse_vartime(const Limbs& a, const Limbs& m) {
  if (equals(a, 0)) return {};
  // -of_u * a = u * 2^power and of_v * a = v * 2^power modulo m, and u * of_v + v * of_u = m.
  Limbs u = m, v = a, of_u = {}, of_v = {1};
  int power = move_twos(v, of_u);
  while (u[0] != v[0] || u != v) {
    if (is_less(v, u)) {
      subtract(u, v, u);
      add(of_u, of_v);
      power += move_twos(u, of_v);
    } else {
      subtract(v, u, v);
      add(of_v, of_u);
      power += move_twos(v, of_u);
    }
  }
  divide_by_power_of_two(of_v, power, m);
  return of_v;
}

bool is_square_vartime(const Limbs& a, const Limbs& m) {
  if (equals(a, 0)) return true;
  Limbs u = a, v = m;  // v is odd
  Limb odd = 0;        // the lowest bit: -1 to it is the symbol
  for (;;) {
    // (2/v) is -1 for v = 3 and 5 modulo 8. A whole limb of zeros is an even number of them.
    while (u[0] == 0) {
      for (std::size_t i = 0; i + 1 < kLimbs; ++i) u[i] = u[i + 1];
      u[kLimbs - 1] = 0;
    }
    if (const int zeros = std::countr_zero(u[0]); zeros != 0) {
      shift_right(u, zeros);
      odd ^= static_cast<Limb>(zeros) & (v[0] >> 1 ^ v[0] >> 2);
    }
    if (is_less(u, v)) {
      odd ^= u[0] & v[0] >> 1 & u[0] >> 1;  // reciprocity: -1 if both are 3 modulo 4
      std::swap(u, v);
    }
    if (equals(v, 1)) return (odd & 1) == 0;
    subtract(u, v, u);
    if (equals(u, 0)) return false;  // a common factor: m is not prime
  }
}

}  // namespace touchstone::crypto
