#include "bignum/montgomery.h"

#include <algorithm>
#include <array>

namespace touchstone::bignum::montgomery {
namespace {

// Scratch of one product. Not wiped at every product: what is left is a product of two blinded or wiped values' forms,
// and the next call overwrites it; the classes' elements are wiped.
using Wide = std::array<Limb, 2 * kMaxLimbs>;

MutableLimbs row(Limb* x, std::size_t n) { return {x, n}; }
Limbs row(const Limb* x, std::size_t n) { return {x, n}; }

// The upper half of a pair's product: wide holds the cross products, `overflow` what is above, q the first reduction's
// quotient, `carry` (0 or 1) what the lower half gave. Below 2m^2 + 2m in all, so the result is below 3m.
void finish_high(Limb* out, Limb* wide, Limb overflow, const Limb* q, Limb carry, const MontgomeryView& view) {
  const std::size_t n = view.n;
  // + 2m - q, which is not negative because m has its top bit. The row's carry is -1 to 3: shifted by one it is not
  // negative.
  Limb above = 1;
  Limb doubled = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const WideLimb t = WideLimb{wide[i]} + (view.m[i] << 1 | doubled) + above + (WideLimb{1} << kLimbBits) - q[i] - 1;
    doubled = view.m[i] >> (kLimbBits - 1);
    wide[i] = static_cast<Limb>(t);
    above = static_cast<Limb>(t >> kLimbBits);
  }
  above += doubled;
  for (std::size_t i = n; i < 2 * n; ++i) {
    const WideLimb t = WideLimb{wide[i]} + above + (WideLimb{1} << kLimbBits) - 1;
    wide[i] = static_cast<Limb>(t);
    above = static_cast<Limb>(t >> kLimbBits);
  }
  above -= 1;
  overflow += above;
  Limb top = reduce(wide, overflow, nullptr, view);
  for (std::size_t i = 0; i < n; ++i) {
    const WideLimb t = WideLimb{wide[n + i]} + carry;
    out[i] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
  }
  top += carry;
  subtract_if_fits(out, top, view);
  subtract_if_fits(out, top, view);
}

}  // namespace

Limb negative_inverse(Limb odd) {
  Limb inverse = odd;  // right modulo 8; every step doubles the bits
  for (int i = 0; i < 5; ++i) inverse *= 2 - odd * inverse;
  return Limb{0} - inverse;
}

Limb reduce(Limb* wide, Limb overflow, Limb* quotient, const MontgomeryView& view) {
  Limb carry = 0;
  for (std::size_t i = 0; i < view.n; ++i) {
    const Limb q = wide[i] * view.negative_inverse;
    if (quotient != nullptr) quotient[i] = q;
    const Limb high = multiply_add_row(wide + i, view.m, view.n, q);
    const WideLimb t = WideLimb{wide[i + view.n]} + high + carry;
    wide[i + view.n] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
  }
  return overflow + carry;
}

Limb subtract_if_fits(Limb* x, Limb& top, const MontgomeryView& view) {
  const Limb none = 0;
  const Limb fits =
      (is_less(row(x, view.n), row(view.m, view.n)) ^ 1) | (is_equal(Limbs(&top, 1), Limbs(&none, 1)) ^ 1);
  top -= subtract_masked(row(x, view.n), row(view.m, view.n), mask_of(fits));
  return fits;
}

void multiply(Limb* out, const Limb* a, const Limb* b, const MontgomeryView& view) {
  Wide wide;
  bignum::multiply(row(wide.data(), 2 * view.n), row(a, view.n), row(b, view.n));
  Limb top = reduce(wide.data(), 0, nullptr, view);
  std::copy_n(wide.data() + view.n, view.n, out);
  subtract_if_fits(out, top, view);
}

void square(Limb* out, const Limb* a, const MontgomeryView& view) {
  Wide wide;
  bignum::square(row(wide.data(), 2 * view.n), row(a, view.n));
  Limb top = reduce(wide.data(), 0, nullptr, view);
  std::copy_n(wide.data() + view.n, view.n, out);
  subtract_if_fits(out, top, view);
}

void multiply_pairs(Limb* out, const Limb* a, const Limb* b, const MontgomeryView& view) {
  const std::size_t n = view.n;
  Wide low, cross;
  std::array<Limb, kMaxLimbs> q;
  // The cross products first: `out` may be a or b.
  bignum::multiply(row(cross.data(), 2 * n), row(a, n), row(b + n, n));
  bignum::multiply(row(low.data(), 2 * n), row(a + n, n), row(b, n));
  const Limb overflow = add(row(cross.data(), 2 * n), row(cross.data(), 2 * n), row(low.data(), 2 * n));
  bignum::multiply(row(low.data(), 2 * n), row(a, n), row(b, n));
  Limb top = reduce(low.data(), 0, q.data(), view);
  std::copy_n(low.data() + n, n, out);
  const Limb carry = subtract_if_fits(out, top, view);
  finish_high(out + n, cross.data(), overflow, q.data(), carry, view);
}

void square_pair(Limb* out, const Limb* a, const MontgomeryView& view) {
  const std::size_t n = view.n;
  Wide low, cross;
  std::array<Limb, kMaxLimbs> q;
  bignum::multiply(row(cross.data(), 2 * n), row(a, n), row(a + n, n));
  const Limb overflow = twice(row(cross.data(), 2 * n), 0);
  bignum::square(row(low.data(), 2 * n), row(a, n));
  Limb top = reduce(low.data(), 0, q.data(), view);
  std::copy_n(low.data() + n, n, out);
  const Limb carry = subtract_if_fits(out, top, view);
  finish_high(out + n, cross.data(), overflow, q.data(), carry, view);
}

}  // namespace touchstone::bignum::montgomery
