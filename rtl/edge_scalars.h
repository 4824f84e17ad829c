// Scalars that reach every corner of the accelerator, for tests and measurements.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace touchstone::rtl {

/// Big-endian: 0, 1, 2, 3, around the order n of secp256k1 and its half, 2^256 - 1, lambda and its negative, single bits, runs of ones.
/// Some are n or above: no scalars, to be refused.
inline std::vector<ByteArray<32>> edge_scalars() {
  const auto words = [](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    ByteArray<32> out{};
    for (int i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>((i < 8 ? a : i < 16 ? b : i < 24 ? c : d) >> (56 - 8 * (i % 8)));
    return out;
  };
  constexpr std::uint64_t kOnes = ~std::uint64_t{0}, kN1 = 0xFFFFFFFF'FFFFFFFE, kN2 = 0xBAAEDCE6'AF48A03B, kN3 = 0xBFD25E8C'D0364141;
  constexpr std::uint64_t kHalf0 = 0x7FFFFFFF'FFFFFFFF, kHalf2 = 0x5D576E73'57A4501D, kHalf3 = 0xDFE92F46'681B20A0;  // (n - 1) / 2
  std::vector<ByteArray<32>> out;
  for (std::uint64_t small = 0; small < 4; ++small) out.push_back(words(0, 0, 0, small));
  for (int from_n = -2; from_n <= 1; ++from_n) out.push_back(words(kOnes, kN1, kN2, kN3 + static_cast<std::uint64_t>(from_n)));
  out.push_back(words(kOnes, kOnes, kOnes, kOnes));
  for (std::uint64_t above = 0; above < 2; ++above) out.push_back(words(kHalf0, kOnes, kHalf2, kHalf3 + above));
  out.push_back(words(0x5363AD4C'C05C30E0, 0xA5261C02'8812645A, 0x122E22EA'20816678, 0xDF02967C'1B23BD72));  // lambda
  out.push_back(words(0xAC9C52B3'3FA3CF1F, 0x5AD9E3FD'77ED9BA4, 0xA880B9FC'8EC739C2, 0xE0CFC810'B51283CF));  // n - lambda
  for (std::size_t bit = 0; bit < 256; bit += 15) {
    ByteArray<32> sparse{}, dense{};
    sparse[31 - bit / 8] = static_cast<std::uint8_t>(1u << (bit % 8));
    std::fill(dense.begin() + static_cast<std::ptrdiff_t>(31 - bit / 8), dense.end(), std::uint8_t{0xFF});
    dense[0] &= 0x7F;
    out.push_back(sparse);
    out.push_back(dense);
  }
  return out;
}

}  // namespace touchstone::rtl
