#include "curve_model.h"

#include <bit>

namespace touchstone::rtl_tools {

namespace {

const Wide kFold{"0x1000003d1"};
const Wide kLow256 = (Wide(1) << 256) - 1;
const Wide kPrime = (Wide(1) << 256) - kFold;
const Wide kOrder{"0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"};
// (beta x, y) = lambda (x, y). Short vectors (a, b) with a + b lambda = 0 mod n: Gallant, Lambert, Vanstone, CRYPTO
// 2001.
const Field kBeta{Wide("0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee")};
const Wide kLambda{"0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"};
const Wide kB2{"0x3086d221a7d46bcde86c90e49284eb15"}, kMinusB1{"0xe4437ed6010e88286f547fa90abfe4c3"};

/// 2^256 = kFold modulo p.
Wide folded(const Wide& value) { return (value & kLow256) + (value >> 256) * kFold; }

Field times(unsigned small, const Field& value) { return Field(small * value.value()); }
constexpr unsigned k3b = 21;  // of y^2 = x^3 + b

unsigned ones(const Wide& value) {
  unsigned out = 0;
  for (unsigned i = 0; i < value.backend().size(); ++i)
    out += static_cast<unsigned>(std::popcount(value.backend().limbs()[i]));
  return out;
}

}  // namespace

Wide wide(const Number& n) {
  Wide out;
  boost::multiprecision::import_bits(out, n.begin(), n.end());
  return out;
}

Field::Field(const Wide& value) : value_(folded(folded(value))) {
  while (value_ >= kPrime) value_ -= kPrime;
}
Field Field::operator+(const Field& o) const { return Field(value_ + o.value_); }
Field Field::operator-(const Field& o) const { return Field(value_ + kPrime - o.value_); }
Field Field::operator*(const Field& o) const { return Field(value_ * o.value_); }

Projective infinity() { return {{}, Field(1), {}}; }
Projective projective(const Affine& p, const Field& l) { return {Field(wide(p.x)) * l, Field(wide(p.y)) * l, l}; }

Projective doubled(const Projective& p) {
  const Field yy = p.y * p.y, b3zz = times(k3b, p.z * p.z);
  const Field yy8 = times(8, yy), t = yy - times(3, b3zz);
  const Field half_x = t * (p.x * p.y);
  return {half_x + half_x, b3zz * yy8 + t * (yy + b3zz), p.y * p.z * yy8};
}

Projective sum(const Projective& p, const Projective& q) {
  const Field xx = p.x * q.x, yy = p.y * q.y, zz = p.z * q.z, b3zz = times(k3b, zz);
  const Field xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
  const Field yz = (p.y + p.z) * (q.y + q.z) - (yy + zz);
  const Field b3xz = times(k3b, (p.x + p.z) * (q.x + q.z) - (xx + zz));
  const Field xx3 = times(3, xx), high = yy + b3zz, low = yy - b3zz;
  return {xy * low - yz * b3xz, low * high + b3xz * xx3, high * yz + xx3 * xy};
}

Digits recoded(const Number& k) {
  const Wide s = wide(k);
  // Rounded down: multiples of both vectors, as many as s needs.
  const Wide c1 = (s * kB2) >> 256, c2 = (s * (kMinusB1 + 1)) >> 256;
  const Wide second = (c1 * kMinusB1 % kOrder + kOrder - c2 * kB2 % kOrder) % kOrder;
  const Wide first = (s + kOrder - second * kLambda % kOrder) % kOrder;
  Wide offset = 0;
  for (unsigned i = 0; i < kPlainWindows; ++i) offset = (offset << 4) - kLowestDigit;
  Digits out;
  for (unsigned half = 0; half < 2; ++half) {
    const Wide shifted = ((half == 0 ? first : second) + offset) % kOrder;
    for (unsigned i = kPlainWindows; i-- > 0;)
      out[half].push_back(static_cast<int>((shifted >> (4 * i)) & 15) + kLowestDigit);
  }
  return out;
}

Wide scalar_of(const Digits& digits) {
  Wide half[2];
  for (unsigned h = 0; h < 2; ++h)
    for (const int digit : digits[h]) half[h] = (16 * half[h] + kOrder + digit) % kOrder;
  return (half[0] + half[1] * kLambda) % kOrder;
}

WindowTable::WindowTable(const Projective& base) {
  multiples_[0] = base;
  for (std::size_t i = 1; i < multiples_.size(); ++i) multiples_[i] = sum(multiples_[i - 1], multiples_[0]);
}

Projective WindowTable::entry(int digit, unsigned half) const {
  Projective out = digit == 0 ? infinity() : multiples_[static_cast<std::size_t>(std::abs(digit) - 1)];
  if (digit < 0) out.y = Field() - out.y;
  if (half == 1) out.x = out.x * kBeta;
  return out;
}

unsigned product_toggles(const Field& a, const Field& b, int digit_bits) {
  const auto bits = static_cast<unsigned>(digit_bits);
  const Wide mask = (Wide(1) << bits) - 1;
  const auto row = [&](unsigned shift) { return Wide(a.value() * ((b.value() >> shift) & mask)); };
  Wide accumulator = 0, before = 0;
  for (unsigned shift = 256 - bits; shift > 0; shift -= bits) {
    before = accumulator;
    accumulator = folded((accumulator << bits) + row(shift));
  }
  return ones(row(bits) ^ row(0)) + ones(before ^ accumulator) + ones(b.value() & mask);
}

}  // namespace touchstone::rtl_tools
