// The one source of randomness: a seed and named streams. Host only; not a cryptographic generator - it stands in for
// physical noise and the world's chances, so that the same seed gives the same bytes on every machine.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace touchstone {

/// xoshiro256** 1.0 (Blackman and Vigna, 2018, public description), seeded through SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next_u64();
  /// Uniform in [0, bound); bound > 0. Unbiased (rejection).
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1) with 53 bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Approximately normal, mean 0, standard deviation 1: the sum of twelve uniforms. No libm, so equal everywhere;
  /// support is [-6, 6], enough for noise in models and not for tail statistics.
  double normal();
  void fill(MutableBytes out);

 private:
  std::uint64_t state_[4];
};

/// A node in the tree of seeds: SeedTree(7).stream("ble/jitter") is a function of the seed and the name alone,
/// whatever else was drawn before.
class SeedTree {
 public:
  explicit SeedTree(std::uint64_t seed) : seed_(seed) {}
  SeedTree child(std::string_view name) const;
  SeedTree child(std::uint64_t index) const;
  Random stream(std::string_view name) const { return Random(child(name).seed_); }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
};

}  // namespace touchstone
