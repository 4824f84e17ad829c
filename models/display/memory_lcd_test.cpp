#include "display/memory_lcd.h"
#include "support/sc_advance.h"

#include <gtest/gtest.h>

#include <fstream>

namespace touchstone::models {
namespace {

struct LcdTest : testing::Test {
  RecordingSink events;
  MemoryLcd lcd{"lcd", &events, nullptr};
  LcdTest() {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    lcd.power_on();
  }
  void transact(const std::vector<std::uint8_t>& bytes) {
    lcd.select();
    for (std::uint8_t b : bytes) EXPECT_EQ(lcd.transfer(b), 0);
    lcd.deselect();
  }
  /// A whole line of one byte, as the panel wants it: address, 16 bytes, one trailer byte.
  static void append_line(std::vector<std::uint8_t>& out, std::uint8_t address, std::uint8_t fill) {
    out.push_back(address);
    out.insert(out.end(), MemoryLcd::kLineBytes, fill);
    out.push_back(0);
  }
  int line_byte(int line, int column) const { return lcd.picture()[static_cast<std::size_t>((line - 1) * MemoryLcd::kLineBytes + column)]; }
};

TEST_F(LcdTest, LineAddressesGoOutLeastSignificantBitFirst) {
  // Data sheet: AG0 is the first address bit on the wire. Lines 1, 2, 3, 100 = 0b01100100, 128 by hand.
  std::vector<std::uint8_t> bytes = {0x80};
  append_line(bytes, 0b10000000, 0x11);
  append_line(bytes, 0b01000000, 0x22);
  append_line(bytes, 0b11000000, 0x33);
  append_line(bytes, 0b00100110, 0x64);
  append_line(bytes, 0b00000001, 0x80);
  bytes.push_back(0);
  transact({0x20, 0x00});
  transact(bytes);
  EXPECT_EQ(line_byte(1, 0), 0x11);
  EXPECT_EQ(line_byte(2, 15), 0x22);
  EXPECT_EQ(line_byte(3, 7), 0x33);
  EXPECT_EQ(line_byte(100, 1), 0x64);
  EXPECT_EQ(line_byte(128, 15), 0x80);
  EXPECT_EQ(line_byte(4, 0), 0xFF);
  EXPECT_EQ(lcd.protocol_errors(), 0u);
  ASSERT_EQ(lcd.frames().size(), 2u);
  EXPECT_EQ(lcd.frames()[1].picture, lcd.picture());
}

TEST_F(LcdTest, ClearMakesWhiteAndSaysSo) {
  transact({0x20, 0x00});
  ASSERT_EQ(events.records().size(), 1u);
  EXPECT_EQ(events.records()[0].number("frame"), 0);
  // SHA-256 of 2048 bytes 0xFF (sha256sum).
  EXPECT_EQ(events.records()[0].text("sha256"), "d0ff1b294b5288d1ae1421eadf5b2d38a8752b76d472ff30bed9028e25b1c5b8");
  transact({0x60, 0x00});
  transact({0x40, 0x00});
  EXPECT_EQ(lcd.frames().size(), 1u) << "the same picture again is no new frame";
}

TEST_F(LcdTest, KeepsSoManyFramesAndTheNewest) {
  for (std::size_t i = 0; i < MemoryLcd::kMaxFrames + 3; ++i) {
    std::vector<std::uint8_t> bytes = {0x80};
    append_line(bytes, 0x80, static_cast<std::uint8_t>(i));
    bytes.push_back(0);
    transact(bytes);
  }
  EXPECT_EQ(lcd.frames().size(), MemoryLcd::kMaxFrames);
  EXPECT_EQ(lcd.frames().back().picture, lcd.picture());
  EXPECT_EQ(lcd.frame_count(), MemoryLcd::kMaxFrames + 3);
  EXPECT_EQ(events.records().back().number("frame"), static_cast<std::int64_t>(MemoryLcd::kMaxFrames + 2));
}

TEST_F(LcdTest, ALineNeedsItsTrailingClocks) {
  transact({0x20, 0x00});
  std::vector<std::uint8_t> bytes = {0x80};
  append_line(bytes, 0x80, 0x00);
  transact(bytes);  // eight clocks short
  EXPECT_EQ(line_byte(1, 0), 0xFF);
  EXPECT_EQ(lcd.protocol_errors(), 1u);
  bytes.push_back(0);
  transact(bytes);
  EXPECT_EQ(line_byte(1, 0), 0x00);
  EXPECT_EQ(lcd.protocol_errors(), 1u);
}

TEST_F(LcdTest, BadAddressesAndBrokenLinesAreCounted) {
  transact({0x20, 0x00});
  std::vector<std::uint8_t> bytes = {0x80};
  append_line(bytes, 0b10000001, 0x00);  // line 129
  bytes.push_back(0);
  transact(bytes);
  EXPECT_EQ(lcd.protocol_errors(), 1u);
  transact({0x80, 0x80, 1, 2, 3});  // ended within a line
  EXPECT_EQ(lcd.protocol_errors(), 2u);
  transact({0x20});  // no clocks to carry the clear out
  EXPECT_EQ(lcd.protocol_errors(), 3u);
  EXPECT_EQ(lcd.frames().size(), 1u);
}

TEST_F(LcdTest, UnclearedGlassShowsPowerUpContents) {
  std::vector<std::uint8_t> bytes = {0x80};
  append_line(bytes, 0x80, 0xFF);
  bytes.push_back(0);
  transact(bytes);
  EXPECT_EQ(line_byte(1, 0), 0xFF);
  EXPECT_NE(line_byte(2, 0), 0xFF);
  EXPECT_NE(line_byte(2, 0), 0x00);
}

TEST_F(LcdTest, CountsLateVcomToggles) {
  const auto run_ms = [](int ms) { touchstone::test::advance_us(1000 * ms); };
  run_ms(1000);
  EXPECT_EQ(lcd.vcom_violations(), 0u);
  transact({0x40, 0x00});
  run_ms(999);
  transact({0x00, 0x00});
  run_ms(500);
  transact({0x00, 0x00});  // the same polarity again
  run_ms(501);
  EXPECT_EQ(lcd.vcom_violations(), 1u);
  transact({0x40, 0x00});
  EXPECT_EQ(lcd.vcom_violations(), 1u);
  run_ms(5000);
  EXPECT_EQ(lcd.vcom_violations(), 2u);
  lcd.power_off();
  run_ms(5000);
  lcd.power_on();
  EXPECT_EQ(lcd.vcom_violations(), 2u);
}

TEST_F(LcdTest, DeafWithoutPower) {
  transact({0x20, 0x00});
  lcd.power_off();
  transact({0x20, 0x00});
  lcd.power_on();
  EXPECT_NE(line_byte(1, 0), 0xFF) << "the picture is lost";
  EXPECT_EQ(lcd.frames().size(), 1u);
}

/// White, with a black frame of one pixel, the diagonal, and the corner block at (2..9, 2..9) of the upper left.
MemoryLcd::Picture known_picture() {
  MemoryLcd::Picture picture;
  picture.fill(0xFF);
  const auto ink = [&](int x, int y) {
    auto& byte = picture[static_cast<std::size_t>(y * MemoryLcd::kLineBytes + x / 8)];
    byte = static_cast<std::uint8_t>(byte & ~(0x80 >> x % 8));
  };
  for (int i = 0; i < 128; ++i) ink(i, 0), ink(i, 127), ink(0, i), ink(127, i), ink(i, i);
  for (int y = 2; y < 10; ++y)
    for (int x = 2; x < 10; ++x) ink(x, y);
  return picture;
}

TEST(LcdRenderTest, PngShowsThePictureAtThreeTimesItsSize) {
  const std::filesystem::path dir = testing::TempDir() + "lcd_render_test";
  std::filesystem::remove_all(dir);
  ASSERT_EQ(write_pngs({{0, known_picture()}, {1, known_picture()}}, dir).message, "");
  GreyImage png;
  ASSERT_EQ(read_png(dir / "frame-001.png", png).message, "");
  EXPECT_TRUE(std::filesystem::exists(dir / "frame-000.png"));
  ASSERT_EQ(png.width_px, (128 + 10) * 3);
  ASSERT_EQ(png.height_px, (128 + 10) * 3);
  const auto pixel = [&](int x, int y) { return png.at((x + 5) * 3 + 1, (y + 5) * 3 + 1); };
  EXPECT_LT(pixel(0, 0), 64);
  EXPECT_LT(pixel(127, 64), 64);
  EXPECT_LT(pixel(77, 77), 64);
  EXPECT_LT(pixel(9, 2), 64);
  EXPECT_GT(pixel(10, 2), 192);
  EXPECT_GT(pixel(64, 1), 192);
  EXPECT_LT(png.at(0, 0), 32) << "bezel";
  EXPECT_NE(write_pngs({{0, known_picture()}}, "/proc/none").message, "");
}

TEST(LcdRenderTest, TextIsBraille) {
  const std::string text = to_text(known_picture());
  std::vector<std::string> lines(1);
  for (char c : text) {
    if (c == '\n') lines.emplace_back();
    else lines.back() += c;
  }
  ASSERT_EQ(lines.size(), 33u);
  EXPECT_EQ(lines[32], "");
  for (int i = 0; i < 32; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)].size(), 64u * 3);
  // Unicode's dot numbering, dot n = bit n - 1: dots 1 2 3 7 go down the left column, 4 5 6 8 down the right one.
  static constexpr int kDots[2][4] = {{1, 2, 3, 7}, {4, 5, 6, 8}};
  const MemoryLcd::Picture picture = known_picture();
  for (int y = 0; y < MemoryLcd::kHeightPx; ++y)
    for (int x = 0; x < MemoryLcd::kWidthPx; ++x) {
      const std::string& line = lines[static_cast<std::size_t>(y / 4)];
      const auto at = static_cast<std::size_t>(x / 2 * 3);
      ASSERT_EQ(static_cast<unsigned char>(line[at]), 0xE2);
      const int cell = (static_cast<unsigned char>(line[at + 1]) - 0xA0) * 64 + (static_cast<unsigned char>(line[at + 2]) - 0x80);
      const bool ink = (cell >> (kDots[x % 2][y % 4] - 1) & 1) != 0;
      const bool white = (picture[static_cast<std::size_t>(y * MemoryLcd::kLineBytes + x / 8)] >> (7 - x % 8) & 1) != 0;
      ASSERT_EQ(ink, !white) << x << " " << y;
    }
}

TEST_F(LcdTest, ADeadGlassTakesEverythingAndShowsNothing) {
  transact({0x20, 0x00});
  lcd.set_blank(true);
  std::vector<std::uint8_t> bytes = {0x80};
  append_line(bytes, 0b10000000, 0x11);
  bytes.push_back(0);
  transact(bytes);
  EXPECT_EQ(lcd.protocol_errors(), 0u);
  EXPECT_EQ(line_byte(1, 0), 0xFF);
  EXPECT_EQ(lcd.frames().size(), 1u) << "white it was, white it stays";
  lcd.set_blank(false);
  EXPECT_EQ(line_byte(1, 0), 0x11);
  EXPECT_EQ(lcd.frames().size(), 2u);
  lcd.power_off();
  EXPECT_EQ(line_byte(1, 0), 0xFF) << "without power nothing can be read";
}

}  // namespace
}  // namespace touchstone::models
