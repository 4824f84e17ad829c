// From a picture of a finger to what tells fingers apart, wherever and however the finger lies: the phase of its ridges and the
// points where a ridge begins or ends, each with its neighbourhood in the point's own frame. Freestanding, integers only.
//
// Every ridge is a wave: the picture is cos(phase), and a minutia is a point around which the phase runs through a whole turn
// (Larkin and Fletcher 2007). Such points need no thinning, and whether the ridge ends or the valley does, the direction is one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "ridges/image_view.h"

namespace touchstone::biometrics {

struct RidgeFilter;

/// x right, y down, from the middle of the upper left pixel. The direction is that of the ridge, towards the side that has one
/// ridge more (as in ISO/IEC 19794-2, but clockwise).
struct Minutia {
  std::int16_t x_q2 = 0, y_q2 = 0;  ///< quarters of a pixel: a ridge is some nine pixels wide, and its phase is read from here
  std::uint8_t direction = 0;  ///< 256 steps a turn, from x towards y
  std::uint8_t quality = 0;    ///< coherence of the ridges' orientation around it, 0 .. 127
};

/// A minutia's neighbourhood: 127 on top of a ridge, -127 in a valley, 0 where there is no print. Row-major; columns run along
/// the minutia's direction, the minutia lies in the middle.
inline constexpr int kPatchSide = 32;
inline constexpr double kPatchStep_px = 2.5;
using Patch = std::array<std::int8_t, kPatchSide * kPatchSide>;

class PrintAnalysis {
 public:
  static constexpr int kMinSide_px = 64;
  static constexpr int kMaxSide_px = 1024;
  static constexpr int kMaxMinutiae = 48;

  /// Bytes of work area for a picture of this size: 41 KB for 192 x 192.
  static std::size_t work_bytes(int width_px, int height_px);

  /// `work_area` is aligned to 8, at least work_bytes() long, and has to live as long as the analysis; the picture need not.
  /// It holds the print afterwards: wipe it. The picture may lie at its beginning. kPoorQuality: no usable print, and `quality` says how
  /// good it was; kOutOfRange: size not supported or not that of the pixels; kTooLarge: the work area is too small. Running time depends
  /// on the picture.
  static Result<PrintAnalysis> analyse(const ImageView& image, MutableBytes work_area, Quality& quality);
  static Result<PrintAnalysis> analyse(const ImageView& image, MutableBytes work_area) {
    Quality ignored;
    return analyse(image, work_area, ignored);
  }

  const Quality& quality() const { return quality_; }
  /// Of the ridges, px at 500 dpi: one for the whole print.
  int period_index() const { return period_; }
  /// Best first.
  std::span<const Minutia> minutiae() const { return {minutiae_, static_cast<std::size_t>(minutia_count_)}; }
  void sample(const Minutia& minutia, Patch& out) const;

  // The wave itself, for pictures and tests; two pixels a sample.
  int columns() const { return columns_; }
  int rows() const { return rows_; }
  bool has_print(int column, int row) const { return orientation_[row * columns_ + column] != kNoPrint; }
  std::uint8_t phase(int column, int row) const { return phase_[row * columns_ + column]; }

 private:
  static constexpr std::uint8_t kNoPrint = 0xFF;
  struct Cell {
    std::int8_t cosine, sine;  // of twice the ridge's angle, 127 = 1
    std::uint8_t coherence;    // 0 .. 127
    std::uint8_t print;        // 1: there is print
  };

  void halve(const ImageView& image);
  bool estimate_orientation(std::int32_t* const scratch[4]);
  struct Blend {
    std::int32_t cosine, sine, print;
  };
  class AngleRow;
  Blend blend(int cell_column, int cell_row, int down) const;
  bool doubled_angle_at(int column, int row, std::uint8_t& doubled) const;
  struct Response {
    std::int32_t even, odd;
  };
  template <std::size_t kCount>
  void respond_in_line(int column, int row, const RidgeFilter& filter, Response* out) const;
  Response respond(int column, int row, const RidgeFilter& filter) const;
  void estimate_period();
  void demodulate();
  void find_minutiae();
  void draw_wave();
  int collect_residues();
  Minutia locate(int column, int row) const;
  void cancel_pairs(int count);
  bool inside(const Minutia& minutia) const;

  int columns_ = 0, rows_ = 0;            // samples, 2 px
  int pitch_ = 0;                         // of half_
  int cell_columns_ = 0, cell_rows_ = 0;  // 4 samples
  int period_ = 0;
  int minutia_count_ = 0;
  Quality quality_;
  // All in the work area.
  std::uint8_t* half_ = nullptr;         // the picture at half resolution; around it the samples of its rim once more, as far as a filter reaches
  std::int8_t* wave_ = nullptr;          // there, after the last minutia was found: 127 on a ridge, 0 where there is no print
  std::uint8_t* phase_ = nullptr;
  std::uint8_t* orientation_ = nullptr;  // index of the filter, or kNoPrint
  Cell* cells_ = nullptr;
  RidgeFilter* filters_ = nullptr;       // those of the print's period, by orientation
  Minutia* minutiae_ = nullptr;
};

}  // namespace touchstone::biometrics
