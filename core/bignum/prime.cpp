#include "bignum/prime.h"

namespace touchstone::bignum {
namespace {

constexpr std::size_t kSmallPrimes = 563;  // the odd ones below 2^12

consteval std::array<std::uint16_t, kSmallPrimes> small_primes() {
  std::array<std::uint16_t, kSmallPrimes> out{};
  std::size_t count = 0;
  for (std::uint16_t x = 3; x < 4096; x = static_cast<std::uint16_t>(x + 2)) {
    bool prime = true;
    for (std::uint16_t d = 3; d * d <= x; d = static_cast<std::uint16_t>(d + 2)) prime = prime && x % d != 0;
    if (prime) out.at(count++) = x;
  }
  TS_CHECK(count == kSmallPrimes, "number of primes below 4096");  // a compile error here
  return out;
}
constexpr std::array<std::uint16_t, kSmallPrimes> kPrimes = small_primes();

}  // namespace

bool has_small_factor(Limbs x) {
  if ((x[0] & 1) == 0) return true;
  for (const std::uint16_t prime : kPrimes)
    if (remainder_small(x, prime) == 0) return true;
  return false;
}

Sieve::Sieve(Limbs start) {
  static_assert(kPrimes == kSmallPrimes);
  for (std::size_t i = 0; i < kPrimes; ++i)
    remainders_[i] = static_cast<std::uint16_t>(remainder_small(start, bignum::kPrimes[i]));
}

bool Sieve::passes(std::uint32_t step, bool safe) const {
  for (std::size_t i = 0; i < kPrimes; ++i) {
    const std::uint32_t remainder = (remainders_[i] + 4 * step) % bignum::kPrimes[i];
    // A prime divides (x - 1) / 2 if x leaves 1.
    if (remainder == 0 || (safe && remainder == 1)) return false;
  }
  return true;
}

}  // namespace touchstone::bignum
