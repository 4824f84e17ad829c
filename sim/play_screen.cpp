#include "sim/play_screen.h"

#include <algorithm>
#include <cstdio>

namespace touchstone::sim {
namespace {

using Lcd = models::MemoryLcd;

constexpr int kGlassColumns = Lcd::kWidthPx / 2, kDotRows = 4;
constexpr const char* kKeys = " p pay  t touch  h hold  l lift  f finger  k tilt  c power  r radio  q quit";

bool black(const Lcd::Picture& picture, int row, int column) {
  return (picture[static_cast<std::size_t>(row * Lcd::kLineBytes + column / 8)] >> (7 - column % 8) & 1) == 0;
}

bool plain(const Lcd::Picture& picture, int row) {
  const auto line = picture.begin() + row * Lcd::kLineBytes;
  return std::all_of(line, line + Lcd::kLineBytes, [&](std::uint8_t byte) { return byte == *line && (byte == 0 || byte == 0xFF); });
}

/// Takes lines out of the longest run of plain lines, again and again.
std::vector<int> rows_that_fit(const Lcd::Picture& picture, std::size_t most) {
  std::vector<int> rows;
  for (int row = 0; row < Lcd::kHeightPx; ++row) rows.push_back(row);
  while (rows.size() > most) {
    std::size_t best = 0, best_length = 0;
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t end = i;
      while (end < rows.size() && plain(picture, rows[end])) ++end;
      if (end - i > best_length) best_length = end - (best = i);
      i = end + 1;
    }
    if (best_length < 2) break;  // one line between two texts must stay
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return rows;
}

std::string braille(unsigned dots) {
  const unsigned code = 0x2800 + dots;
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
}

/// Characters of UTF-8 text, each one column wide here.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string fit(const std::string& text, std::size_t columns) {
  if (width(text) <= columns) return text + std::string(columns - width(text), ' ');
  return text.substr(0, columns > 0 ? columns - 1 : 0) + "~";  // our texts are ASCII where they can be long
}

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  char text[128];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

/// The column beside the glass.
std::vector<std::string> side(const PlayState& s, std::size_t columns, std::size_t rows) {
  std::vector<std::string> out;
  const auto item = [&](const char* name, const std::string& value) {
    out.push_back(name);
    out.push_back("  " + value);
  };
  item("time", format("%.2f s", static_cast<double>(s.time_ns) / 1e9));
  item("card", s.powered ? s.phase : "NO POWER");
  item("radio", s.radio_cut ? "CUT" : s.radio);
  item("energy", format("%.2f mJ", s.energy_uj / 1000));
  item("wallet", s.wallet);
  item("signed", format("%d", s.payments_signed));
  out.push_back("sensor");
  const std::string fill = s.on_sensor.empty() ? "      " : s.tilted ? "//////" : "((()))";
  out.push_back(" \u250c\u2500\u2500\u2500\u2500\u2500\u2500\u2510");
  for (int i = 0; i < 2; ++i) out.push_back(" \u2502" + fill + "\u2502");
  out.push_back(" \u2514\u2500\u2500\u2500\u2500\u2500\u2500\u2518");
  const std::size_t dot = s.finger.find('.');
  out.push_back((s.on_sensor.empty() ? "next: " : "on it: ") + s.finger.substr(0, dot));
  if (dot != std::string::npos) out.push_back("  " + s.finger.substr(dot + 1));
  if (columns > 30 && rows > out.size() + 3) {
    out.push_back("");
    const std::size_t room = rows - out.size();
    for (std::size_t i = s.news.size() > room ? s.news.size() - room : 0; i < s.news.size(); ++i) out.push_back(s.news[i]);
  }
  out.resize(rows);
  for (std::string& line : out) line = fit(line, columns);
  return out;
}

}  // namespace

std::vector<std::string> glass(const Lcd::Picture& picture, int rows, int scroll_rows) {
  const std::vector<int> kept = rows_that_fit(picture, static_cast<std::size_t>(rows * kDotRows));
  const int most = std::max(0, static_cast<int>(kept.size()) - rows * kDotRows), first = std::clamp(scroll_rows * kDotRows, 0, most);
  // Braille dots 1 2 3 7 are the left column, 4 5 6 8 the right one.
  constexpr unsigned kDots[kDotRows][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
  std::vector<std::string> out;
  for (int line = first; line < std::min(first + rows * kDotRows, static_cast<int>(kept.size())); line += kDotRows) {
    std::string text;
    for (int column = 0; column < Lcd::kWidthPx; column += 2) {
      unsigned dots = 0;
      for (int y = 0; y < kDotRows && line + y < static_cast<int>(kept.size()); ++y)
        for (int x = 0; x < 2; ++x)
          if (black(picture, kept[static_cast<std::size_t>(line + y)], column + x)) dots |= kDots[y][x];
      text += braille(dots);
    }
    out.push_back(text);
  }
  return out;
}

std::string draw(const PlayState& s, int columns, int rows, bool colour) {
  if (columns < 80 || rows < 24) return format("touchstone play needs 80 x 24 characters; this terminal has %d x %d\n", columns, rows);
  const char* const bar = colour ? "\x1b[48;5;238;38;5;255m" : "";
  const char* const ink = colour ? "\x1b[48;5;252;38;5;235m" : "";
  const char* const off = colour ? "\x1b[0m" : "";
  const auto body = static_cast<std::size_t>(rows - 3), side_columns = static_cast<std::size_t>(columns - kGlassColumns - 2);
  const std::vector<std::string> picture = glass(s.picture, std::min(static_cast<int>(body), Lcd::kHeightPx / kDotRows), s.scroll_rows), beside = side(s, side_columns, body);
  std::string out = bar + fit(" touchstone play" + (s.speed == 1 ? std::string() : format("  %gx", s.speed)) + "   the card in your hand", static_cast<std::size_t>(columns)) + off + "\n";
  for (std::size_t i = 0; i < body; ++i) {
    out += i < picture.size() ? ink + picture[i] + off : std::string(kGlassColumns, ' ');
    out += "  " + beside[i] + "\n";
  }
  out += fit(s.news.empty() ? "" : " " + s.news.back(), static_cast<std::size_t>(columns)) + "\n";
  out += bar + fit(kKeys, static_cast<std::size_t>(columns)) + off + "\n";
  return out;
}

}  // namespace touchstone::sim
