// Primes. Freestanding. The time of a search tells how many candidates failed, and nothing of the prime that is found.
#pragma once

#include "base/result.h"
#include "bignum/montgomery.h"
#include "bignum/random_stream.h"

namespace touchstone::bignum {

/// Bases of Miller-Rabin for a candidate drawn at random, and for one that an opponent chose (error below 4^-rounds).
inline constexpr int kRandomCandidateRounds = 8;
inline constexpr int kHostileCandidateRounds = 64;

/// True if a prime below 2^12 divides `x` (or is it).
bool has_small_factor(Limbs x);

/// Miller-Rabin (Rabin 1980) with `rounds` random bases. Odd x > 3. Constant time for a given answer: the tests are done in
/// full unless one fails. For x = 3 modulo 4 a round is one exponentiation and one comparison; for others it squares on.
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

/// A random prime of exactly kBits bits with its two top bits set and 3 modulo 4 (so that the product of two is a Blum number
/// of exactly twice the length). kDevice: none was found in 2^16 candidates, the stream is not random.
template <std::size_t kBits>
Result<Natural<kBits>> generate_blum_prime(RandomStream& random) {
  for (int candidate = 0; candidate < 1 << 16; ++candidate) {
    Natural<kBits> x = random.bits<kBits>();
    x.limbs()[0] |= 3;
    x.limbs()[Natural<kBits>::kLimbs - 1] |= Limb{3} << (kLimbBits - 2);
    if (!has_small_factor(x) && is_probable_prime(x, random, kRandomCandidateRounds)) return x;
  }
  return Error{ErrorCode::kDevice, "no prime among 65,536 random numbers"};
}

/// As generate_blum_prime, and (p - 1) / 2 is prime too. Takes kBits / 20 times as long.
template <std::size_t kBits>
Result<Natural<kBits>> generate_safe_prime(RandomStream& random) {
  for (int candidate = 0; candidate < 1 << 22; ++candidate) {
    Natural<kBits> x = random.bits<kBits>(), half;
    x.limbs()[0] |= 7;  // (x - 1) / 2 is odd
    x.limbs()[Natural<kBits>::kLimbs - 1] |= Limb{3} << (kLimbBits - 2);
    half = x;
    halve(half, 0);
    if (has_small_factor(x) || has_small_factor(half)) continue;
    if (is_probable_prime(half, random, 1) && is_probable_prime(x, random, kRandomCandidateRounds) &&
        is_probable_prime(half, random, kRandomCandidateRounds))
      return x;
  }
  return Error{ErrorCode::kDevice, "no safe prime among four million random numbers"};
}

}  // namespace touchstone::bignum
