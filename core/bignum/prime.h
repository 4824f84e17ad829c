// Primes. Freestanding. The time of a search tells how many candidates failed, and nothing of the prime that is found.
#pragma once

#include <array>

#include "base/result.h"
#include "bignum/montgomery.h"
#include "bignum/random_stream.h"

namespace touchstone::bignum {

/// Bases of Miller-Rabin for a candidate drawn at random, and for one that an opponent chose (error below 4^-rounds).
inline constexpr int kRandomCandidateRounds = 8;
inline constexpr int kHostileCandidateRounds = 64;

/// True if a prime below 2^12 divides `x` (or is it).
bool has_small_factor(Limbs x);

/// Miller-Rabin (Rabin 1980) with `rounds` random bases. Odd x > 3. Constant time for a given answer: the tests are
/// done in full unless one fails. For x = 3 modulo 4 a round is one exponentiation and one comparison; for others it
/// squares on.
template <std::size_t kBits>
bool is_probable_prime(const Natural<kBits>& x, RandomStream& bases, int rounds) {
  const Modulus<kBits> ring(x);
  const auto minus_one = ring.negate(ring.one());
  Natural<kBits> odd = x;
  std::size_t twos = 0;
  odd.limbs()[0] &= ~Limb{1};  // x - 1
  while (!odd.is_odd()) {
    halve(odd, 0);
    ++twos;
  }
  for (int round = 0; round < rounds; ++round) {
    auto y = ring.power(ring.enter(bases.below(x)), odd);
    bool passed = y == ring.one();
    for (std::size_t i = 0; i < twos; ++i) {
      passed = passed || y == minus_one;
      ring.square(y, y);
    }
    if (!passed) return false;
  }
  return true;
}

/// Which numbers of the row start, start + 4, start + 8, ... no prime below 2^12 divides: remainders once, then small
/// sums.
class Sieve {
 public:
  static constexpr std::uint32_t kSteps = 2048;
  explicit Sieve(Limbs start);
  /// Of start + 4 * step; `safe`: of half of it too, rounded down.
  bool passes(std::uint32_t step, bool safe) const;

 private:
  static constexpr std::size_t kPrimes = 563;
  std::array<std::uint16_t, kPrimes> remainders_;
};

/// The next prime, 3 modulo 4, after a random number of exactly kBits bits whose two top bits are set (so that the
/// product of two is a Blum number of exactly twice the length); with `safe` (p - 1) / 2 is prime too, which takes
/// kBits / 20 times as long. kDevice: none in many rows, the stream is not random.
template <std::size_t kBits>
Result<Natural<kBits>> generate_prime(RandomStream& random, bool safe) {
  for (int row = 0; row < 4096; ++row) {
    Natural<kBits> start = random.bits<kBits>();
    start.limbs()[0] |= 3;
    start.limbs()[Natural<kBits>::kLimbs - 1] |= Limb{3} << (kLimbBits - 2);
    const Sieve sieve(start);
    for (std::uint32_t step = 0; step < Sieve::kSteps; ++step) {
      if (!sieve.passes(step, safe)) continue;
      Natural<kBits> x;
      if (add(x, start, Natural<kBits>(4 * step)) != 0) break;
      Natural<kBits> half = x;
      halve(half, 0);
      // One round on the half first: it refuses most.
      if (safe && !is_probable_prime(half, random, 1)) continue;
      if (!is_probable_prime(x, random, kRandomCandidateRounds)) continue;
      if (!safe || is_probable_prime(half, random, kRandomCandidateRounds)) return x;
    }
  }
  return Error{ErrorCode::kDevice, "no prime in 4096 rows of numbers"};
}
template <std::size_t kBits>
Result<Natural<kBits>> generate_blum_prime(RandomStream& random) {
  return generate_prime<kBits>(random, false);
}
template <std::size_t kBits>
Result<Natural<kBits>> generate_safe_prime(RandomStream& random) {
  return generate_prime<kBits>(random, true);
}

}  // namespace touchstone::bignum
