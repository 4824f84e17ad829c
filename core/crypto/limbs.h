// Shared by scalar.cpp and field.cpp: 256-bit numbers modulo m = 2^256 - c for a small c. Not for users. Constant time.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"

namespace touchstone::crypto {

// The largest limb of which the machine has products: 64 bits on hosts, 32 on the card.
#if defined(__SIZEOF_INT128__)
using Limb = std::uint64_t;
__extension__ using WideLimb = unsigned __int128;
#else
using Limb = std::uint32_t;
using WideLimb = std::uint64_t;
#endif
inline constexpr std::size_t kLimbBits = 8 * sizeof(Limb);
constexpr std::size_t limbs_for(std::size_t bits) { return (bits + kLimbBits - 1) / kLimbBits; }
inline constexpr std::size_t kLimbs = limbs_for(256);
using Limbs = std::array<Limb, kLimbs>;  // least significant first

/// From words, least significant first.
template <std::size_t kWords>
constexpr std::array<Limb, limbs_for(32 * kWords)> from_words(const std::array<std::uint32_t, kWords>& words) {
  std::array<Limb, limbs_for(32 * kWords)> out{};
  for (std::size_t i = 0; i < kWords; ++i) out[32 * i / kLimbBits] |= Limb{words[i]} << (32 * i % kLimbBits);
  return out;
}

// Keeps the compiler from seeing that a mask is 0 or ~0 and turning the selection into a branch.
inline Limb mask_of(Limb bit) {
  Limb mask = Limb{0} - bit;
  asm("" : "+r"(mask));
  return mask;
}

// `a` if the bit `first` is 1, else `b`. `out` may be either, here and below.
inline void select(Limb first, const Limbs& a, const Limbs& b, Limbs& out) {
  const Limb mask = mask_of(first);
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = (a[i] & mask) | (b[i] & ~mask);
}

// a - b modulo 2^256 into `out`; returns the borrow.
inline Limb subtract(const Limbs& a, const Limbs& b, Limbs& out) {
  Limb borrow = 0;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const WideLimb t = WideLimb{a[i]} - b[i] - borrow;
    out[i] = static_cast<Limb>(t);
    borrow = static_cast<Limb>(t >> (2 * kLimbBits - 1));
  }
  return borrow;
}

// out += a * b over all of out; limbs least significant first. a*b + out must fit.
inline void multiply_add(const Limb* a, std::size_t a_limbs, const Limb* b, std::size_t b_limbs, Limb* out,
                         std::size_t out_limbs) {
  for (std::size_t i = 0; i < a_limbs; ++i) {
    WideLimb carry = 0;
    for (std::size_t j = 0; j < b_limbs && i + j < out_limbs; ++j) {
      carry += WideLimb{a[i]} * b[j] + out[i + j];
      out[i + j] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
    for (std::size_t k = i + b_limbs; k < out_limbs; ++k) {
      carry += out[k];
      out[k] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
  }
}

inline std::array<Limb, 2 * kLimbs> multiply(const Limbs& a, const Limbs& b) {
  std::array<Limb, 2 * kLimbs> out;
  for (std::size_t j = 0; j < kLimbs; ++j) out[j] = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    WideLimb carry = 0;
#pragma GCC unroll 8
    for (std::size_t j = 0; j < kLimbs; ++j) {
      carry += WideLimb{a[i]} * b[j] + out[i + j];
      out[i + j] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
    out[i + kLimbs] = static_cast<Limb>(carry);
  }
  return out;
}

/// What follows takes c, the complement of the modulus: numbers shrink modulo m because 2^256 is congruent to it, and
/// x >= m exactly if x + c reaches 2^256.
template <std::size_t kSize>
using Complement = std::array<Limb, kSize>;

// 1 if x >= m.
template <std::size_t kSize>
Limb reaches_modulus(const Limbs& x, const Complement<kSize>& c) {
  WideLimb t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += WideLimb{x[i]} + (i < kSize ? c[i] : 0);
    t >>= kLimbBits;
  }
  return static_cast<Limb>(t);
}

// x + carry * 2^256, below 2m, to the range [0, m).
template <std::size_t kSize>
void reduce_once(Limbs& x, Limb carry, const Complement<kSize>& c) {
  const Limb mask = mask_of(carry | reaches_modulus(x, c));
  WideLimb t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += WideLimb{x[i]} + (i < kSize ? c[i] & mask : 0);
    x[i] = static_cast<Limb>(t);
    t >>= kLimbBits;
  }
}

// a + b modulo m, both below it.
template <std::size_t kSize>
void add(const Limbs& a, const Limbs& b, const Complement<kSize>& c, Limbs& out) {
  WideLimb t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += WideLimb{a[i]} + b[i];
    out[i] = static_cast<Limb>(t);
    t >>= kLimbBits;
  }
  reduce_once(out, static_cast<Limb>(t), c);
}

// in = low + high * 2^256 becomes low + high * c: congruent and shorter.
template <std::size_t kOut, std::size_t kIn, std::size_t kSize>
std::array<Limb, kOut> fold(std::array<Limb, kIn>& in, const Complement<kSize>& c) {
  std::array<Limb, kOut> out{};
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = in[i];
  // The shorter one gives the rows: each is carried to the end.
  if constexpr (kIn - kLimbs < kSize) multiply_add(&in[kLimbs], kIn - kLimbs, c.data(), kSize, out.data(), kOut);
  else multiply_add(c.data(), kSize, &in[kLimbs], kIn - kLimbs, out.data(), kOut);
  wipe(in.data(), sizeof in);
  return out;
}

inline Limb load_limb(const std::uint8_t* big_endian) {
  if constexpr (sizeof(Limb) == 8) return static_cast<Limb>(load_be64(big_endian));
  return static_cast<Limb>(load_be32(big_endian));
}

inline Limbs load_limbs(const std::uint8_t* bytes32) {
  Limbs limbs;
  for (std::size_t i = 0; i < kLimbs; ++i) limbs[kLimbs - 1 - i] = load_limb(bytes32 + sizeof(Limb) * i);
  return limbs;
}

inline void store_limbs(const Limbs& limbs, std::uint8_t* bytes32) {
  for (std::size_t i = 0; i < kLimbs; ++i) {
    if constexpr (sizeof(Limb) == 8) store_be64(bytes32 + 8 * i, limbs[kLimbs - 1 - i]);
    else store_be32(bytes32 + 4 * i, static_cast<std::uint32_t>(limbs[kLimbs - 1 - i]));
  }
}

}  // namespace touchstone::crypto
