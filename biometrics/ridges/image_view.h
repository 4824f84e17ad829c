// What the parts of the way from picture to vector agree on. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace touchstone::biometrics {

/// 8-bit grey, row-major, dark ridges on light ground, about 500 dpi.
struct ImageView {
  Bytes pixels;  ///< width_px * height_px
  std::uint16_t width_px = 0;
  std::uint16_t height_px = 0;
};

/// How much of the image is usable print.
struct Quality {
  std::uint8_t contact_percent = 0;  ///< share of the image with ridges
  std::uint8_t ridge_percent = 0;    ///< mean coherence of the ridge orientation there
  std::uint8_t mean_grey = 0;        ///< of the whole image
};

}  // namespace touchstone::biometrics
