// Growing ridges: iterated local Gabor filtering from scattered spots, at half the master's resolution, where a filter costs
// a sixteenth.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "prints/finger.h"
#include "prints/ridge_map.h"

namespace touchstone::prints {

/// The grown ridges at 250 dpi. Cell (i, j) lies at (2 i + 0.5, 2 j + 0.5) of the master.
struct RidgeWave {
  static constexpr int kWidth = Finger::kWidth_px / 2;
  static constexpr int kHeight = Finger::kHeight_px / 2;
  std::vector<float> even;              ///< the wave: 1 = ridge, -1 = valley
  std::vector<float> odd;               ///< its quadrature along the normal (-sin, cos) of `orientation`
  std::vector<std::int16_t> filter;     ///< index of the filter used: orientation in steps of pi / kOrientations
  static constexpr int kOrientations = 64;
};

/// `spots_per_hundred`: seeds per 100 x 100 px of the master.
RidgeWave grow_ridges(SeedTree finger, const RidgeMap& ridges, double spots_per_hundred);

/// Minutiae as phase residues of the wave.
std::vector<Minutia> find_minutiae(const RidgeWave& wave);

/// Ridges of a picture through the same filters, to measure generated and real prints alike: `orientation` and `period_px` are
/// asked at points of the picture. The picture's upper left 512 x 640 px are seen.
RidgeWave filter_picture(const GreyImage& picture, const std::function<double(double, double)>& orientation,
                         const std::function<double(double, double)>& period_px);

}  // namespace touchstone::prints
