// A seeded orthogonal map of whitened vectors: sign flips and Walsh-Hadamard passes (the structured rotation of Ailon and
// Chazelle 2006, here without their sampling). Spreads every component over all signs, so that each sign is worth the same, and
// makes records of one finger differ. No matrix is stored. Freestanding.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace touchstone::codes {

class Rotation {
 public:
  static constexpr int kPasses = 3;
  static constexpr int kMinLog2Dimensions = 6;
  static constexpr int kMaxLog2Dimensions = 11;

  /// The flips are expanded from the seed with HKDF; public. Each `block` (0 .. 255) of a seed is a rotation of its own.
  Rotation(const ByteArray<16>& seed, int log2_dimensions, int block = 0);

  int dimensions() const { return 1 << log2_dimensions_; }
  /// In place, length kept up to rounding; values.size() == dimensions(), |values| < 2^19. Time depends on nothing else.
  void apply(std::span<std::int32_t> values) const;

 private:
  int log2_dimensions_;
  ByteArray<kPasses*(1 << kMaxLog2Dimensions) / 8> flips_;
};

}  // namespace touchstone::codes
