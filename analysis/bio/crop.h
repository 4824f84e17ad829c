// What a sensor of the card's size sees of a larger picture.
#pragma once

#include <vector>

#include "base/seed.h"
#include "image/grey_image.h"

namespace touchstone::bio {

/// A print and its resolution.
struct Print {
  GreyImage image;
  double dpi = 500;
};

/// The card's sensor: 192 px at 508 dpi are 9.6 mm.
inline constexpr double kCardDpi = 508;
inline constexpr double kCardSide_mm = 9.6;
inline constexpr double kPlacement_mm = 2;  ///< largest offset of a placement, each way

/// Where a picture holds ridges, in blocks of kBlock_px: grey changes as strongly as in the print's clear part, the largest
/// connected region. Works on the picture alone.
struct Foreground {
  static constexpr int kBlock_px = 8;
  int columns = 0;
  int rows = 0;
  std::vector<bool> held;  ///< row-major
  int blocks = 0;          ///< how many are held
  double centre_x_px = 0;  ///< centroid; the picture's centre where nothing is held
  double centre_y_px = 0;

  bool at(int column, int row) const { return held[static_cast<std::size_t>(row * columns + column)]; }
};
Foreground find_foreground(const GreyImage& image);

/// The window of `width_px` x `height_px` around (centre_x_px, centre_y_px) of `print`, resampled (bilinear) to `dpi`; white
/// where the picture ends.
GreyImage window(const Print& print, double centre_x_px, double centre_y_px, double dpi, int width_px, int height_px);

struct Place {
  double x_px = 0;
  double y_px = 0;
};
/// Where the card's sensor lies under a print: the foreground's centroid moved by a uniform offset of up to placement_mm in each
/// direction, drawn from `touch`. No other impression has a say.
Place card_place(const Print& print, SeedTree touch, double placement_mm = kPlacement_mm);

/// The crop of the protocol: side_mm square at kCardDpi around card_place().
Print card_crop(const Print& print, SeedTree touch, double side_mm = kCardSide_mm, double placement_mm = kPlacement_mm);

/// The whole print, but at most `most_px` a side, cut around the foreground's centroid; native resolution.
Print full_print(const Print& print, int most_px);

}  // namespace touchstone::bio
