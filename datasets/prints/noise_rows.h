// Smooth and white noise row by row, in 4-byte floats: what NoiseField gives point by point.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "base/seed.h"

namespace touchstone::prints {

class NoiseRows {
 public:
  /// Independent values in [-1, 1] every `cell_px`, smoothly joined.
  NoiseRows(Random random, int width_px, int height_px, float cell_px) : cell_px_(cell_px) {
    columns_ = static_cast<int>(static_cast<float>(width_px) / cell_px) + 2;
    const int rows = static_cast<int>(static_cast<float>(height_px) / cell_px) + 2;
    values_.resize(static_cast<std::size_t>(columns_ * rows));
    for (std::size_t i = 0; i < values_.size(); i += 4) {
      const std::uint64_t word = random.next_u64();
      for (std::size_t k = 0; k < 4 && i + k < values_.size(); ++k) {
        values_[i + k] = static_cast<float>(word >> (16 * k) & 0xffff) * (1.0F / 32768) - 1.0F;
      }
    }
    line_.resize(static_cast<std::size_t>(columns_));
    for (int x = 0; x < width_px; ++x) {
      const float at = static_cast<float>(x) / cell_px;
      const int column = static_cast<int>(at);
      column_.push_back(column);
      share_.push_back(ease(at - static_cast<float>(column)));
    }
  }

  /// Row `y`; valid until the next call.
  void row(int y, float* out) {
    const float at = static_cast<float>(y) / cell_px_;
    const int row = static_cast<int>(at);
    const float share = ease(at - static_cast<float>(row));
    const float* above = &values_[static_cast<std::size_t>(row * columns_)];
    const float* below = above + columns_;
    for (std::size_t i = 0; i < line_.size(); ++i) line_[i] = above[i] + (below[i] - above[i]) * share;
    for (std::size_t x = 0; x < column_.size(); ++x) {
      const float* p = &line_[static_cast<std::size_t>(column_[x])];
      out[x] = p[0] + (p[1] - p[0]) * share_[x];
    }
  }

 private:
  static float ease(float t) { return t * t * (3 - 2 * t); }

  float cell_px_;
  int columns_ = 0;
  std::vector<float> values_, line_, share_;
  std::vector<int> column_;
};

/// Triangular noise of standard deviation 1, independent from value to value.
inline void white_noise(Random& random, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 4) {
    const std::uint64_t word = random.next_u64();
    for (std::size_t k = 0; k < 4 && i + k < count; ++k) {
      const auto a = static_cast<int>(word >> (16 * k) & 0xff);
      const auto b = static_cast<int>(word >> (16 * k + 8) & 0xff);
      out[i + k] = static_cast<float>(a + b - 255) * (1.0F / 104.51F);
    }
  }
}

}  // namespace touchstone::prints
