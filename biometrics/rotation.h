// A seeded orthogonal map of whitened vectors: sign flips and Walsh-Hadamard passes. Spreads every component over all
// signs, so that each sign is worth the same, and makes records of one finger differ. Freestanding.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "biometrics/feature.h"

namespace touchstone::biometrics {

class Rotation {
 public:
  static constexpr int kPasses = 3;

  /// The flips are expanded from the seed with HKDF; public.
  explicit Rotation(const ByteArray<16>& seed);

  /// In place, length kept up to rounding; |values| < 2^24.
  void apply(std::array<std::int32_t, kDimensions>& values) const;

 private:
  std::array<std::uint64_t, kPasses> flips_{};
};
static_assert(kDimensions == 64, "one flip a dimension in 64-bit words");

}  // namespace touchstone::biometrics
