#include "bio/print_file.h"

#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>

#include "base/bytes.h"
#include "bio/bad_input.h"

namespace touchstone::bio {
namespace {

constexpr double kInch_m = 0.0254;

}  // namespace

PngHeader read_png_header(const std::filesystem::path& path) {
  const std::string name = path.string();
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput(name + ": cannot be opened");
  const auto read = [&](std::uint8_t* out, std::size_t size) {
    file.read(reinterpret_cast<char*>(out), static_cast<std::streamsize>(size));
    return file.gcount() == static_cast<std::streamsize>(size);
  };
  static constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  std::array<std::uint8_t, 8> signature{};
  std::array<std::uint8_t, 8> chunk{};
  std::array<std::uint8_t, 13> body{};
  if (!read(signature.data(), signature.size()) || signature != kSignature || !read(chunk.data(), chunk.size()) ||
      std::memcmp(&chunk[4], "IHDR", 4) != 0 || load_be32(chunk.data()) != body.size() || !read(body.data(), body.size())) {
    throw BadInput(name + ": not a PNG picture; convert prints to 8-bit grey PNG first");
  }
  PngHeader out;
  out.width_px = load_be32(&body[0]);
  out.height_px = load_be32(&body[4]);
  if (out.width_px < kLeastSide_px || out.height_px < kLeastSide_px || out.width_px > kMostSide_px || out.height_px > kMostSide_px) {
    throw BadInput(name + ": " + std::to_string(out.width_px) + "x" + std::to_string(out.height_px) + " px cannot be a print; " +
                   std::to_string(kLeastSide_px) + " to " + std::to_string(kMostSide_px) + " px a side are taken");
  }
  file.seekg(4, std::ios::cur);  // the checksum
  while (read(chunk.data(), chunk.size()) && std::memcmp(&chunk[4], "IDAT", 4) != 0) {
    const std::uint32_t length = load_be32(chunk.data());
    if (std::memcmp(&chunk[4], "pHYs", 4) == 0 && length == 9) {
      if (!read(body.data(), 9)) break;
      const std::uint32_t across = load_be32(&body[0]);
      const std::uint32_t down = load_be32(&body[4]);
      if (body[8] == 1) {  // pixels a metre; else the file gives the shape of a pixel alone
        if (across != down) throw BadInput(name + ": its pixels are not square (chunk pHYs); resample it first");
        out.dpi = across * kInch_m;
      }
      break;
    }
    file.seekg(std::streamoff{length} + 4, std::ios::cur);
  }
  return out;
}

GreyImage read_print(const std::filesystem::path& path) {
  read_png_header(path);
  GreyImage image;
  if (const ImageError error = read_png(path, image); !error.message.empty()) throw BadInput(error.message);
  return image;
}

}  // namespace touchstone::bio
