// A fingerprint picture in a file, read with its limits checked before anything is decoded.
#pragma once

#include <filesystem>
#include <optional>

#include "image/grey_image.h"

namespace touchstone::bio {

/// Sides of a picture that can be a print: half a finger's width at 250 dpi up to a whole hand's scan at 1000 dpi.
inline constexpr int kLeastSide_px = 64;
inline constexpr int kMostSide_px = 4096;

/// What the first bytes of a PNG file say.
struct PngHeader {
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
  std::optional<double> dpi;  ///< of chunk pHYs (PNG specification, 11.3.4.3); equal in both directions
};

/// Throws BadInput: not a file, not a PNG, sides outside the limits, different resolutions across and down.
PngHeader read_png_header(const std::filesystem::path& path);

/// The pixels, after the header's limits. Throws BadInput.
GreyImage read_print(const std::filesystem::path& path);

}  // namespace touchstone::bio
