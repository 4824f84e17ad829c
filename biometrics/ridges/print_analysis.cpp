#include "ridges/print_analysis.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/check.h"
#include "ridges/angle.h"
#include "ridges/ridge_filter.h"

#if defined(__riscv)
// Loads moved ahead of their products would not hide anything on the card's processor, only fill its registers.
#pragma GCC optimize("no-schedule-insns", "no-schedule-insns2")
#endif

namespace touchstone::biometrics {
namespace {

constexpr int kSample_px = 2;
constexpr int kCellSamples = 4;
constexpr int kCell_px = kSample_px * kCellSamples;

// Below these there is no print, or too little of it to name a finger.
constexpr int kLeastContact_percent = 10;
constexpr int kLeastContact_cells = 100;
constexpr int kLeastRidge_percent = 25;

constexpr int kSample_q2 = 4 * kSample_px;
constexpr int kFirstSample_q2 = 2;  // the first sample lies between the first two pixels

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

struct Layout {
  int columns, rows, cell_columns, cell_rows;
  Layout(int width_px, int height_px)
      : columns(width_px / kSample_px), rows(height_px / kSample_px), cell_columns(columns / kCellSamples), cell_rows(rows / kCellSamples) {}
  int pitch() const { return columns + 2 * kFilterRadius; }
  std::size_t padded() const { return static_cast<std::size_t>(pitch()) * static_cast<std::size_t>(rows + 2 * kFilterRadius); }
  std::size_t samples() const { return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows); }
  std::size_t cells() const { return static_cast<std::size_t>(cell_columns) * static_cast<std::size_t>(cell_rows); }
};

// One 3 x 3 binomial pass; cells beyond the rim count as the rim's. |values| < 2^27.
void blur(std::int32_t* values, std::int32_t* spare, int columns, int rows) {
  for (int y = 0; y < rows; ++y) {
    const std::int32_t* here = values + y * columns;
    for (int x = 0; x < columns; ++x) {
      const std::int32_t left = here[x > 0 ? x - 1 : x];
      const std::int32_t right = here[x + 1 < columns ? x + 1 : x];
      spare[y * columns + x] = (left + 2 * here[x] + right) >> 2;
    }
  }
  for (int y = 0; y < rows; ++y) {
    const std::int32_t* above = spare + (y > 0 ? y - 1 : y) * columns;
    const std::int32_t* here = spare + y * columns;
    const std::int32_t* below = spare + (y + 1 < rows ? y + 1 : y) * columns;
    for (int x = 0; x < columns; ++x) values[y * columns + x] = (above[x] + 2 * here[x] + below[x]) >> 2;
  }
}

}  // namespace

std::size_t PrintAnalysis::work_bytes(int width_px, int height_px) {
  const Layout layout(width_px, height_px);
  return aligned(layout.padded()) + 2 * aligned(layout.samples()) + aligned(layout.cells() * sizeof(Cell)) +
         std::max(4 * aligned(layout.cells() * sizeof(std::int32_t)), aligned(layout.cells() * sizeof(Minutia)) + kFilterOrientations * sizeof(RidgeFilter));
}

Result<PrintAnalysis> PrintAnalysis::analyse(const ImageView& image, MutableBytes work_area, Quality& quality) {
  const auto supported = [](int side_px) { return side_px >= kMinSide_px && side_px <= kMaxSide_px; };
  if (!supported(image.width_px) || !supported(image.height_px)) return Error{ErrorCode::kOutOfRange, "image size not supported"};
  if (image.pixels.size() != static_cast<std::size_t>(image.width_px) * image.height_px) {
    return Error{ErrorCode::kOutOfRange, "image size and number of pixels differ"};
  }
  if (work_area.size() < work_bytes(image.width_px, image.height_px)) {
    return Error{ErrorCode::kTooLarge, "work area is too small for the image"};
  }
  TS_CHECK(reinterpret_cast<std::uintptr_t>(work_area.data()) % 8 == 0, "work area is not aligned to 8 bytes");

  const Layout layout(image.width_px, image.height_px);
  PrintAnalysis print;
  print.columns_ = layout.columns;
  print.rows_ = layout.rows;
  print.cell_columns_ = layout.cell_columns;
  print.cell_rows_ = layout.cell_rows;
  std::uint8_t* next = work_area.data();
  const auto take = [&](std::size_t bytes) {
    std::uint8_t* const start = next;
    next += aligned(bytes);
    return start;
  };
  print.pitch_ = layout.pitch();
  print.half_ = take(layout.padded()) + kFilterRadius * layout.pitch() + kFilterRadius;
  print.phase_ = take(layout.samples());
  print.orientation_ = take(layout.samples());
  print.cells_ = reinterpret_cast<Cell*>(take(layout.cells() * sizeof(Cell)));
  // The sums per cell are done with before a filter is copied or the first minutia is found.
  print.minutiae_ = reinterpret_cast<Minutia*>(next);
  print.filters_ = reinterpret_cast<RidgeFilter*>(next + aligned(layout.cells() * sizeof(Minutia)));
  std::int32_t* scratch[4];
  for (std::int32_t*& plane : scratch) plane = reinterpret_cast<std::int32_t*>(take(layout.cells() * sizeof(std::int32_t)));

  print.halve(image);
  const bool usable = print.estimate_orientation(scratch);
  quality = print.quality_;
  if (!usable) return Error{ErrorCode::kPoorQuality, "no usable print in the image"};
  print.estimate_period();
  print.demodulate();
  print.find_minutiae();
  print.draw_wave();
  return print;
}

