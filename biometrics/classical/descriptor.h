// The classical descriptor, a reference for evaluation and calibration: ridge orientation in 8 px cells, a reference point, and the
// raw vector read in a given frame. Integers only.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "ridges/image_view.h"

namespace touchstone::classical {

using biometrics::ImageView;
using biometrics::Quality;

/// Length of the whitened vector. A power of two (Walsh-Hadamard rotation).
inline constexpr int kDimensions = 64;
/// Each component has mean 0 and a standard deviation of about 32 over the population.
using Vector = std::array<std::int8_t, kDimensions>;
inline constexpr int kCodeLength_bits = 63;     ///< of the sign code, n <= d'
inline constexpr int kMessageLength_bits = 24;  ///< k

/// Frames around the reference point that the statistics are trained over.
inline constexpr int kMaxPoses = 75;
inline constexpr int kCell_px = 8;

/// Where the vector is read: the frame's origin in 1/16 px of the image, its turn in steps of kTurnStep_deg.
struct Pose {
  std::int32_t x_q4 = 0;
  std::int32_t y_q4 = 0;
  std::int32_t turn = 0;
};
inline constexpr int kTurns = 16;  ///< pose turns range from -kTurns to kTurns
inline constexpr double kTurnStep_deg = 4.0;

/// Points at which a frame reads the orientation, in px from its origin.
struct GridPoint {
  std::int16_t x, y;
};
inline constexpr int kGridStep_px = 16;
constexpr bool grid_holds(int x, int y) { return x * x * 100 + (y - 12) * (y - 12) * 92 <= 125 * 125 * 100; }
constexpr int count_grid_points() {
  int count = 0;
  for (int y = -160; y <= 160; y += kGridStep_px) {
    for (int x = -160; x <= 160; x += kGridStep_px) count += grid_holds(x, y) ? 1 : 0;
  }
  return count;
}
inline constexpr int kGridPoints = count_grid_points();
constexpr std::array<GridPoint, kGridPoints> make_grid() {
  std::array<GridPoint, kGridPoints> grid{};
  std::size_t i = 0;
  for (int y = -160; y <= 160; y += kGridStep_px) {
    for (int x = -160; x <= 160; x += kGridStep_px) {
      if (grid_holds(x, y)) grid[i++] = {static_cast<std::int16_t>(x), static_cast<std::int16_t>(y)};
    }
  }
  return grid;
}
inline constexpr std::array<GridPoint, kGridPoints> kGrid = make_grid();

/// Per grid point: cosine and sine of twice the ridge angle, weighted by coherence (127 = certain).
inline constexpr int kRawDimensions = 2 * kGridPoints;
using RawVector = std::array<std::int8_t, kRawDimensions>;

/// One cell of the orientation map. The angle is that of the ridge, clockwise from the x axis as rows grow downwards.
struct Cell {
  std::int8_t cosine = 0;  ///< coherence * cos(2 angle), 127 = 1
  std::int8_t sine = 0;
  std::uint8_t contact = 0;  ///< 0: no ridges here, 64: inside the print
};

/// The image as orientation; lies in the caller's work area.
struct OrientationMap {
  int columns = 0;
  int rows = 0;
  Cell* cells = nullptr;
  MutableBytes scratch;  ///< the rest of the work area, at least 12 bytes a cell

  const Cell& at(int column, int row) const { return cells[row * columns + column]; }
};

std::size_t orientation_map_work_bytes(int width_px, int height_px);
/// Structure tensor per cell, smoothed over neighbours. `work_area` holds the map and scratch memory.
OrientationMap make_orientation_map(const ImageView& image, MutableBytes work_area, Quality& quality);

/// The loop core that opens downwards, or where ridges bend most if there is none (arches): the maximum of the first-order complex
/// filter (Nilsson and Bigun 2003) for an upright core. False when the map holds no such point.
bool find_reference(const OrientationMap& map, Pose& reference);

/// Reads the map in a frame; 0 where there is no print. `mean` (the population's) is subtracted where there is.
void read_raw(const OrientationMap& map, const Pose& pose, const RawVector& mean, RawVector& out);

/// The frames tried around a reference, the reference itself first.
Pose candidate_pose(const Pose& reference, int index);

}  // namespace touchstone::classical
