#include <png.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "image/grey_image.h"

namespace touchstone {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 64U << 20;

constexpr png_uint_32 kMaxSide_px = 8192;

// libpng's simplified interface reports failures in the structure instead of by longjmp.
struct PngImage {
  png_image value{};
  PngImage() { value.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&value); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

}  // namespace

ImageError parse_png(Bytes untrusted_png, const std::string& name, GreyImage& out) {
  PngImage png;
  if (png_image_begin_read_from_memory(&png.value, untrusted_png.data(), untrusted_png.size()) == 0) {
    return {name + ": not a readable PNG picture (" + png.value.message + ")"};
  }
  if (png.value.width == 0 || png.value.height == 0 || png.value.width > kMaxSide_px || png.value.height > kMaxSide_px) {
    return {name + ": " + std::to_string(png.value.width) + "x" + std::to_string(png.value.height) +
            " px is outside 1 to " + std::to_string(kMaxSide_px) + " px a side"};
  }
  // 16-bit and linear files are converted to 8 bits; transparency is laid on white.
  png.value.format = PNG_FORMAT_GRAY;
  GreyImage read(static_cast<int>(png.value.width), static_cast<int>(png.value.height));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png.value, &white, read.pixels.data(), 0, nullptr) == 0) {
    return {name + ": the PNG picture is damaged (" + png.value.message + ")"};
  }
  out = std::move(read);
  return {};
}

ImageError read_png(const std::filesystem::path& path, GreyImage& out) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {path.string() + ": is no file"};
  if (std::filesystem::file_size(path, error) > kMaxFileBytes) return {path.string() + ": is larger than 64 MB"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return {path.string() + ": cannot be opened"};
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return {path.string() + ": cannot be read"};
  return parse_png(Bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), path.string(), out);
}

namespace {

// Chunk pHYs (PNG specification, 11.3.4.3) behind the header, which ends at byte 33.
void state_resolution(std::vector<std::uint8_t>& file, double dpi) {
  constexpr std::size_t kHeaderEnd = 33;
  std::vector<std::uint8_t> chunk = {0, 0, 0, 9, 'p', 'H', 'Y', 's'};
  const auto put32 = [&](std::uint32_t v) {
    for (int shift = 24; shift >= 0; shift -= 8) chunk.push_back(static_cast<std::uint8_t>(v >> shift));
  };
  const auto a_metre = static_cast<std::uint32_t>(dpi / 0.0254 + 0.5);
  put32(a_metre);
  put32(a_metre);
  chunk.push_back(1);
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 4; i < chunk.size(); ++i) {
    crc ^= chunk[i];
    for (int k = 0; k < 8; ++k) crc = (crc & 1) != 0 ? 0xedb88320 ^ (crc >> 1) : crc >> 1;
  }
  put32(~crc);
  file.insert(file.begin() + kHeaderEnd, chunk.begin(), chunk.end());
}

}  // namespace

ImageError write_png(const std::filesystem::path& path, const GreyImage& image, double dpi) {
  PngImage png;
  png.value.width = static_cast<png_uint_32>(image.width_px);
  png.value.height = static_cast<png_uint_32>(image.height_px);
  png.value.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> file(PNG_IMAGE_PNG_SIZE_MAX(png.value));
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&png.value, file.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0) {
    return {path.string() + ": cannot be written (" + png.value.message + ")"};
  }
  file.resize(size);
  if (dpi > 0) state_resolution(file, dpi);
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  if (!out.flush()) return {path.string() + ": cannot be written"};
  return {};
}

}  // namespace touchstone