// Every sample lies where pixels were read already, should the picture begin where the samples do; then they are spread to their places.
void PrintAnalysis::halve(const ImageView& image) {
  const int width = image.width_px;
  std::uint8_t* const packed = half_ - kFilterRadius * pitch_ - kFilterRadius;
  std::uint32_t sum = 0;  // of at most 2^18 samples
  for (int y = 0; y < rows_; ++y) {
    const std::uint8_t* upper = image.pixels.data() + 2 * y * width;
    const std::uint8_t* lower = upper + width;
    for (int x = 0; x < columns_; ++x, upper += 2, lower += 2) {
      const int mean = (upper[0] + upper[1] + lower[0] + lower[1] + 2) >> 2;
      packed[y * columns_ + x] = static_cast<std::uint8_t>(mean);
      sum += static_cast<std::uint32_t>(mean);
    }
  }
  quality_.mean_grey = static_cast<std::uint8_t>(sum / static_cast<std::uint32_t>(columns_ * rows_));

  for (int y = rows_ - 1; y >= 0; --y) {
    std::uint8_t* const row = half_ + y * pitch_;
    std::memmove(row, packed + y * columns_, static_cast<std::size_t>(columns_));
    std::memset(row - kFilterRadius, row[0], kFilterRadius);
    std::memset(row + columns_, row[columns_ - 1], kFilterRadius);
  }
  for (int y = 1; y <= kFilterRadius; ++y) {
    std::memcpy(half_ - y * pitch_ - kFilterRadius, half_ - kFilterRadius, static_cast<std::size_t>(pitch_));
    std::memcpy(half_ + (rows_ - 1 + y) * pitch_ - kFilterRadius, half_ + (rows_ - 1) * pitch_ - kFilterRadius, static_cast<std::size_t>(pitch_));
  }
}

