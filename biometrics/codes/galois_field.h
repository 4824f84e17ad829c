// GF(2^m), 3 <= m <= 10, by tables of powers and logarithms. Freestanding.
#pragma once

#include <array>
#include <cstdint>

#include "codes/bits.h"

namespace touchstone::codes {

/// The tables of a field, whichever it is. Multiplication has no branch: the logarithm of 0 is one from which every sum of two
/// logarithms leads to 0.
struct FieldTables {
  int m;
  int order;  ///< 2^m - 1
  const std::uint16_t* power;  ///< 4 * order + 1 of them: alpha^i, from 2 * order on 0
  const std::uint16_t* log;    ///< order + 1 of them; log[0] = 2 * order

  constexpr std::uint16_t multiply(std::uint16_t a, std::uint16_t b) const { return power[log[a] + log[b]]; }
  /// a / b; b is not 0.
  constexpr std::uint16_t divide(std::uint16_t a, std::uint16_t b) const { return power[log[a] + order - log[b]]; }

  /// Exponents, 0 .. order - 1, times 2 and 2^count (0 <= count < m) modulo the order: m bits in a circle.
  constexpr int twice(int i) const { return (i << 1 & order) | i >> (m - 1); }
  constexpr int times_power_of_two(int i, int count) const { return (i << count & order) | i >> (m - count); }
  /// The coset of i is { i, 2i, 4i, ... }: the exponents of a power's conjugates.
  constexpr int coset_size(int i) const {
    int size = 1;
    for (int j = twice(i); j != i; j = twice(j)) ++size;
    return size;
  }
  /// Is i the smallest of its coset?
  constexpr bool leads_coset(int i) const {
    for (int j = twice(i); j != i; j = twice(j)) {
      if (j < i) return false;
    }
    return true;
  }
};

template <int m>
struct Field {
  static constexpr int kOrder = (1 << m) - 1;
  // x^m + ... : the usual primitive polynomials (Lin and Costello, table 2.7).
  static constexpr std::array<int, 11> kPrimitive = {0, 0, 0x7, 0xb, 0x13, 0x25, 0x43, 0x89, 0x11d, 0x211, 0x409};

  std::array<std::uint16_t, at(4 * kOrder + 1)> power{};
  std::array<std::uint16_t, at(kOrder + 1)> log{};

  constexpr Field() {
    int x = 1;
    for (int i = 0; i < kOrder; ++i) {
      power[at(i)] = power[at(i + kOrder)] = static_cast<std::uint16_t>(x);
      log[at(x)] = static_cast<std::uint16_t>(i);
      x <<= 1;
      if (x > kOrder) x ^= kPrimitive[m];
    }
    log[0] = 2 * kOrder;
  }
  constexpr FieldTables tables() const { return {m, kOrder, power.data(), log.data()}; }
};
template <int m>
inline constexpr Field<m> kField{};

}  // namespace touchstone::codes
