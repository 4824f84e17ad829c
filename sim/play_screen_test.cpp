#include "sim/play_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace touchstone::sim {
namespace {

using Picture = models::MemoryLcd::Picture;

Picture white() {
  Picture p;
  p.fill(0xFF);
  return p;
}

void blacken(Picture& p, int row, int column) { p[static_cast<std::size_t>(row * 16 + column / 8)] &= static_cast<std::uint8_t>(~(0x80 >> column % 8)); }

std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TEST(Glass, DrawsBlackPixelsAsDots) {
  Picture p = white();
  blacken(p, 0, 0);
  blacken(p, 3, 1);
  const auto lines = glass(p, 32, 0);
  ASSERT_EQ(lines.size(), 32u);
  EXPECT_EQ(lines[0].substr(0, 3), "\u2881") << "dots 1 and 8";
  EXPECT_EQ(lines[1].substr(0, 3), "\u2800");
  for (const std::string& line : lines) EXPECT_EQ(columns_of(line), 64u);
}

TEST(Glass, LeavesOutOnlyLinesThatSeparate) {
  Picture p = white();
  for (const int row : {5, 60, 61, 62, 120}) blacken(p, row, 2 * row % 128);
  int dots = 0;
  const auto lines = glass(p, 20, 0);
  ASSERT_EQ(lines.size(), 20u);
  for (const std::string& line : lines)
    for (std::size_t i = 0; i + 2 < line.size(); i += 3) dots += __builtin_popcount(static_cast<unsigned>((line[i + 1] & 3) << 6 | (line[i + 2] & 63)));
  EXPECT_EQ(dots, 5) << "no pixel of the text is lost";
}

TEST(Glass, AFullPictureIsCutAndCanBeScrolled) {
  Picture p = white();
  for (int row = 0; row < 128; ++row) blacken(p, row, row);
  EXPECT_EQ(glass(p, 20, 0).size(), 20u);
  EXPECT_NE(glass(p, 20, 0), glass(p, 20, 8));
  EXPECT_EQ(glass(p, 20, 12), glass(p, 20, 100)) << "not beyond its end";
}

TEST(Draw, FillsEveryLineOfTheTerminalAndNoMore) {
  PlayState s;
  s.picture = white();
  s.powered = true;
  s.phase = "user";
  s.finger = "owner.right_index";
  s.news.assign(300, std::string(200, 'x'));
  for (const auto& [columns, rows] : {std::pair{80, 24}, {80, 40}, {120, 50}, {200, 60}}) {
    const std::string frame = draw(s, columns, rows, false);
    std::istringstream in(frame);
    int lines = 0;
    for (std::string line; std::getline(in, line); ++lines) EXPECT_LE(columns_of(line), static_cast<std::size_t>(columns)) << rows << ": " << line;
    EXPECT_EQ(lines, rows);
    EXPECT_THAT(frame, testing::AllOf(testing::HasSubstr("user"), testing::HasSubstr("owner"), testing::HasSubstr("q quit")));
  }
  EXPECT_THAT(draw(s, 60, 20, false), testing::HasSubstr("needs 80 x 24"));
}

}  // namespace
}  // namespace touchstone::sim