// Structure tensor in cells of 4 x 4 samples (Kass and Witkin 1987). The cell's own direction and that of its wide
// neighbourhood are added as vectors: near a core the wide one cancels itself, in dirt the own one has no length.
bool PrintAnalysis::estimate_orientation(std::int32_t* const scratch[4]) {
  const int count = cell_columns_ * cell_rows_;
  std::int32_t* const difference = scratch[0];
  std::int32_t* const cross = scratch[1];
  std::int32_t* const energy = scratch[2];
  std::int32_t* const spare = scratch[3];
  for (int plane = 0; plane < 3; ++plane) std::fill_n(scratch[plane], count, 0);
  for (int y = 1; y < std::min(rows_ - 1, cell_rows_ * kCellSamples); ++y) {
    for (int x = 1; x < std::min(columns_ - 1, cell_columns_ * kCellSamples); ++x) {
      const std::uint8_t* a = half_ + (y - 1) * pitch_ + x;
      const std::uint8_t* b = a + pitch_;
      const std::uint8_t* c = b + pitch_;
      const std::int32_t gx = ((a[1] + 2 * b[1] + c[1]) - (a[-1] + 2 * b[-1] + c[-1])) >> 1;
      const std::int32_t gy = ((c[-1] + 2 * c[0] + c[1]) - (a[-1] + 2 * a[0] + a[1])) >> 1;
      const int cell = y / kCellSamples * cell_columns_ + x / kCellSamples;
      difference[cell] += gx * gx - gy * gy;
      cross[cell] += 2 * gx * gy;
      energy[cell] += gx * gx + gy * gy;
    }
  }

  // Print is where the energy is a fair part of what the better half of the picture has.
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += energy[i];
  const auto mean = static_cast<std::int32_t>(sum / count);
  std::int64_t strong_sum = 0;
  int strong = 0;
  for (int i = 0; i < count; ++i) {
    if (energy[i] < mean) continue;
    strong_sum += energy[i];
    ++strong;
  }
  constexpr std::int32_t kFloor = kCellSamples * kCellSamples * 24 * 24;
  const std::int32_t typical = strong == 0 ? 0 : static_cast<std::int32_t>(strong_sum / strong);
  const std::int32_t threshold = std::max(typical / 8, kFloor);
  for (int plane = 0; plane < 3; ++plane) blur(scratch[plane], spare, cell_columns_, cell_rows_);

  int contact = 0;
  std::int32_t coherence_sum = 0;
  for (int i = 0; i < count; ++i) {
    Cell& cell = cells_[i];
    cell = Cell{};
    if (energy[i] >= threshold) {
      // Gradients stand across the ridge: half a turn of the doubled angle.
      const std::int32_t unit = energy[i] / 127 + 1;
      const std::int32_t c = -difference[i] / unit;
      const std::int32_t s = -cross[i] / unit;
      cell.cosine = static_cast<std::int8_t>(c);
      cell.sine = static_cast<std::int8_t>(s);
      cell.coherence = static_cast<std::uint8_t>(square_root(static_cast<std::uint32_t>(c * c + s * s)));
      cell.print = 1;
      ++contact;
      coherence_sum += cell.coherence;
    }
    difference[i] = cell.cosine * 1024;
    cross[i] = cell.sine * 1024;
    energy[i] = cell.print * 127 * 1024;
  }
  quality_.contact_percent = static_cast<std::uint8_t>(100 * contact / count);
  quality_.ridge_percent = static_cast<std::uint8_t>(contact == 0 ? 0 : coherence_sum * 100 / (contact * 127));
  if (contact < kLeastContact_cells || quality_.contact_percent < kLeastContact_percent || quality_.ridge_percent < kLeastRidge_percent) {
    return false;
  }

  constexpr int kWidePasses = 6;
  for (int plane = 0; plane < 3; ++plane) {
    for (int pass = 0; pass < kWidePasses; ++pass) blur(scratch[plane], spare, cell_columns_, cell_rows_);
  }
  for (int i = 0; i < count; ++i) {
    Cell& cell = cells_[i];
    if (cell.print == 0) continue;
    const std::int32_t unit = energy[i] / 127 + 1;
    const std::int32_t c = cell.cosine + difference[i] / unit;
    const std::int32_t s = cell.sine + cross[i] / unit;
    const auto length = static_cast<std::int32_t>(std::max(square_root(static_cast<std::uint32_t>(c * c + s * s)), std::uint32_t{1}));
    cell.cosine = static_cast<std::int8_t>(std::clamp<std::int32_t>(c * 127 / length, -127, 127));
    cell.sine = static_cast<std::int8_t>(std::clamp<std::int32_t>(s * 127 / length, -127, 127));
  }
  return true;
}

// Between two cells one above the other; `down` from 0 to kCell_px - 1. Beyond the rim the rim's cells count.
PrintAnalysis::Blend PrintAnalysis::blend(int cell_column, int cell_row, int down) const {
  const int column = std::clamp(cell_column, 0, cell_columns_ - 1);
  const Cell& upper = cells_[std::clamp(cell_row, 0, cell_rows_ - 1) * cell_columns_ + column];
  const Cell& lower = cells_[std::clamp(cell_row + 1, 0, cell_rows_ - 1) * cell_columns_ + column];
  const int up = kCell_px - down;
  return {up * upper.cosine + down * lower.cosine, up * upper.sine + down * lower.sine, up * upper.print + down * lower.print};
}

