// The card's own bitmap font: 5x7 in a 6x9 cell with one row for descenders, all printable ASCII. Freestanding.
#pragma once

#include <cstdint>

namespace touchstone::firmware {

inline constexpr int kGlyphWidth_px = 5;
inline constexpr int kGlyphHeight_px = 8;

/// One row of a glyph, leftmost pixel in bit 4. Characters outside 0x20..0x7e show as '?'; pixels outside are blank.
std::uint8_t glyph_row(char c, int row);
/// Whether pixel (x, y) of the glyph is ink.
bool glyph_pixel(char c, int x, int y);

}  // namespace touchstone::firmware
