#include "app/canvas.h"

#include "app/font.h"

namespace touchstone::firmware {
namespace {

constexpr bool is_narrow(char c) { return c == '.' || c == ',' || c == ':'; }

/// The large font is the small one doubled by EPX (Eric Johnston, 1992): a corner takes the colour of two equal
/// neighbours, which rounds diagonals.
bool large_pixel(char c, int x, int y) {
  const int gx = x / 2, gy = y / 2;
  const bool p = glyph_pixel(c, gx, gy);
  const bool side_x = glyph_pixel(c, x % 2 == 0 ? gx - 1 : gx + 1, gy);
  const bool side_y = glyph_pixel(c, gx, y % 2 == 0 ? gy - 1 : gy + 1);
  const bool far_x = glyph_pixel(c, x % 2 == 0 ? gx + 1 : gx - 1, gy);
  const bool far_y = glyph_pixel(c, gx, y % 2 == 0 ? gy + 1 : gy - 1);
  return side_x == side_y && side_x != far_x && side_y != far_y ? side_x : p;
}

int advance_px(Font font, char c) {
  if (font == Font::kSmall) return kGlyphWidth_px + 1;
  return is_narrow(c) ? kGlyphWidth_px + 1 : 2 * (kGlyphWidth_px + 1);
}

constexpr int square(int v) { return v * v; }

/// Ridges of a fingertip: arches around a point below the middle, inside an upright oval.
bool finger_pixel(int x, int y) {
  const int half = kIconSize_px / 2;
  const int dx = 2 * x + 1 - kIconSize_px, dy = 2 * y + 1 - kIconSize_px;  // doubled distances from the middle
  if (square(dx) * 25 + square(dy) * 16 > square(2 * half) * 16) return false;
  const int ry = dy - 6;
  const int r2 = ry < 0 ? square(dx) + square(ry) : square(dx) + square(ry) / 9;
  int ring = 0;
  while (square(6 * (ring + 1)) <= r2) ++ring;  // ring width 3 px
  return ring % 2 == 0;
}

/// Within `width_px` of the segment from (x0, y0) to (x1, y1).
bool near_segment(int x, int y, int x0, int y0, int x1, int y1, int width_px) {
  const int dx = x1 - x0, dy = y1 - y0, px = x - x0, py = y - y0;
  const int along = px * dx + py * dy, length2 = dx * dx + dy * dy;
  if (along < 0 || along > length2) return false;
  return square(px * dy - py * dx) <= square(width_px) * length2;
}

bool icon_pixel(Icon icon, int x, int y) {
  switch (icon) {
    case Icon::kFinger: return finger_pixel(x, y);
    case Icon::kCheck: return near_segment(x, y, 5, 21, 15, 33, 2) || near_segment(x, y, 15, 33, 35, 7, 2);
    case Icon::kCross: return near_segment(x, y, 7, 7, 33, 33, 2) || near_segment(x, y, 33, 7, 7, 33, 2);
  }
  return false;
}

}  // namespace

int text_height_px(Font font) { return font == Font::kSmall ? kGlyphHeight_px : 2 * kGlyphHeight_px; }

int text_width_px(Font font, std::string_view text) {
  int width = 0;
  for (char c : text) width += advance_px(font, c);
  return text.empty() ? 0 : width - (font == Font::kSmall ? 1 : 2);
}

void FrameCanvas::set(int x_px, int y_px, Ink ink) {
  if (x_px < 0 || x_px >= Display::kWidth_px || y_px < 0 || y_px >= Display::kHeight_px) return;
  std::uint8_t& byte = frame_[static_cast<std::size_t>(y_px * Display::kRowBytes + x_px / 8)];
  const auto bit = static_cast<std::uint8_t>(0x80 >> x_px % 8);
  byte = static_cast<std::uint8_t>(ink == Ink::kBlack ? byte | bit : byte & ~bit);
}

void FrameCanvas::text(int x_px, int y_px, Font font, std::string_view text, Ink ink) {
  const int scale = font == Font::kSmall ? 1 : 2;
  for (char c : text) {
    const int left = font == Font::kLarge && is_narrow(c) ? x_px - 2 : x_px;
    for (int y = 0; y < scale * kGlyphHeight_px; ++y)
      for (int x = 0; x < scale * kGlyphWidth_px; ++x)
        if (font == Font::kSmall ? glyph_pixel(c, x, y) : large_pixel(c, x, y)) set(left + x, y_px + y, ink);
    x_px += advance_px(font, c);
  }
}

void FrameCanvas::fill(int x_px, int y_px, int width_px, int height_px, Ink ink) {
  for (int y = y_px; y < y_px + height_px; ++y)
    for (int x = x_px; x < x_px + width_px; ++x) set(x, y, ink);
}

void FrameCanvas::icon(int x_px, int y_px, Icon icon) {
  for (int y = 0; y < kIconSize_px; ++y)
    for (int x = 0; x < kIconSize_px; ++x)
      if (icon_pixel(icon, x, y)) set(x_px + x, y_px + y, Ink::kBlack);
}

}  // namespace touchstone::firmware
