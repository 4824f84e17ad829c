#include "bio/print_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdio>
#include <numbers>
#include <vector>

#include "metrics/rate.h"

namespace touchstone::bio {
namespace {

constexpr int kSide = 32;  // of a spectral block, px at about 500 dpi

// What one block's spectrum says of it: how much of its energy one wave holds, and that wave's length.
struct Wave {
  double share = 0;  // of all energy but the mean, in one spectral peak and its neighbours
  double period_px = 0;
};

using Complex = std::complex<double>;

// Of 32 values, in place (radix 2, decimation in time).
void transform(std::array<Complex, kSide>& v) {
  for (std::size_t i = 1, j = 0; i < kSide; ++i) {
    std::size_t bit = kSide / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(v[i], v[j]);
  }
  static const std::array<Complex, kSide / 2> turns = [] {
    std::array<Complex, kSide / 2> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(i) / kSide);
    return out;
  }();
  for (std::size_t length = 2; length <= kSide; length *= 2) {
    for (std::size_t start = 0; start < kSide; start += length) {
      for (std::size_t i = 0; i < length / 2; ++i) {
        const Complex& turn = turns[i * (kSide / length)];
        const Complex& b = v[start + i + length / 2];
        // By parts: the operator would look for infinities.
        const Complex odd(turn.real() * b.real() - turn.imag() * b.imag(), turn.real() * b.imag() + turn.imag() * b.real());
        v[start + i + length / 2] = v[start + i] - odd;
        v[start + i] += odd;
      }
    }
  }
}

Wave find_wave(const GreyImage& image, int left, int top) {
  static const std::array<double, kSide> window = [] {
    std::array<double, kSide> out{};
    for (std::size_t i = 0; i < kSide; ++i) out[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / kSide);
    return out;
  }();
  double sum = 0;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) sum += image.at(left + x, top + y);
  }
  const double mean = sum / (kSide * kSide);
  Wave out;

  std::array<std::array<Complex, kSide>, kSide> rows{};  // [x][y] after the first pass
  for (std::size_t y = 0; y < kSide; ++y) {
    std::array<Complex, kSide> line{};
    for (std::size_t x = 0; x < kSide; ++x) {
      line[x] = window[x] * window[y] * (image.at(left + static_cast<int>(x), top + static_cast<int>(y)) - mean);
    }
    transform(line);
    for (std::size_t x = 0; x < kSide; ++x) rows[x][y] = line[x];
  }
  std::array<std::array<double, kSide>, kSide> power{};
  double all = 0;
  for (std::size_t x = 0; x < kSide; ++x) {
    transform(rows[x]);
    for (std::size_t y = 0; y < kSide; ++y) {
      const int fx = static_cast<int>(x) < kSide / 2 ? static_cast<int>(x) : static_cast<int>(x) - kSide;
      const int fy = static_cast<int>(y) < kSide / 2 ? static_cast<int>(y) : static_cast<int>(y) - kSide;
      if (fx * fx + fy * fy <= 1) continue;  // the mean, and slopes of pressure
      power[x][y] = std::norm(rows[x][y]);
      all += power[x][y];
    }
  }
  if (all <= 0) return out;
  double best = 0;
  for (int fx = 0; fx < kSide / 2; ++fx) {
    for (int fy = -kSide / 2 + 1; fy < kSide / 2 - 1; ++fy) {
      if (fx * fx + fy * fy <= 1) continue;
      double sum3 = 0;
      double x_sum = 0;
      double y_sum = 0;
      for (int dx = -1; dx <= 1; ++dx) {
        for (int dy = -1; dy <= 1; ++dy) {
          const double p = power[static_cast<std::size_t>((fx + dx + kSide) % kSide)][static_cast<std::size_t>((fy + dy + kSide) % kSide)];
          sum3 += p;
          x_sum += p * (fx + dx);
          y_sum += p * (fy + dy);
        }
      }
      if (sum3 <= best) continue;
      best = sum3;
      out.share = 2 * sum3 / all;  // with its mirror image
      out.period_px = kSide / std::max(1e-9, std::hypot(x_sum / sum3, y_sum / sum3));
    }
  }
  return out;
}

