// 8-bit grey pictures on the host: fingerprints, display frames, contact sheets. Host only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace touchstone {

/// Row-major, 0 = black, 255 = white.
struct GreyImage {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> pixels;

  GreyImage() = default;
  GreyImage(int width, int height, std::uint8_t fill = 255);

  std::uint8_t& at(int x, int y) { return pixels[static_cast<std::size_t>(y * width_px + x)]; }
  std::uint8_t at(int x, int y) const { return pixels[static_cast<std::size_t>(y * width_px + x)]; }
  /// `fill` outside the picture.
  std::uint8_t at_or(int x, int y, std::uint8_t fill) const {
    return x < 0 || y < 0 || x >= width_px || y >= height_px ? fill : at(x, y);
  }
  bool operator==(const GreyImage&) const = default;
};

/// The window whose upper left corner is (left, top); what lies outside the picture is `fill`.
GreyImage crop(const GreyImage& image, int left, int top, int width_px, int height_px, std::uint8_t fill = 255);
/// The window of the given size around the picture's centre.
GreyImage centre_crop(const GreyImage& image, int width_px, int height_px, std::uint8_t fill = 255);
/// Copies `part` into `image` with its upper left corner at (left, top); what does not fit is cut off.
void paste(GreyImage& image, const GreyImage& part, int left, int top);

/// Why a picture could not be read or written, in words for the user (holds the path).
struct ImageError {
  std::string message;
};

/// Reads a PNG of any colour type and converts it to 8-bit grey; at most 8192 px a side.
/// `out` is set on success; returns an empty message then.
[[nodiscard]] ImageError read_png(const std::filesystem::path& path, GreyImage& out);
/// The same from bytes in memory; `name` stands in messages.
[[nodiscard]] ImageError parse_png(Bytes untrusted_png, const std::string& name, GreyImage& out);
/// Writes 8-bit grey. The file's bytes depend on pixels and resolution alone (no time stamp); 0 leaves the resolution open.
[[nodiscard]] ImageError write_png(const std::filesystem::path& path, const GreyImage& image, double dpi = 0);

}  // namespace touchstone
