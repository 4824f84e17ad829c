#include "classical/descriptor.h"

#include <algorithm>

#include "ridges/angle.h"

namespace touchstone::classical {
using biometrics::square_root;

namespace {

// cos and sin of k * kTurnStep_deg, k = 0..kTurns, times 2^14.
constexpr std::array<std::int16_t, kTurns + 1> kCosine_q14 = {16384, 16344, 16225, 16026, 15749, 15396, 14968, 14466, 13894,
                                                              13255, 12551, 11786, 10963, 10087, 9162,  8192,  7182};
constexpr std::array<std::int16_t, kTurns + 1> kSine_q14 = {0,    1143, 2280, 3406,  4516,  5604,  6664,  7692, 8682,
                                                            9630, 10531, 11381, 12176, 12911, 13583, 14189, 14726};
struct Turn {
  std::int32_t cosine_q14, sine_q14;
};
Turn turn_of(int steps) {
  const auto k = static_cast<std::size_t>(steps < 0 ? -steps : steps);
  return {kCosine_q14[k], steps < 0 ? -kSine_q14[k] : kSine_q14[k]};
}

// Sums over one cell of gx^2 - gy^2, 2 gx gy and gx^2 + gy^2.
struct Tensor {
  std::int32_t difference = 0;
  std::int32_t cross = 0;
  std::int32_t energy = 0;
};

void sum_tensors(const ImageView& image, int columns, int rows, Tensor* tensors) {
  const int width = image.width_px;
  for (int row = 0; row < rows; ++row) {
    Tensor* line = tensors + row * columns;
    for (int column = 0; column < columns; ++column) line[column] = Tensor{};
    const int y_first = std::max(row * kCell_px, 1);
    const int y_last = std::min(row * kCell_px + kCell_px, image.height_px - 1);
    for (int y = y_first; y < y_last; ++y) {
      const std::uint8_t* above = image.pixels.data() + (y - 1) * width;
      const std::uint8_t* here = above + width;
      const std::uint8_t* below = here + width;
      for (int column = 0; column < columns; ++column) {
        const int x_first = std::max(column * kCell_px, 1);
        const int x_last = std::min(column * kCell_px + kCell_px, width - 1);
        // Sobel by columns: each column's sum and difference serve three neighbouring pixels.
        std::int32_t sum_left = above[x_first - 1] + 2 * here[x_first - 1] + below[x_first - 1];
        std::int32_t sum_here = above[x_first] + 2 * here[x_first] + below[x_first];
        std::int32_t fall_left = below[x_first - 1] - above[x_first - 1];
        std::int32_t fall_here = below[x_first] - above[x_first];
        Tensor cell = line[column];
        for (int x = x_first; x < x_last; ++x) {
          const std::int32_t sum_right = above[x + 1] + 2 * here[x + 1] + below[x + 1];
          const std::int32_t fall_right = below[x + 1] - above[x + 1];
          const std::int32_t gx = (sum_right - sum_left) >> 1;
          const std::int32_t gy = (fall_left + 2 * fall_here + fall_right) >> 1;
          const std::int32_t xx = gx * gx;
          const std::int32_t yy = gy * gy;
          cell.difference += xx - yy;
          cell.cross += 2 * gx * gy;
          cell.energy += xx + yy;
          sum_left = sum_here;
          sum_here = sum_right;
          fall_left = fall_here;
          fall_here = fall_right;
        }
        line[column] = cell;
      }
    }
  }
}

// 3x3 binomial smoothing with missing neighbours left out; scaled so that nothing overflows.
Tensor smooth(const Tensor* tensors, int columns, int rows, int column, int row) {
  Tensor out;
  for (int dy = -1; dy <= 1; ++dy) {
    for (int dx = -1; dx <= 1; ++dx) {
      const int x = column + dx;
      const int y = row + dy;
      if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
      const Tensor& t = tensors[y * columns + x];
      const int weight = (dx == 0 ? 2 : 1) * (dy == 0 ? 2 : 1);
      out.difference += (t.difference >> 4) * weight;
      out.cross += (t.cross >> 4) * weight;
      out.energy += (t.energy >> 4) * weight;
    }
  }
  return out;
}

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

}  // namespace

std::size_t orientation_map_work_bytes(int width_px, int height_px) {
  const auto cells = static_cast<std::size_t>((width_px / kCell_px) * (height_px / kCell_px));
  return aligned(cells * sizeof(Cell)) + aligned(cells * sizeof(Tensor));
}

OrientationMap make_orientation_map(const ImageView& image, MutableBytes work_area, Quality& quality) {
  OrientationMap map{image.width_px / kCell_px, image.height_px / kCell_px, nullptr, {}};
  const int count = map.columns * map.rows;
  const std::size_t cell_bytes = aligned(static_cast<std::size_t>(count) * sizeof(Cell));
  map.cells = reinterpret_cast<Cell*>(work_area.data());
  map.scratch = work_area.subspan(cell_bytes);
  auto* tensors = reinterpret_cast<Tensor*>(map.scratch.data());
  sum_tensors(image, map.columns, map.rows, tensors);

  // Ridges are where the gradient energy is a fair part of what the better half of the image has.
  std::uint64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += static_cast<std::uint32_t>(tensors[i].energy);
  const auto mean = static_cast<std::int32_t>(sum / static_cast<std::uint32_t>(count));
  std::uint64_t strong_sum = 0;
  std::uint32_t strong = 0;
  for (int i = 0; i < count; ++i) {
    if (tensors[i].energy < mean) continue;
    strong_sum += static_cast<std::uint32_t>(tensors[i].energy);
    ++strong;
  }
  constexpr std::int32_t kFloor = kCell_px * kCell_px * 24 * 24;  // a grey step of about 12 per pixel
  const std::int32_t typical = strong == 0 ? 0 : static_cast<std::int32_t>(strong_sum / strong);
  const std::int32_t threshold = std::max(typical / 6, kFloor);

  constexpr std::int32_t kSure = 40;  // of 127
  std::uint32_t contact = 0;
  std::uint32_t coherence = 0;
  for (int row = 0; row < map.rows; ++row) {
    for (int column = 0; column < map.columns; ++column) {
      Cell& cell = map.cells[row * map.columns + column];
      cell = Cell{};
      const Tensor t = smooth(tensors, map.columns, map.rows, column, row);
      if (t.energy < threshold) continue;
      // Gradients stand across the ridge: half a turn of the doubled angle.
      const std::int32_t unit = t.energy / 127 + 1;
      const std::int32_t c = -t.difference / unit;
      const std::int32_t s = -t.cross / unit;
      const auto length = static_cast<std::int32_t>(square_root(static_cast<std::uint32_t>(c * c + s * s)));
      // Noise lowers coherence everywhere without moving the angle: above kSure it no longer counts.
      const std::int32_t divisor = std::max(length, kSure);
      cell.cosine = static_cast<std::int8_t>(c * 127 / divisor);
      cell.sine = static_cast<std::int8_t>(s * 127 / divisor);
      cell.contact = 64;
      ++contact;
      coherence += static_cast<std::uint32_t>(length);
    }
  }
  quality.contact_percent = static_cast<std::uint8_t>(100 * contact / static_cast<std::uint32_t>(count));
  quality.ridge_percent = static_cast<std::uint8_t>(contact == 0 ? 0 : coherence * 100 / (contact * 127));
  return map;
}

namespace {

// Filter for an upright core: around it the doubled ridge angle runs through one turn. Weight r * exp(-r^2 / (2 * 2.5^2)).
constexpr int kCoreRadius = 6;
constexpr int kCoreSide = 2 * kCoreRadius + 1;
struct CoreTap {
  std::int8_t cosine, sine;
};
// exp(-r^2 / 12.5) * 127 at r^2 = 0 .. 36.
constexpr std::array<std::uint8_t, 37> kFall = {127, 117, 108, 100, 92, 85, 79, 73, 67, 62, 57, 53, 49, 45, 41, 38, 35, 33, 30,
                                                28,  26,  24,  22,  20, 19, 17, 16, 15, 14, 12, 12, 11, 10, 9,  8,  8,  7};
constexpr std::array<CoreTap, kCoreSide * kCoreSide> make_core_filter() {
  std::array<CoreTap, kCoreSide * kCoreSide> filter{};
  for (int y = -kCoreRadius; y <= kCoreRadius; ++y) {
    for (int x = -kCoreRadius; x <= kCoreRadius; ++x) {
      if (x * x + y * y > kCoreRadius * kCoreRadius) continue;
      const int fall = kFall[static_cast<std::size_t>(x * x + y * y)];
      // Above the core (y < 0) ridges lie flat: doubled angle 0; to the right they fall: +90 degrees with rows downwards.
      filter[static_cast<std::size_t>((y + kCoreRadius) * kCoreSide + x + kCoreRadius)] = {
          static_cast<std::int8_t>(-y * fall / 3), static_cast<std::int8_t>(x * fall / 3)};
    }
  }
  return filter;
}
constexpr auto kCoreFilter = make_core_filter();

std::int32_t core_response(const OrientationMap& map, int column, int row) {
  std::int32_t sum = 0;
  const int y_first = std::max(-kCoreRadius, -row);
  const int y_last = std::min(kCoreRadius, map.rows - 1 - row);
  const int x_first = std::max(-kCoreRadius, -column);
  const int x_last = std::min(kCoreRadius, map.columns - 1 - column);
  for (int y = y_first; y <= y_last; ++y) {
    const Cell* cell = &map.at(column + x_first, row + y);
    const CoreTap* tap = &kCoreFilter[static_cast<std::size_t>((y + kCoreRadius) * kCoreSide + x_first + kCoreRadius)];
    for (int x = x_first; x <= x_last; ++x, ++cell, ++tap) sum += cell->cosine * tap->cosine + cell->sine * tap->sine;
  }
  return sum;
}

// Offset of a parabola's top from the middle of three samples, in 1/16 px, at most half a cell.
std::int32_t peak_offset_q4(std::int32_t before, std::int32_t middle, std::int32_t after) {
  const std::int32_t bend = (2 * middle - before - after) >> 4;
  if (bend <= 0) return 0;
  const std::int32_t half = kCell_px * 16 / 2;
  return std::clamp((((after - before) >> 4) * half) / bend, -half, half);
}

}  // namespace

bool find_reference(const OrientationMap& map, Pose& reference) {
  auto* response = reinterpret_cast<std::int32_t*>(map.scratch.data());
  std::int32_t best = 0;
  int best_column = 0;
  int best_row = 0;
  for (int row = 0; row < map.rows; ++row) {
    for (int column = 0; column < map.columns; ++column) {
      std::int32_t& here = response[row * map.columns + column];
      here = map.at(column, row).contact == 0 ? 0 : core_response(map, column, row);
      if (here > best) {
        best = here;
        best_column = column;
        best_row = row;
      }
    }
  }
  if (best == 0) return false;
  const auto value = [&](int column, int row) {
    column = std::clamp(column, 0, map.columns - 1);
    row = std::clamp(row, 0, map.rows - 1);
    return response[row * map.columns + column];
  };
  reference.turn = 0;
  reference.x_q4 = (best_column * kCell_px + kCell_px / 2) * 16 +
                   peak_offset_q4(value(best_column - 1, best_row), best, value(best_column + 1, best_row));
  reference.y_q4 = (best_row * kCell_px + kCell_px / 2) * 16 +
                   peak_offset_q4(value(best_column, best_row - 1), best, value(best_column, best_row + 1));
  return true;
}

void read_raw(const OrientationMap& map, const Pose& pose, const RawVector& mean, RawVector& out) {
  const Turn turn = turn_of(pose.turn);
  // The doubled angle turns twice as fast.
  const std::int32_t cosine2 = ((turn.cosine_q14 * turn.cosine_q14) >> 14) - ((turn.sine_q14 * turn.sine_q14) >> 14);
  const std::int32_t sine2 = (turn.cosine_q14 * turn.sine_q14) >> 13;
  for (std::size_t i = 0; i < kGrid.size(); ++i) {
    const std::int32_t gx = kGrid[i].x;
    const std::int32_t gy = kGrid[i].y;
    // Position in cells, 1/128 of a cell = 1/16 px, counted from the middle of cell (0, 0).
    const std::int32_t x = pose.x_q4 + ((gx * turn.cosine_q14 - gy * turn.sine_q14) >> 10) - kCell_px * 8;
    const std::int32_t y = pose.y_q4 + ((gx * turn.sine_q14 + gy * turn.cosine_q14) >> 10) - kCell_px * 8;
    const std::int32_t column = x >> 7;
    const std::int32_t row = y >> 7;
    out[2 * i] = 0;
    out[2 * i + 1] = 0;
    if (column < 0 || row < 0 || column + 1 >= map.columns || row + 1 >= map.rows) continue;
    const std::int32_t tx = (x >> 3) & 15;
    const std::int32_t ty = (y >> 3) & 15;
    const Cell* a = &map.at(column, row);
    const Cell* b = a + map.columns;
    const std::int32_t w00 = (16 - tx) * (16 - ty);
    const std::int32_t w01 = tx * (16 - ty);
    const std::int32_t w10 = (16 - tx) * ty;
    const std::int32_t w11 = tx * ty;
    const std::int32_t contact = a[0].contact * w00 + a[1].contact * w01 + b[0].contact * w10 + b[1].contact * w11;
    if (contact == 0) continue;  // of 64 * 256
    const std::int32_t c = a[0].cosine * w00 + a[1].cosine * w01 + b[0].cosine * w10 + b[1].cosine * w11;
    const std::int32_t s = a[0].sine * w00 + a[1].sine * w01 + b[0].sine * w10 + b[1].sine * w11;
    const std::int32_t turned_c = ((c >> 2) * cosine2 + (s >> 2) * sine2) >> 20;
    const std::int32_t turned_s = ((s >> 2) * cosine2 - (c >> 2) * sine2) >> 20;
    out[2 * i] = static_cast<std::int8_t>(std::clamp<std::int32_t>(turned_c - ((mean[2 * i] * contact) >> 14), -127, 127));
    out[2 * i + 1] = static_cast<std::int8_t>(std::clamp<std::int32_t>(turned_s - ((mean[2 * i + 1] * contact) >> 14), -127, 127));
  }
}

Pose candidate_pose(const Pose& reference, int index) {
  // 25 places x 3 turns; place 0 and turn 0 are the reference.
  constexpr std::int32_t kStep_q4 = 9 * 16;
  constexpr std::array<std::int8_t, 5> kSteps = {0, -1, 1, -2, 2};
  constexpr std::array<std::int8_t, 3> kTurnSteps = {0, -2, 2};
  Pose pose = reference;
  pose.turn += kTurnSteps[static_cast<std::size_t>(index / 25)];
  pose.x_q4 += kStep_q4 * kSteps[static_cast<std::size_t>(index % 25 % 5)];
  pose.y_q4 += kStep_q4 * kSteps[static_cast<std::size_t>(index % 25 / 5)];
  return pose;
}

}  // namespace touchstone::classical