// Skin has ridges 0.3 to 0.65 mm apart; measured medians of real pictures: 0.32 to 0.55.
constexpr double kNominalDpi = 500;
constexpr double kLeastPeriod_px = 5;
constexpr double kMostPeriod_px = 12.5;
constexpr double kWaveShare = 0.4;
constexpr double kLeastRidgeShare = 0.25;  // real prints 0.42 and more, faces 0.17 and less
constexpr double kSureRidgeShare = 0.5;    // to say that only the scale is wrong
constexpr double kLeastContrast = 3;
constexpr double kMostClipped = 0.9;       // real prints up to 0.6
constexpr double kLeastArea_mm2 = 15;
constexpr double kLeastDpi = 250;
constexpr double kMostDpi = 1250;
constexpr double kLeastSide_mm = 4;
constexpr double kMostSide_mm = 60;
constexpr double kInch_mm = 25.4;

struct Ridges {
  double share = 0;
  int blocks = 0;
  double median_period_px = 0;
};

// Blocks half overlapping, where the picture has contrast.
Ridges find_ridges(const GreyImage& image) {
  const Foreground foreground = find_foreground(image);
  constexpr int kBlocks = kSide / Foreground::kBlock_px;
  std::vector<double> periods;
  int with_contrast = 0;
  for (int row = 0; row + kBlocks <= foreground.rows; row += kBlocks / 2) {
    for (int column = 0; column + kBlocks <= foreground.columns; column += kBlocks / 2) {
      int held = 0;
      for (int y = 0; y < kBlocks; ++y) {
        for (int x = 0; x < kBlocks; ++x) held += foreground.at(column + x, row + y) ? 1 : 0;
      }
      if (held < kBlocks * kBlocks * 3 / 4) continue;
      ++with_contrast;
      const Wave wave = find_wave(image, column * Foreground::kBlock_px, row * Foreground::kBlock_px);
      if (wave.share >= kWaveShare && wave.period_px >= kLeastPeriod_px && wave.period_px <= kMostPeriod_px) periods.push_back(wave.period_px);
    }
  }
  Ridges out;
  out.blocks = static_cast<int>(periods.size());
  if (periods.empty()) return out;
  out.share = static_cast<double>(periods.size()) / with_contrast;
  const auto middle = periods.begin() + static_cast<std::ptrdiff_t>(periods.size() / 2);
  std::nth_element(periods.begin(), middle, periods.end());
  out.median_period_px = *middle;
  return out;
}

// The whole picture as if it had `dpi`, brought to kNominalDpi.
GreyImage at_nominal(const GreyImage& image, double dpi) {
  const double scale = kNominalDpi / dpi;
  const int width = std::max(1, static_cast<int>(image.width_px * scale));
  const int height = std::max(1, static_cast<int>(image.height_px * scale));
  return window({image, dpi}, (image.width_px - 1) / 2.0, (image.height_px - 1) / 2.0, kNominalDpi, width, height);
}

std::string number(double value, int decimals) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

}  // namespace

