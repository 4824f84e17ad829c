#include "codes/sign_patterns.h"

#include <array>
#include <bit>
#include <cstdint>

#include "base/check.h"

namespace touchstone::codes {
namespace {

/// A natural number below 2^1040 in 16-bit limbs, lowest first: products and remainders of small factors fit 32 bits.
struct Natural {
  std::array<std::uint16_t, 65> limbs{};

  void multiply(std::uint32_t factor) {
    std::uint32_t carry = 0;
    for (std::uint16_t& limb : limbs) {
      carry += limb * factor;
      limb = static_cast<std::uint16_t>(carry);
      carry >>= 16;
    }
  }
  void divide(std::uint32_t divisor) {
    std::uint32_t remainder = 0;
    for (std::size_t i = limbs.size(); i-- > 0;) {
      const std::uint32_t value = remainder << 16 | limbs[i];
      limbs[i] = static_cast<std::uint16_t>(value / divisor);
      remainder = value % divisor;
    }
  }
  void add(const Natural& other) {
    std::uint32_t carry = 0;
    for (std::size_t i = 0; i < limbs.size(); ++i) {
      carry += std::uint32_t{limbs[i]} + other.limbs[i];
      limbs[i] = static_cast<std::uint16_t>(carry);
      carry >>= 16;
    }
  }
  /// Of a number that is not 0.
  int log2_q8() const {
    int top = static_cast<int>(limbs.size()) - 1;
    while (limbs[static_cast<std::size_t>(top)] == 0) --top;
    std::uint64_t high = 0;  // the 48 highest bits that there are
    for (int i = top; i > top - 3; --i) high = high << 16 | (i >= 0 ? limbs[static_cast<std::size_t>(i)] : 0);
    const int width = 64 - std::countl_zero(high);
    int log = 16 * (top - 2) + width - 1;
    std::uint64_t mantissa = width > 32 ? high >> (width - 32) : high << (32 - width);  // in [2^31, 2^32)
    for (int b = 0; b < 8; ++b) {  // squaring doubles the logarithm
      mantissa = mantissa * mantissa >> 31;
      const bool carry = mantissa >> 32 != 0;
      if (carry) mantissa >>= 1;
      log = 2 * log + (carry ? 1 : 0);
    }
    return log;
  }
};

}  // namespace

int log2_sign_patterns_q8(int n, int d) {
  TS_CHECK(n >= 1 && n <= 1024 && d >= 1, "hyperplanes and dimensions");
  if (d >= n) return n * 256;
  Natural binomial;
  binomial.limbs[0] = 1;
  Natural sum = binomial;
  for (int i = 1; i < d; ++i) {
    binomial.multiply(static_cast<std::uint32_t>(n - i));
    binomial.divide(static_cast<std::uint32_t>(i));
    sum.add(binomial);
  }
  return 256 + sum.log2_q8();
}

}  // namespace touchstone::codes
