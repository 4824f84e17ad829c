// Sizes of the protocol, named as the papers name what they count. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"

namespace touchstone::mpc::dkls {

/// Computational security, bits: also the number of base OTs and of columns of the extension.
inline constexpr std::size_t kLambda = 128;
/// SoftSpoken's k: one tree of 2^k leaves stands for k columns.
inline constexpr std::size_t kTreeDepth = 4;
inline constexpr std::size_t kLeaves = std::size_t{1} << kTreeDepth;
inline constexpr std::size_t kTrees = kLambda / kTreeDepth;
/// xi: OTs of one multiplication, |q| + 2 * 80 statistical bits.
inline constexpr std::size_t kOts = 256 + 2 * 80;
/// l + rho: two products and one element for the check.
inline constexpr std::size_t kProducts = 2;
inline constexpr std::size_t kWidth = kProducts + 1;
/// Rows of the extension: the OTs, and kLambda that mask the consistency check.
inline constexpr std::size_t kRows = kOts + kLambda;
inline constexpr std::size_t kColumnWords = kRows / 32;
inline constexpr std::size_t kColumnBytes = kRows / 8;
inline constexpr std::size_t kRowsPerPiece = 32;
inline constexpr std::size_t kPieces = kOts / kRowsPerPiece;
inline constexpr std::size_t kPieceBytes = kRowsPerPiece * kWidth * 32;
static_assert(kRows % 32 == 0 && kOts % kRowsPerPiece == 0);

/// 128 bits, one of each column; bit 0 is the lowest of word 0.
using Row = std::array<std::uint32_t, kLambda / 32>;
/// A bit of each row.
using Column = std::array<std::uint32_t, kColumnWords>;

/// All ones if `bit` is 1, zero if it is 0; the compiler cannot make a branch of it.
inline std::uint32_t mask_of(std::uint32_t bit) {
  std::uint32_t mask = 0u - bit;
  asm("" : "+r"(mask));
  return mask;
}
/// All ones if a == b, both below 2^31.
inline std::uint32_t mask_if_equal(std::uint32_t a, std::uint32_t b) { return mask_of(((a ^ b) - 1) >> 31); }

/// Secret memory that wipes itself and may be copied.
template <typename T>
struct Wiped : T {
  Wiped() : T{} {}
  Wiped(const Wiped&) = default;
  Wiped& operator=(const Wiped&) = default;
  ~Wiped() { wipe(static_cast<T*>(this), sizeof(T)); }
};
using Seed = Wiped<ByteArray<32>>;

}  // namespace touchstone::mpc::dkls
