// The multiplier's row as a tree of full adders against schoolbook multiplication. That the other form is right, every operation shows.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "VSecpRowTree32.h"
#include "VSecpRowTree64.h"
#include "base/seed.h"

namespace touchstone::rtl {
namespace {

template <std::size_t kDigitWords>
std::array<std::uint32_t, 8 + kDigitWords> schoolbook(const std::array<std::uint32_t, 8>& a, const std::array<std::uint32_t, kDigitWords>& digit) {
  std::array<std::uint32_t, 8 + kDigitWords> out{};
  for (std::size_t j = 0; j < kDigitWords; ++j) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      carry += std::uint64_t{a[i]} * digit[j] + out[i + j];
      out[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    out[8 + j] = static_cast<std::uint32_t>(carry);
  }
  return out;
}

/// Words of nothing, everything, and anything in between.
std::uint32_t word(Random& random) {
  const std::uint64_t draw = random.next_u64();
  switch (draw >> 62) {
    case 0: return 0;
    case 1: return ~0u;
    default: return static_cast<std::uint32_t>(draw);
  }
}

template <typename Row, std::size_t kDigitWords>
void agrees() {
  Row row;
  Random random = SeedTree(1).stream("row");
  for (int i = 0; i < 5000; ++i) {
    std::array<std::uint32_t, 8> a;
    std::array<std::uint32_t, kDigitWords> digit;
    for (std::uint32_t& w : a) w = i == 0 ? ~0u : word(random);
    for (std::uint32_t& w : digit) w = i == 0 ? ~0u : word(random);
    for (std::size_t w = 0; w < 8; ++w) row.a_i[w] = a[w];
    row.digit_i = digit[0];
    if constexpr (kDigitWords == 2) row.digit_i |= std::uint64_t{digit[1]} << 32;
    row.eval();
    const auto expected = schoolbook(a, digit);
    for (std::size_t w = 0; w < expected.size(); ++w) ASSERT_EQ(row.row_o[w], expected[w]) << "product " << i << ", word " << w;
  }
}

TEST(SecpRow, TheTreeMultiplies64Bits) { agrees<VSecpRowTree64, 2>(); }
TEST(SecpRow, TheTreeMultiplies32Bits) { agrees<VSecpRowTree32, 1>(); }

}  // namespace
}  // namespace touchstone::rtl
