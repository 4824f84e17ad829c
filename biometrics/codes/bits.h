// Bits of code words in 32-bit words, bit i of a code word at bit i % 32 of word i / 32. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace touchstone::codes {

/// Counts and places are int here; this makes them sizes and indices.
constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

using Words = std::span<const std::uint32_t>;
using MutableWords = std::span<std::uint32_t>;

constexpr int words_for(int bits) { return (bits + 31) / 32; }
constexpr bool bit(Words words, int i) { return (words[at(i / 32)] >> (i % 32) & 1) != 0; }
constexpr void flip(MutableWords words, int i) { words[at(i / 32)] ^= std::uint32_t{1} << (i % 32); }
constexpr void set(MutableWords words, int i, bool value) {
  if (bit(words, i) != value) flip(words, i);
}

/// Bits 0 .. n-1 of a word, in 32-bit limbs; bits from n on are zero.
template <int n>
struct BitWord {
  std::array<std::uint32_t, at(words_for(n))> limbs{};

  constexpr bool bit(int i) const { return codes::bit(limbs, i); }
  constexpr void flip(int i) { codes::flip(limbs, i); }
  constexpr void set(int i, bool value) { codes::set(limbs, i, value); }
  constexpr BitWord& operator^=(const BitWord& other) {
    for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] ^= other.limbs[i];
    return *this;
  }
  constexpr bool operator==(const BitWord&) const = default;
};

}  // namespace touchstone::codes