// Samples of a row from the left to the right, between the cells' middles.
class PrintAnalysis::AngleRow {
 public:
  AngleRow(const PrintAnalysis& print, int row) : print_(print) {
    const int y = 2 * row - 3;  // in half samples from the middle of cell (0, 0)
    cell_row_ = y >= 0 ? y / kCell_px : -1;
    down_ = y - cell_row_ * kCell_px;
  }
  /// Twice the ridge's angle at a sample; false where cells with print are far.
  bool doubled_angle_at(int column, std::uint8_t& doubled) {
    const int x = 2 * column - 3;
    const int cell_column = x >= 0 ? x / kCell_px : -1;
    if (cell_column != cell_column_) {
      cell_column_ = cell_column;
      left_ = print_.blend(cell_column, cell_row_, down_);
      right_ = print_.blend(cell_column + 1, cell_row_, down_);
    }
    const int right = x - cell_column * kCell_px;
    const int left = kCell_px - right;
    if (left * left_.print + right * right_.print < kCell_px * kCell_px / 2) return false;
    doubled = angle_of(left * left_.sine + right * right_.sine, left * left_.cosine + right * right_.cosine);
    return true;
  }
  /// The filter's index, or kNoPrint.
  std::uint8_t orientation_at(int column) {
    constexpr int kStep = 256 / kFilterOrientations;
    std::uint8_t doubled = 0;
    if (!doubled_angle_at(column, doubled)) return kNoPrint;
    return static_cast<std::uint8_t>((doubled + kStep / 2) / kStep % kFilterOrientations);
  }

 private:
  const PrintAnalysis& print_;
  int cell_row_ = 0, down_ = 0;
  int cell_column_ = -2;  // of left_; none yet
  Blend left_{}, right_{};
};

bool PrintAnalysis::doubled_angle_at(int column, int row, std::uint8_t& doubled) const { return AngleRow(*this, row).doubled_angle_at(column, doubled); }

// Of kCount samples side by side. In line in the loop over all samples: saving its registers would cost more than a call is worth.
template <std::size_t kCount>
[[gnu::always_inline]] inline void PrintAnalysis::respond_in_line(int column, int row, const RidgeFilter& filter, Response* out) const {
  const std::int8_t* even_tap = filter.even.data();
  const std::int8_t* odd_tap = filter.odd.data();
  const std::uint8_t* const centre = half_ + row * pitch_ + column;
  std::array<std::int32_t, kCount> even_sum, odd_sum;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kCount; ++i) {
    even_sum[i] = filter.even_centre * centre[i];
    odd_sum[i] = 0;
  }
  const int corner = kFilterRadius * pitch_ + kFilterRadius;
  const std::uint8_t* point = centre - corner;
  const std::uint8_t* mirror = centre + corner;
  // Unrolled: most of the time that the card takes for a picture is spent here.
  const auto add_row = [&](auto width) {
#pragma GCC unroll 11
    for (int x = 0; x < decltype(width)::value; ++x) {
      const std::int32_t even{even_tap[x]}, odd{odd_tap[x]};
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kCount; ++i) {
        const std::int32_t p = (point + x)[i], m = (mirror - x)[i];
        even_sum[i] += even * (p + m);
        odd_sum[i] += odd * (p - m);
      }
    }
    even_tap += decltype(width)::value;
    odd_tap += decltype(width)::value;
    point += pitch_;
    mirror -= pitch_;
  };
  for (int y = -kFilterRadius; y < 0; ++y) add_row(std::integral_constant<int, kFilterSide>());
  add_row(std::integral_constant<int, kFilterRadius>());
  // Ridges are dark.
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kCount; ++i) out[i] = {-even_sum[i], -odd_sum[i]};
}

PrintAnalysis::Response PrintAnalysis::respond(int column, int row, const RidgeFilter& filter) const {
  Response out[1];
  respond_in_line<1>(column, row, filter, out);
  return out[0];
}

// One period for the print: the filter that answers most, among cells that are sure of their direction. Every second cell in
// both directions is asked.
void PrintAnalysis::estimate_period() {
  constexpr int kSure = 50;
  std::array<std::int32_t, kFilterPeriods> share{};
  for (int y = 0; y < cell_rows_; y += 2) {
    AngleRow angles(*this, y * kCellSamples + kCellSamples / 2);
    for (int x = 0; x < cell_columns_; x += 2) {
      if (cells_[y * cell_columns_ + x].coherence < kSure) continue;
      const int column = x * kCellSamples + kCellSamples / 2;
      const int row = y * kCellSamples + kCellSamples / 2;
      const std::uint8_t orientation = angles.orientation_at(column);
      if (orientation == kNoPrint) continue;
      std::array<std::int32_t, kFilterPeriods> energy{};
      std::int32_t total = 0;
      for (int p = 0; p < kFilterPeriods; ++p) {
        const Response response = respond(column, row, kRidgeFilters[static_cast<std::size_t>(p)][orientation]);
        const std::int32_t even = response.even >> 10, odd = response.odd >> 10;
        energy[static_cast<std::size_t>(p)] = even * even + odd * odd;
        total += energy[static_cast<std::size_t>(p)];
      }
      const std::int32_t unit = (total >> 10) + 1;
      for (std::size_t p = 0; p < kFilterPeriods; ++p) share[p] += energy[p] / unit;
    }
  }
  period_ = static_cast<int>(std::max_element(share.begin(), share.end()) - share.begin());
}