PrintCheck check_print(const Print& print) {
  PrintCheck out;
  const GreyImage& image = print.image;
  const double width_mm = image.width_px / print.dpi * kInch_mm;
  const double height_mm = image.height_px / print.dpi * kInch_mm;
  if (!(print.dpi >= kLeastDpi && print.dpi <= kMostDpi)) {
    out.fault = PrintFault::kResolution;
    return out;
  }
  if (std::min(width_mm, height_mm) < kLeastSide_mm || std::max(width_mm, height_mm) > kMostSide_mm) {
    out.fault = PrintFault::kSize;
    return out;
  }
  const Foreground foreground = find_foreground(image);
  double sum = 0;
  double squares = 0;
  double inside = 0;
  int held = 0;
  int ends = 0;
  for (int y = 0; y < image.height_px; ++y) {
    for (int x = 0; x < image.width_px; ++x) {
      const double grey = image.at(x, y);
      sum += grey;
      squares += grey * grey;
      const int column = x / Foreground::kBlock_px;
      const int row = y / Foreground::kBlock_px;
      if (column >= foreground.columns || row >= foreground.rows || !foreground.at(column, row)) continue;
      ++held;
      inside += grey;
      ends += image.at(x, y) == 0 || image.at(x, y) == 255 ? 1 : 0;
    }
  }
  const double all = static_cast<double>(image.width_px) * image.height_px;
  out.contrast = std::sqrt(std::max(0.0, squares / all - sum / all * (sum / all)));
  if (held > 0) {
    out.print_grey = inside / held;
    out.clipped = static_cast<double>(ends) / held;
  }
  out.ground_share = (all - held) / all;
  if (out.ground_share > 0) out.ground_grey = (sum - inside) / (all - held);
  if (out.contrast < kLeastContrast || held == 0) {
    out.fault = PrintFault::kBlank;
    return out;
  }
  if (out.clipped > kMostClipped) {
    out.fault = PrintFault::kSaturated;
    return out;
  }

  const Ridges ridges = find_ridges(print.dpi == kNominalDpi ? image : at_nominal(image, print.dpi));
  const int block_px = kSide / 2;
  const double block_mm = block_px / kNominalDpi * kInch_mm;
  out.ridge_share = ridges.share;
  out.ridge_area_mm2 = ridges.blocks * block_mm * block_mm;
  out.period_mm = ridges.median_period_px / kNominalDpi * kInch_mm;
  if (ridges.share < kLeastRidgeShare) {
    out.fault = PrintFault::kNoRidges;
    double best = kSureRidgeShare;
    for (const double factor : {0.5, 0.7, 1.4, 2.0}) {
      const Ridges other = find_ridges(at_nominal(image, print.dpi * factor));
      if (other.share < best) continue;
      best = other.share;
      out.fault = PrintFault::kResolution;
      out.fitting_dpi = print.dpi * factor;
    }
    return out;
  }
  if (out.ridge_area_mm2 < kLeastArea_mm2) {
    out.fault = PrintFault::kSize;
    return out;
  }
  // Sensors give a ground lighter than the print. Thermal ones give it the print's own grey, and down to 33 levels less.
  constexpr double kGround = 0.1;
  const double step = out.ground_grey - out.print_grey;
  if (out.ground_share >= kGround && ((out.ground_grey < 40 && step < -12) || (out.print_grey > 140 && step < -25))) out.fault = PrintFault::kInverted;
  return out;
}

std::string PrintCheck::reason() const {
  switch (fault) {
    case PrintFault::kNone: return "a print";
    case PrintFault::kSize:
      return "too little or too much for a print: sides of " + number(kLeastSide_mm, 0) + " to " + number(kMostSide_mm, 0) + " mm with " +
             number(kLeastArea_mm2, 0) + " mm2 of ridges are taken; check the picture and its resolution";
    case PrintFault::kBlank: return "blank: next to no contrast (standard deviation of grey " + number(contrast, 1) + "); capture it again";
    case PrintFault::kSaturated:
      return "saturated: " + metrics::percent(clipped) + " of the print is clipped to black or white; capture it with less gain, or do not binarise it";
    case PrintFault::kNoRidges:
      return "no ridges: only " + metrics::percent(ridge_share) + " of it has one ridge direction and distance; is this a fingerprint?";
    case PrintFault::kResolution:
      return fitting_dpi > 0 ? "wrong resolution: its ridges fit a picture of about " + number(fitting_dpi, 0) + " dpi; state the true one"
                             : "resolution outside " + number(kLeastDpi, 0) + " to " + number(kMostDpi, 0) + " dpi; state the true one";
    case PrintFault::kInverted:
      return "inverted: the ground (grey " + number(ground_grey, 0) + ") is darker than the print (" + number(print_grey, 0) +
             "); ridges must be dark on a light ground";
  }
  return "?";
}

const char* to_string(PrintFault fault) {
  switch (fault) {
    case PrintFault::kNone: return "a print";
    case PrintFault::kSize: return "size";
    case PrintFault::kBlank: return "blank";
    case PrintFault::kSaturated: return "saturated";
    case PrintFault::kNoRidges: return "no ridges";
    case PrintFault::kResolution: return "wrong resolution";
    case PrintFault::kInverted: return "inverted";
  }
  return "?";
}

}  // namespace touchstone::bio
