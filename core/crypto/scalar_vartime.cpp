// What may take a time of its own because everything in it is public.
#include "crypto/scalar.h"

namespace touchstone::crypto {

namespace {

using Words = std::array<std::uint32_t, 8>;  // least significant first

constexpr Words kOrder = {0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff};

bool is_even(const Words& a) { return (a[0] & 1) == 0; }
bool is_one(const Words& a) {
  std::uint32_t rest = a[0] ^ 1;
  for (std::size_t i = 1; i < 8; ++i) rest |= a[i];
  return rest == 0;
}
/// a += b; the carry.
std::uint32_t add(Words& a, const Words& b) {
  std::uint64_t t = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    t += std::uint64_t{a[i]} + b[i];
    a[i] = static_cast<std::uint32_t>(t);
    t >>= 32;
  }
  return static_cast<std::uint32_t>(t);
}
/// a -= b; the borrow.
std::uint32_t subtract(Words& a, const Words& b) {
  std::uint32_t borrow = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t t = std::uint64_t{a[i]} - b[i] - borrow;
    a[i] = static_cast<std::uint32_t>(t);
    borrow = static_cast<std::uint32_t>(t >> 63);
  }
  return borrow;
}
bool is_less(const Words& a, const Words& b) {
  for (std::size_t i = 8; i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}
void halve(Words& a, std::uint32_t top_bit) {
  for (std::size_t i = 0; i < 7; ++i) a[i] = a[i] >> 1 | a[i + 1] << 31;
  a[7] = a[7] >> 1 | top_bit << 31;
}
/// Halves `value` while it is even, and `factor` with it modulo the order.
void make_odd(Words& value, Words& factor) {
  while (is_even(value)) {
    halve(value, 0);
    const std::uint32_t carry = is_even(factor) ? 0 : add(factor, kOrder);
    halve(factor, carry);
  }
}
void subtract_both(Words& value, const Words& other_value, Words& factor, const Words& other_factor) {
  subtract(value, other_value);
  if (subtract(factor, other_factor) != 0) add(factor, kOrder);
}

}  // namespace

Scalar Scalar::inverse_vartime() const {
  if (is_zero()) return {};
  const ByteArray<32> bytes = to_bytes();
  Words u, v = kOrder, of_u = {1}, of_v = {};
  for (std::size_t i = 0; i < 8; ++i) u[7 - i] = load_be32(&bytes[4 * i]);
  // u = of_u * a and v = of_v * a modulo the order; both shrink until one is 1.
  for (;;) {
    make_odd(u, of_u);
    if (is_one(u)) break;
    make_odd(v, of_v);
    if (is_one(v)) break;
    if (is_less(u, v)) subtract_both(v, u, of_v, of_u);
    else subtract_both(u, v, of_u, of_v);
  }
  const Words& out = is_one(u) ? of_u : of_v;
  ByteArray<32> result;
  for (std::size_t i = 0; i < 8; ++i) store_be32(&result[4 * i], out[7 - i]);
  return from_bytes_reduce(result);
}

}  // namespace touchstone::crypto
