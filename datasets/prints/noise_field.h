// Smooth random fields: values drawn on a coarse grid, cubic-smoothed bilinear interpolation between.
#pragma once

#include <cstddef>
#include <vector>

#include "base/seed.h"

namespace touchstone::prints {

class NoiseField {
 public:
  /// Covers [0, width) x [0, height) px with one independent value in [-1, 1] every `cell_px`.
  NoiseField(Random random, int width_px, int height_px, double cell_px)
      : cell_px_(cell_px),
        columns_(static_cast<int>(width_px / cell_px) + 2),
        rows_(static_cast<int>(height_px / cell_px) + 2) {
    values_.resize(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_));
    for (float& v : values_) v = static_cast<float>(random.uniform(-1.0, 1.0));
  }

  double at(double x, double y) const {
    double fx = x / cell_px_;
    double fy = y / cell_px_;
    fx = fx < 0 ? 0 : fx > columns_ - 1.001 ? columns_ - 1.001 : fx;
    fy = fy < 0 ? 0 : fy > rows_ - 1.001 ? rows_ - 1.001 : fy;
    const int ix = static_cast<int>(fx);
    const int iy = static_cast<int>(fy);
    const double tx = ease(fx - ix);
    const double ty = ease(fy - iy);
    const float* p = &values_[static_cast<std::size_t>(iy * columns_ + ix)];
    const double top = p[0] + (p[1] - p[0]) * tx;
    const double bottom = p[columns_] + (p[columns_ + 1] - p[columns_]) * tx;
    return top + (bottom - top) * ty;
  }

 private:
  static double ease(double t) { return t * t * (3 - 2 * t); }

  double cell_px_;
  int columns_;
  int rows_;
  std::vector<float> values_;
};

}  // namespace touchstone::prints
