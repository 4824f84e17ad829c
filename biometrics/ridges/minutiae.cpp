#include <algorithm>

#include "ridges/angle.h"
#include "ridges/print_analysis.h"
#include "ridges/ridge_filter.h"

namespace touchstone::biometrics {
namespace {

constexpr int kPairReach_q2 = 4 * 10;  // about a ridge period: what a pore, a scratch or a bridge makes comes in pairs
constexpr int kRim_samples = 7;

bool opposite(std::uint8_t a, std::uint8_t b) {
  const auto turn = static_cast<std::uint8_t>(a - b);
  return turn >= 80 && turn <= 176;
}

}  // namespace

void PrintAnalysis::find_minutiae() {
  const int found = collect_residues();
  cancel_pairs(found);
  int kept = 0;
  for (int i = 0; i < found; ++i) {
    const Minutia minutia = minutiae_[i];
    if (minutia.quality == 0 || !inside(minutia)) continue;
    // Insertion keeps equals in reading order.
    int place = std::min(kept, kMaxMinutiae);
    while (place > 0 && minutiae_[place - 1].quality < minutia.quality) {
      if (place < kMaxMinutiae) minutiae_[place] = minutiae_[place - 1];
      --place;
    }
    if (place < kMaxMinutiae) minutiae_[place] = minutia;
    kept = std::min(kept + 1, kMaxMinutiae);
  }
  minutia_count_ = kept;
}

// Points between four samples around which the phase makes a turn. The filter's direction is known up to half a turn only:
// neighbours are brought to the first one's. As many as there are cells at most, in reading order.
int PrintAnalysis::collect_residues() {
  const int most = cell_columns_ * cell_rows_;
  int found = 0;
  for (int row = 2; row < rows_ - 3; ++row) {
    for (int column = 2; column < columns_ - 3; ++column) {
      const int first = row * columns_ + column;
      const int corners[4] = {first, first + 1, first + columns_, first + columns_ + 1};
      const std::uint8_t own = orientation_[first];
      if (own == kNoPrint) continue;
      std::uint8_t phases[4] = {phase_[first]};
      bool print = true;
      for (int k = 1; k < 4 && print; ++k) {
        const std::uint8_t orientation = orientation_[corners[k]];
        phases[k] = phase_[corners[k]];
        if (orientation == own) continue;
        print = orientation != kNoPrint;
        const int turn = (orientation - own + 2 * kFilterOrientations) % (2 * kFilterOrientations);
        const bool other_way = turn > kFilterOrientations / 2 && turn < 3 * kFilterOrientations / 2;
        if (other_way) phases[k] = static_cast<std::uint8_t>(-phases[k]);
      }
      if (!print) continue;
      // Clockwise; both loops beside an edge take its difference in the same direction, so that half a turn is never lost.
      const auto step = [&](int from, int to) { return static_cast<std::int8_t>(static_cast<std::uint8_t>(phases[to] - phases[from])); };
      const int winding = step(0, 1) + step(1, 3) - step(2, 3) - step(0, 2);
      if (winding == 0) continue;
      if (found == most) return found;
      Minutia minutia = locate(column, row);
      const int cell = std::min(row / 4, cell_rows_ - 1) * cell_columns_ + std::min(column / 4, cell_columns_ - 1);
      std::uint8_t doubled = 0;
      if (!doubled_angle_at(column, row, doubled)) continue;
      // The finer angle, on the side where the filter's stands: the winding's sign belongs to that.
      const int filter = orientation_[first] * (128 / kFilterOrientations);
      const int ridge = filter + static_cast<std::int8_t>(static_cast<std::uint8_t>(doubled - 2 * filter)) / 2;
      minutia.direction = static_cast<std::uint8_t>(winding > 0 ? ridge + 128 : ridge);
      minutia.quality = std::max<std::uint8_t>(cells_[cell].coherence, 1);
      minutiae_[found++] = minutia;
    }
  }
  return found;
}

// Where between the four samples the wave, taken as a complex number, vanishes: to half a pixel.
Minutia PrintAnalysis::locate(int column, int row) const {
  constexpr int kSteps = 4;
  Response corners[4];
  for (int k = 0; k < 4; ++k) corners[k] = respond(column + k % 2, row + k / 2, filters_[orientation_[row * columns_ + column]]);
  std::int32_t least = INT32_MAX;
  int best_x = 0;
  int best_y = 0;
  for (int y = 0; y <= kSteps; ++y) {
    for (int x = 0; x <= kSteps; ++x) {
      const std::int32_t weights[4] = {(kSteps - x) * (kSteps - y), x * (kSteps - y), (kSteps - x) * y, x * y};
      std::int32_t even = 0;
      std::int32_t odd = 0;
      for (int k = 0; k < 4; ++k) {
        even += weights[k] * (corners[k].even >> 10);
        odd += weights[k] * (corners[k].odd >> 10);
      }
      const std::int32_t size = (even >> 2) * (even >> 2) + (odd >> 2) * (odd >> 2);
      if (size < least) {
        least = size;
        best_x = x;
        best_y = y;
      }
    }
  }
  // A sample is two pixels, 8 quarters; the first lies between the first two pixels.
  Minutia minutia;
  minutia.x_q2 = static_cast<std::int16_t>(8 * column + 2 + 2 * best_x);
  minutia.y_q2 = static_cast<std::int16_t>(8 * row + 2 + 2 * best_y);
  return minutia;
}

// Nearest pairs of opposite points first; quality 0 marks what is gone.
void PrintAnalysis::cancel_pairs(int count) {
  for (const int reach : {16, 24, 32, kPairReach_q2}) {
    for (int i = 0; i < count; ++i) {
      if (minutiae_[i].quality == 0) continue;
      int best = -1;
      int best_distance = reach * reach + 1;
      for (int j = i + 1; j < count && minutiae_[j].y_q2 - minutiae_[i].y_q2 <= reach; ++j) {
        if (minutiae_[j].quality == 0 || !opposite(minutiae_[i].direction, minutiae_[j].direction)) continue;
        const int dx = minutiae_[j].x_q2 - minutiae_[i].x_q2;
        const int dy = minutiae_[j].y_q2 - minutiae_[i].y_q2;
        if (dx * dx + dy * dy < best_distance) {
          best_distance = dx * dx + dy * dy;
          best = j;
        }
      }
      if (best >= 0) minutiae_[i].quality = minutiae_[best].quality = 0;
    }
  }
}

// Whether the print goes on around it: at its rim every ridge ends.
bool PrintAnalysis::inside(const Minutia& minutia) const {
  for (int k = 0; k < 8; ++k) {
    const auto angle = static_cast<std::uint8_t>(32 * k);
    const int column = minutia.x_q2 / 8 + (kRim_samples * cosine_q7(angle) + (cosine_q7(angle) < 0 ? -63 : 63)) / 127;
    const int row = minutia.y_q2 / 8 + (kRim_samples * sine_q7(angle) + (sine_q7(angle) < 0 ? -63 : 63)) / 127;
    if (column < 0 || row < 0 || column >= columns_ || row >= rows_ || !has_print(column, row)) return false;
  }
  return true;
}

}  // namespace touchstone::biometrics
