// The compression function of SHA-256 (FIPS 180-4 section 6.2.2), usable by the compiler too. Freestanding; not for
// users.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/bytes.h"
#include "base/secret.h"

namespace touchstone::crypto::sha256_detail {

using State = std::array<std::uint32_t, 8>;

// Section 5.3.3.
inline constexpr State kInitialState = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// Section 4.2.2.
inline constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::uint32_t big_sigma0(std::uint32_t x) { return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22); }
constexpr std::uint32_t big_sigma1(std::uint32_t x) { return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25); }
constexpr std::uint32_t small_sigma0(std::uint32_t x) { return std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3); }
constexpr std::uint32_t small_sigma1(std::uint32_t x) { return std::rotr(x, 17) ^ std::rotr(x, 19) ^ (x >> 10); }

// One round; the caller rotates the names of the eight variables instead of moving their values.
constexpr void round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d, std::uint32_t e,
                     std::uint32_t f, std::uint32_t g, std::uint32_t& h, std::uint32_t k_plus_w) {
  const std::uint32_t t = h + big_sigma1(e) + (g ^ (e & (f ^ g))) + k_plus_w;
  d += t;
  h = t + big_sigma0(a) + ((a & b) | (c & (a | b)));
}

// The schedule is written out and the rounds go eight a turn: neither indices modulo 16 nor moves between the
// variables, which a 32-bit core without rotations feels most.
constexpr void compress(State& state, const std::uint8_t* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be32(block + 4 * i);
  for (std::size_t i = 16; i < 64; ++i) w[i] = small_sigma1(w[i - 2]) + w[i - 7] + small_sigma0(w[i - 15]) + w[i - 16];
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t t = 0; t < 64; t += 8) {
    const std::uint32_t* k = &kRoundConstants[t];
    const std::uint32_t* x = &w[t];
    round(a, b, c, d, e, f, g, h, k[0] + x[0]);
    round(h, a, b, c, d, e, f, g, k[1] + x[1]);
    round(g, h, a, b, c, d, e, f, k[2] + x[2]);
    round(f, g, h, a, b, c, d, e, k[3] + x[3]);
    round(e, f, g, h, a, b, c, d, k[4] + x[4]);
    round(d, e, f, g, h, a, b, c, k[5] + x[5]);
    round(c, d, e, f, g, h, a, b, k[6] + x[6]);
    round(b, c, d, e, f, g, h, a, k[7] + x[7]);
  }
  const State out = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += out[i];
  if (!std::is_constant_evaluated()) wipe(w.data(), sizeof w);
}

}  // namespace touchstone::crypto::sha256_detail
