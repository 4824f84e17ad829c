// The population's statistics, learned from generated fingers and committed as data/whitening.inc, whose first lines name command,
// seed, digest and the last revision that has the command and the simpler generator it learned from. Frozen: a reference stays as it is.
#pragma once

#include <array>
#include <cstdint>

#include "classical/descriptor.h"

namespace touchstone::classical {

struct Whitening {
  RawVector mean;                                            ///< of the raw vector where there is print
  std::array<std::array<std::int8_t, kRawDimensions>, kDimensions> weights;
  std::array<std::int32_t, kDimensions> bias;                ///< subtracted from the weighted sum
  std::array<std::int32_t, kDimensions> scale_q24;           ///< brings a component to a standard deviation of 32
  /// Share of a component's variance that is between fingers, 127 = all: how far a probe predicts the enrolled value.
  std::array<std::int8_t, kDimensions> reliability;
};

extern const Whitening kWhitening;

/// Whitened vector of a raw one.
void project(const RawVector& raw, Vector& out);

}  // namespace touchstone::classical
