// A compute load: SHA-256 (FIPS 180-4) of its own 32-byte digest, again and again. The same code runs on the host, which
// gives the value the MCU must reach.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace load {

// First 32 bits of the fractional parts of the cube roots of the first 64 primes, as cube roots in integers.
inline std::array<std::uint32_t, 64> round_constants() {
  std::array<std::uint32_t, 64> k{};
  unsigned count = 0;
  for (std::uint32_t n = 2; count < k.size(); ++n) {
    bool prime = true;
    for (std::uint32_t d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (!prime) continue;
    // Largest r with r^3 <= n * 2^96, r < 2^36: bit by bit, in 128 bits kept as 64-bit halves of r^3 / 2^32.
    std::uint64_t r = 0;
    for (int bit = 35; bit >= 0; --bit) {
      const std::uint64_t t = r | std::uint64_t{1} << bit;
      // t^3 as 32-bit limbs.
      std::array<std::uint32_t, 4> cube{1, 0, 0, 0};
      bool over = false;
      for (int f = 0; f < 3; ++f) {
        std::array<std::uint32_t, 6> product{};
        for (int half = 0; half < 2; ++half) {
          const std::uint64_t factor = half == 0 ? t & 0xFFFFFFFF : t >> 32;
          std::uint64_t carry = 0;
          for (int i = 0; i < 4; ++i) {
            carry += factor * cube[i] + product[i + half];
            product[i + half] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
          }
          product[4 + half] += static_cast<std::uint32_t>(carry);
        }
        over = over || product[4] != 0 || product[5] != 0;
        for (int i = 0; i < 4; ++i) cube[i] = product[i];
      }
      const bool fits = !over && (cube[3] < n || (cube[3] == n && (cube[2] | cube[1] | cube[0]) == 0));
      if (fits) r = t;
    }
    k[count++] = static_cast<std::uint32_t>(r);
  }
  return k;
}

inline void compress(std::array<std::uint32_t, 8>& state, const std::array<std::uint32_t, 16>& block, const std::array<std::uint32_t, 64>& k) {
  std::array<std::uint32_t, 64> w;
  for (int i = 0; i < 16; ++i) w[i] = block[i];
  for (int i = 16; i < 64; ++i) {
    const std::uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) + (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (int i = 0; i < 64; ++i) {
    const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    const std::uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const std::uint32_t s[] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; ++i) state[i] += s[i];
}

/// First word of the digest after `rounds` hashes, beginning with 32 zero bytes.
inline std::uint32_t sha256_chain(std::uint32_t rounds) {
  static constexpr std::array<std::uint32_t, 8> kStart{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const std::array<std::uint32_t, 64> k = round_constants();
  std::array<std::uint32_t, 8> digest{};
  for (std::uint32_t i = 0; i < rounds; ++i) {
    std::array<std::uint32_t, 16> block{};
    for (int j = 0; j < 8; ++j) block[j] = digest[j];
    block[8] = 0x80000000;
    block[15] = 256;
    digest = kStart;
    compress(digest, block, k);
  }
  return digest[0];
}

}  // namespace load
