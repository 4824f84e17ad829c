// The pair of filters that turns ridges into a phase: an even (cosine) and an odd (sine) Gabor filter across the ridge, in
// quadrature, on a grid of half resolution (two pixels at 500 dpi a sample). Freestanding; made by the compiler.
#pragma once

#include <array>
#include <cstdint>

namespace touchstone::biometrics {

inline constexpr int kFilterRadius = 5;                              ///< samples
inline constexpr int kFilterSide = 2 * kFilterRadius + 1;
inline constexpr int kFilterPairs = (kFilterSide * kFilterSide - 1) / 2;  ///< points that have a mirror point
inline constexpr int kFilterOrientations = 32;                       ///< of the ridge, steps of pi / 32
inline constexpr int kFilterPeriods = 5;
/// Ridge periods, samples: 6.2 to 11.4 px at 500 dpi.
inline constexpr std::array<double, kFilterPeriods> kFilterPeriod = {3.1, 3.6, 4.2, 4.9, 5.7};

/// Taps of the first half of the square in reading order. The mirror point has the same even and the opposite odd tap. Odd
/// filters all have the same energy, so that responses of different periods can be compared.
struct RidgeFilter {
  std::array<std::int8_t, kFilterPairs> even;
  std::array<std::int8_t, kFilterPairs> odd;
  std::int16_t even_centre;  ///< makes the sum of all even taps 0
};

/// [period][orientation]
extern const std::array<std::array<RidgeFilter, kFilterOrientations>, kFilterPeriods> kRidgeFilters;

}  // namespace touchstone::biometrics
