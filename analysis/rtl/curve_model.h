// The core's scalar multiplication as an attacker who has read its sources computes it: the same formulas, so the same
// projective coordinates bit for bit, and what its multiplier toggles. Independent of the microcode; variable time, for
// public data.
#pragma once

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <vector>

#include "core.h"

namespace touchstone::rtl_tools {

using Wide = boost::multiprecision::uint512_t;
Wide wide(const Number& n);

/// An integer modulo the field prime p.
class Field {
 public:
  Field() = default;
  explicit Field(const Wide& value);  ///< any value below 2^512
  const Wide& value() const { return value_; }
  Field operator+(const Field& o) const;
  Field operator-(const Field& o) const;
  Field operator*(const Field& o) const;
  bool operator==(const Field&) const = default;

 private:
  Wide value_ = 0;
};

struct Projective {
  Field x, y, z;
};
Projective infinity();  ///< (0 : 1 : 0)
/// (x l : y l : l)
Projective projective(const Affine& p, const Field& l = Field(1));
/// Renes, Costello, Batina, ePrint 2015/1060, algorithms 9 and 7 for a = 0, b = 7: complete.
Projective doubled(const Projective& p);
Projective sum(const Projective& p, const Projective& q);

/// A window's digits.
inline constexpr int kLowestDigit = -8, kDigits = 16;
/// Windows of an unprotected half; digits from the top, of both halves. k = first + second * lambda.
inline constexpr unsigned kPlainWindows = rtl::listing::find_rom(64, 0)->windows;
using Digits = std::array<std::vector<int>, 2>;
Digits recoded(const Number& k);  ///< as the unprotected core does
Wide scalar_of(const Digits& digits);  ///< modulo the order

/// 1P .. 8P as the core's table holds them.
class WindowTable {
 public:
  explicit WindowTable(const Projective& base);
  /// digit times P, or digit * lambda times P for half 1.
  Projective entry(int digit, unsigned half) const;

 private:
  std::array<Projective, 8> multiples_;
};

/// Bits that toggle in the multiplier's registers (row, accumulator, digits of b left) in the cycle in which the last
/// digit of b is taken, b's digits being `digit_bits` wide. The most that a product gives away without knowing what ran
/// before it.
unsigned product_toggles(const Field& a, const Field& b, int digit_bits);

}  // namespace touchstone::rtl_tools
