#include "base/seed.h"

namespace touchstone {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t rotate_left(std::uint64_t x, int n) { return x << n | x >> (64 - n); }

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix64(seed);
}

std::uint64_t Random::next_u64() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  const std::uint64_t limit = (0 - bound) % bound;  // 2^64 mod bound: values below it would be drawn once too often
  for (;;) {
    const std::uint64_t x = next_u64();
    if (x >= limit) return x % bound;
  }
}

double Random::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal() {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum;
}

void Random::fill(MutableBytes out) {
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const std::uint64_t x = next_u64();
    for (std::size_t j = 0; j < 8 && i + j < out.size(); ++j) out[i + j] = static_cast<std::uint8_t>(x >> (8 * j));
  }
}

SeedTree SeedTree::child(std::string_view name) const {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed_;  // FNV-1a, then one SplitMix64 step to spread it
  for (char c : name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  std::uint64_t state = hash + seed_;
  return SeedTree(splitmix64(state));
}

SeedTree SeedTree::child(std::uint64_t index) const {
  std::uint64_t state = seed_ ^ (index * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL);
  return SeedTree(splitmix64(state));
}

}  // namespace touchstone
