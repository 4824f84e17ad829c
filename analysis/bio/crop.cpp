#include "bio/crop.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace touchstone::bio {
namespace {

constexpr double kInch_mm = 25.4;
// A block is held when its grey steps reach this share of the clear part's; and this much at all (grey levels a pixel).
constexpr double kShare = 0.3;
constexpr double kLeastStep = 1.5;

// Marks the largest region of held blocks (4-neighbours) and drops the rest.
void keep_largest(Foreground& out) {
  std::vector<int> region(out.held.size(), 0);
  std::vector<std::size_t> stack;
  int best = 0;
  int best_size = 0;
  int regions = 0;
  const auto columns = static_cast<std::size_t>(out.columns);
  for (std::size_t start = 0; start < out.held.size(); ++start) {
    if (!out.held[start] || region[start] != 0) continue;
    region[start] = ++regions;
    stack.assign(1, start);
    int size = 0;
    while (!stack.empty()) {
      const std::size_t at = stack.back();
      stack.pop_back();
      ++size;
      const auto visit = [&](std::size_t next) {
        if (!out.held[next] || region[next] != 0) return;
        region[next] = regions;
        stack.push_back(next);
      };
      if (at % columns > 0) visit(at - 1);
      if (at % columns + 1 < columns) visit(at + 1);
      if (at >= columns) visit(at - columns);
      if (at + columns < out.held.size()) visit(at + columns);
    }
    if (size > best_size) {
      best_size = size;
      best = regions;
    }
  }
  for (std::size_t i = 0; i < out.held.size(); ++i) out.held[i] = best != 0 && region[i] == best;
  out.blocks = best_size;
}

}  // namespace

Foreground find_foreground(const GreyImage& image) {
  constexpr int kBlock = Foreground::kBlock_px;
  Foreground out;
  out.columns = image.width_px / kBlock;
  out.rows = image.height_px / kBlock;
  out.centre_x_px = (image.width_px - 1) / 2.0;
  out.centre_y_px = (image.height_px - 1) / 2.0;
  const auto count = static_cast<std::size_t>(out.columns) * static_cast<std::size_t>(out.rows);
  out.held.assign(count, false);
  if (count == 0) return out;

  // Mean grey step between pixels two apart, both ways, a block; then over 3 x 3 blocks.
  std::vector<double> steps(count, 0);
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.columns; ++column) {
      int sum = 0;
      for (int y = row * kBlock; y < (row + 1) * kBlock; ++y) {
        for (int x = column * kBlock; x < (column + 1) * kBlock; ++x) {
          const int right = std::min(x + 2, image.width_px - 1);
          const int below = std::min(y + 2, image.height_px - 1);
          sum += std::abs(image.at(right, y) - image.at(x, y)) + std::abs(image.at(x, below) - image.at(x, y));
        }
      }
      steps[static_cast<std::size_t>(row * out.columns + column)] = sum / (2.0 * kBlock * kBlock);
    }
  }
  std::vector<double> smooth(count, 0);
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.columns; ++column) {
      double sum = 0;
      int cells = 0;
      for (int y = std::max(0, row - 1); y <= std::min(out.rows - 1, row + 1); ++y) {
        for (int x = std::max(0, column - 1); x <= std::min(out.columns - 1, column + 1); ++x, ++cells) {
          sum += steps[static_cast<std::size_t>(y * out.columns + x)];
        }
      }
      smooth[static_cast<std::size_t>(row * out.columns + column)] = sum / cells;
    }
  }
  std::vector<double> ordered = smooth;
  const auto clear = ordered.begin() + static_cast<std::ptrdiff_t>(count * 9 / 10);
  std::nth_element(ordered.begin(), clear, ordered.end());
  const double threshold = std::max(kShare * *clear, kLeastStep);
  for (std::size_t i = 0; i < count; ++i) out.held[i] = smooth[i] >= threshold;
  keep_largest(out);
  if (out.blocks == 0) return out;

  double x_sum = 0;
  double y_sum = 0;
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.columns; ++column) {
      if (!out.at(column, row)) continue;
      x_sum += column;
      y_sum += row;
    }
  }
  out.centre_x_px = (x_sum / out.blocks + 0.5) * kBlock - 0.5;
  out.centre_y_px = (y_sum / out.blocks + 0.5) * kBlock - 0.5;
  return out;
}

GreyImage window(const Print& print, double centre_x_px, double centre_y_px, double dpi, int width_px, int height_px) {
  constexpr std::uint8_t kWhite = 255;
  const double step = print.dpi / dpi;
  GreyImage out(width_px, height_px, kWhite);
  for (int y = 0; y < height_px; ++y) {
    const double v = centre_y_px + (y - (height_px - 1) / 2.0) * step;
    const int top = static_cast<int>(std::floor(v));
    const double down = v - top;
    for (int x = 0; x < width_px; ++x) {
      const double u = centre_x_px + (x - (width_px - 1) / 2.0) * step;
      const int left = static_cast<int>(std::floor(u));
      const double right = u - left;
      const double upper = (1 - right) * print.image.at_or(left, top, kWhite) + right * print.image.at_or(left + 1, top, kWhite);
      const double lower = (1 - right) * print.image.at_or(left, top + 1, kWhite) + right * print.image.at_or(left + 1, top + 1, kWhite);
      out.at(x, y) = static_cast<std::uint8_t>((1 - down) * upper + down * lower + 0.5);
    }
  }
  return out;
}

Place card_place(const Print& print, SeedTree touch, double placement_mm) {
  const Foreground foreground = find_foreground(print.image);
  Random random = touch.stream("placement");
  const double reach_px = placement_mm / kInch_mm * print.dpi;
  const double x = foreground.centre_x_px + random.uniform(-reach_px, reach_px);
  const double y = foreground.centre_y_px + random.uniform(-reach_px, reach_px);
  return {x, y};
}

Print card_crop(const Print& print, SeedTree touch, double side_mm, double placement_mm) {
  const Place place = card_place(print, touch, placement_mm);
  const int side_px = static_cast<int>(side_mm / kInch_mm * kCardDpi + 0.5);
  return {window(print, place.x_px, place.y_px, kCardDpi, side_px, side_px), kCardDpi};
}

Print full_print(const Print& print, int most_px) {
  const int width = std::min(print.image.width_px, most_px);
  const int height = std::min(print.image.height_px, most_px);
  if (width == print.image.width_px && height == print.image.height_px) return print;
  const Foreground foreground = find_foreground(print.image);
  const auto start = [](double centre, int side, int whole) {
    return std::clamp(static_cast<int>(std::floor(centre - (side - 1) / 2.0 + 0.5)), 0, whole - side);
  };
  return {crop(print.image, start(foreground.centre_x_px, width, print.image.width_px),
               start(foreground.centre_y_px, height, print.image.height_px), width, height),
          print.dpi};
}

}  // namespace touchstone::bio