// Where four neighbours have the same filter, and most have, its taps and many of the samples around them are loaded once for all.
void PrintAnalysis::demodulate() {
  std::copy_n(kRidgeFilters[static_cast<std::size_t>(period_)].begin(), kFilterOrientations, filters_);  // flash has wait states
  const auto phase_of = [](const Response& r) { return angle_of(r.odd >> 4, r.even >> 4); };
  for (int row = 0; row < rows_; ++row) {
    AngleRow angles(*this, row);
    std::uint8_t* const orientation = orientation_ + row * columns_;
    std::uint8_t* const phase = phase_ + row * columns_;
    for (int column = 0; column < columns_; ++column) orientation[column] = angles.orientation_at(column);
    for (int column = 0; column < columns_;) {
      const std::uint8_t own = orientation[column];
      if (own == kNoPrint) {
        phase[column++] = 0;
      } else if (column + 3 < columns_ && orientation[column + 1] == own && orientation[column + 2] == own && orientation[column + 3] == own) {
        Response four[4];
        respond_in_line<4>(column, row, filters_[own], four);
        for (const Response& r : four) phase[column++] = phase_of(r);
      } else {
        phase[column] = phase_of(respond(column, row, filters_[own]));
        ++column;
      }
    }
  }
}

// In the place of the picture, whose samples nothing asks for any more.
void PrintAnalysis::draw_wave() {
  wave_ = reinterpret_cast<std::int8_t*>(half_);
  std::memset(half_ - kFilterRadius * pitch_ - kFilterRadius, 0, static_cast<std::size_t>(pitch_ * (rows_ + 2 * kFilterRadius)));
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      if (has_print(column, row)) wave_[row * pitch_ + column] = cosine_q7(phase(column, row));
    }
  }
}

void PrintAnalysis::sample(const Minutia& minutia, Patch& out) const {
  // A step of the patch, 1.25 samples, along and across; halves of it reach the middles of the patch's points. 1/512 sample.
  const std::int32_t along_x = (cosine_q14(minutia.direction) * 5 / 4) >> 5;
  const std::int32_t along_y = (sine_q14(minutia.direction) * 5 / 4) >> 5;
  const std::int32_t centre_x = (minutia.x_q2 - kFirstSample_q2) * (512 / kSample_q2);
  const std::int32_t centre_y = (minutia.y_q2 - kFirstSample_q2) * (512 / kSample_q2);
  std::int8_t* next = out.data();
  for (int v = 1 - kPatchSide; v < kPatchSide; v += 2) {
    std::int32_t twice_x = (1 - kPatchSide) * along_x - v * along_y;
    std::int32_t twice_y = (1 - kPatchSide) * along_y + v * along_x;
    for (int i = 0; i < kPatchSide; ++i, twice_x += 2 * along_x, twice_y += 2 * along_y) {
      const std::int32_t x = centre_x + (twice_x >> 1);
      const std::int32_t y = centre_y + (twice_y >> 1);
      const int column = x >> 9;
      const int row = y >> 9;
      const std::int32_t right = (x & 511) >> 2;
      const std::int32_t down = (y & 511) >> 2;
      // Around the print lies one sample of nothing.
      if (column < -1 || row < -1 || column >= columns_ || row >= rows_) {
        *next++ = 0;
        continue;
      }
      const std::int8_t* const wave = wave_ + row * pitch_ + column;
      const std::int32_t upper = wave[0] * (128 - right) + wave[1] * right;
      const std::int32_t lower = wave[pitch_] * (128 - right) + wave[pitch_ + 1] * right;
      *next++ = static_cast<std::int8_t>((upper * (128 - down) + lower * down) / (128 * 128));
    }
  }
}

}  // namespace touchstone::biometrics
