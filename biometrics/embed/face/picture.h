// Colour pictures from files, videos and cameras. Grey ones get three equal channels. Host only; OpenCV reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace touchstone::face {

/// Row-major, 8-bit red, green, blue.
struct Picture {
  int width_px = 0, height_px = 0;
  std::vector<std::uint8_t> rgb;
  std::string name;  ///< for messages

  bool empty() const { return rgb.empty(); }
};

/// JPEG, PNG, PGM and what else OpenCV reads, at most 64 megapixels. Turned as its EXIF orientation says. Refused: kUnreadable.
Picture read_picture(const std::filesystem::path& path);
Picture parse_picture(Bytes untrusted, const std::string& name);
/// PNG. Throws std::runtime_error where it cannot be written.
void write_picture(const std::filesystem::path& path, const Picture& picture);

/// The window whose upper left corner is (left, top); outside the picture its rim is repeated.
Picture crop(const Picture& picture, int left, int top, int width_px, int height_px);
Picture turned_half(const Picture& picture);

/// The frames of a video file, or of a camera (/dev/videoN), one after the other.
class Frames {
 public:
  /// Refused: kUnreadable.
  explicit Frames(const std::string& file_or_device);
  ~Frames();
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;
  /// Nothing at the end. Frames are named "FILE frame N". Refused (kUnreadable) where there was no frame at all, and
  /// after the last one of a file where more than half a second, and more than a tenth, of the length it states is missing.
  std::optional<Picture> next();

 private:
  struct Capture;
  std::unique_ptr<Capture> capture_;
};

/// By the ending of its name: .avi .mkv .mov .mp4 .webm, or /dev/video*.
bool is_video(const std::string& file);

}  // namespace touchstone::face
