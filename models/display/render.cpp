// Pictures of the glass for people: PNG and terminal.
#include <cstdio>
#include <system_error>

#include "base/check.h"
#include "display/memory_lcd.h"

namespace touchstone::models {

namespace {

// A reflective panel: white is light grey, black is dark grey, the bezel darker still.
constexpr std::uint8_t kWhite = 214, kBlack = 36, kGlass = 196, kBezel = 16;
constexpr int kGlassPx = 2, kBezelPx = 3;  // margins, in panel pixels

bool is_white(const MemoryLcd::Picture& picture, int x, int y) {
  return (picture[static_cast<std::size_t>(y * MemoryLcd::kLineBytes + x / 8)] >> (7 - x % 8) & 1) != 0;
}

}  // namespace

GreyImage render(const MemoryLcd::Picture& picture, int scale) {
  TS_CHECK(scale >= 1, "scale is a positive integer");
  const int margin = kGlassPx + kBezelPx;
  GreyImage out((MemoryLcd::kWidthPx + 2 * margin) * scale, (MemoryLcd::kHeightPx + 2 * margin) * scale, kBezel);
  const auto fill = [&](int x, int y, std::uint8_t grey) {
    for (int j = 0; j < scale; ++j)
      for (int i = 0; i < scale; ++i) out.at((x + margin) * scale + i, (y + margin) * scale + j) = grey;
  };
  for (int y = -kGlassPx; y < MemoryLcd::kHeightPx + kGlassPx; ++y)
    for (int x = -kGlassPx; x < MemoryLcd::kWidthPx + kGlassPx; ++x) {
      const bool inside = x >= 0 && y >= 0 && x < MemoryLcd::kWidthPx && y < MemoryLcd::kHeightPx;
      fill(x, y, !inside ? kGlass : is_white(picture, x, y) ? kWhite : kBlack);
    }
  return out;
}

ImageError write_pngs(const std::vector<MemoryLcd::Frame>& frames, const std::filesystem::path& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) return {"cannot make " + dir.string() + ": " + error.message()};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "frame-%03zu.png", i);
    ImageError written = write_png(dir / name, render(frames[i].picture));
    if (!written.message.empty()) return written;
  }
  return {};
}

std::string to_text(const MemoryLcd::Picture& picture) {
  // Bit of each pixel of a 2 x 4 cell, by row and column (Unicode block Braille Patterns, U+2800).
  static constexpr unsigned kDot[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  std::string out;
  for (int y = 0; y < MemoryLcd::kHeightPx; y += 4) {
    for (int x = 0; x < MemoryLcd::kWidthPx; x += 2) {
      unsigned dots = 0;
      for (int dy = 0; dy < 4; ++dy)
        for (int dx = 0; dx < 2; ++dx)
          if (!is_white(picture, x + dx, y + dy)) dots |= kDot[dy][dx];
      out += '\xE2';
      out += static_cast<char>(0xA0 | dots >> 6);
      out += static_cast<char>(0x80 | (dots & 0x3F));
    }
    out += '\n';
  }
  return out;
}

}  // namespace touchstone::models
