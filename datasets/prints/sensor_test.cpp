#include "prints/sensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "crypto/sha256.h"

namespace touchstone::prints {
namespace {

GreyImage ramp() {
  GreyImage out(192, 192);
  for (int y = 0; y < 192; ++y) {
    for (int x = 0; x < 192; ++x) out.at(x, y) = static_cast<std::uint8_t>(40 + (x * 7 + y * 3) % 160);
  }
  return out;
}

GreyImage read(const SensorUnit& unit, std::uint64_t frame = 1) {
  GreyImage image = ramp();
  read_out(unit, {frame, 0, nullptr}, image);
  return image;
}

double deviation(const GreyImage& a, const GreyImage& b) {
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const double d = a.pixels[i] - b.pixels[i];
    sum += d;
    squares += d * d;
  }
  const double n = static_cast<double>(a.pixels.size());
  return std::sqrt(squares / n - sum / n * sum / n);
}

TEST(PrintsSensor, ANominalPartPassesThePictureThrough) {
  const SensorUnit unit = SensorUnit::nominal(SensorKind::kCard);
  EXPECT_EQ(unit.width_px, 192);
  EXPECT_EQ(unit.height_px, 192);
  EXPECT_EQ(unit.dpi, 508);
  EXPECT_EQ(read(unit), ramp());
  EXPECT_EQ(capture(unit, ramp(), {95.5, 95.5, 0, 508}, {}, {}), ramp());
}

TEST(PrintsSensor, GainOffsetNoiseAndPatternDoWhatTheySay) {
  SensorUnit unit;
  unit.seed = 4;
  unit.gain = 0.5;
  EXPECT_EQ(read(unit).at(0, 0), 255 - (255 - 40) / 2);
  unit.gain = 1;
  unit.offset = 9;
  EXPECT_EQ(read(unit).at(0, 0), 49);
  unit.offset = 0;
  unit.noise = 5;
  EXPECT_NEAR(deviation(read(unit), ramp()), 5, 0.3);
  EXPECT_NE(read(unit, 1), read(unit, 2));
  unit.noise = 0;
  unit.fixed_pattern = 5;
  EXPECT_NEAR(deviation(read(unit), ramp()), 5, 0.3);
  EXPECT_EQ(read(unit, 1), read(unit, 2));
  SensorUnit other = unit;
  other.seed = 5;
  EXPECT_NEAR(deviation(read(unit), read(other)), 5 * std::sqrt(2.0), 0.4);
  unit.fixed_pattern = 0;
  unit.stripes = 6;
  const GreyImage striped = read(unit);
  for (int x = 0; x < 192; ++x) EXPECT_EQ(striped.at(x, 20) - ramp().at(x, 20), striped.at(x, 90) - ramp().at(x, 90));
  EXPECT_NEAR(deviation(striped, ramp()), 6, 1.5);
}

TEST(PrintsSensor, ResidueIsTheDarknessOfThePictureBefore) {
  const SensorUnit unit;
  const GreyImage before(192, 192, 55);
  GreyImage image(192, 192, 255);
  image.at(3, 3) = 20;
  read_out(unit, {1, 0.25, &before}, image);
  EXPECT_EQ(image.at(0, 0), 205);
  EXPECT_EQ(image.at(3, 3), 20);
}

TEST(PrintsSensor, CapturePlacesTurnsScalesDriesAndWets) {
  SensorUnit unit;
  GreyImage picture(300, 300);
  for (int y = 140; y < 160; ++y) {
    for (int x = 180; x < 200; ++x) picture.at(x, y) = 0;  // 40 px right of the middle
  }
  const auto centre = [](const GreyImage& g) {
    double x = 0, y = 0, n = 0;
    for (int v = 0; v < g.height_px; ++v) {
      for (int u = 0; u < g.width_px; ++u) {
        if (g.at(u, v) > 128) continue;
        x += u;
        y += v;
        ++n;
      }
    }
    return std::array<double, 3>{x / n, y / n, n};
  };
  const auto straight = centre(capture(unit, picture, {149.5, 149.5, 0, 508}, {}, {}));
  EXPECT_NEAR(straight[0], 95.5 + 40, 0.6);
  EXPECT_NEAR(straight[1], 95.5, 0.6);
  const auto turned = centre(capture(unit, picture, {149.5, 149.5, 90, 508}, {}, {}));
  EXPECT_NEAR(turned[0], 95.5, 0.6);
  EXPECT_NEAR(turned[1], 95.5 + 40, 0.6);  // clockwise: to the right becomes down
  const auto scaled = centre(capture(unit, picture, {149.5, 149.5, 0, 1016}, {}, {}));
  EXPECT_NEAR(scaled[0], 95.5 + 20, 0.6);
  EXPECT_NEAR(scaled[2], 100, 25);
  const GreyImage plain = capture(unit, picture, {149.5, 149.5, 0, 508}, {}, {});
  const GreyImage dry = capture(unit, picture, {149.5, 149.5, 0, 508}, {0.5, 0, 1}, {});
  const GreyImage wet = capture(unit, picture, {149.5, 149.5, 0, 508}, {0, 0.5, 1}, {});
  EXPECT_NEAR(centre(dry)[2], centre(plain)[2] / 2, centre(plain)[2] / 4);
  EXPECT_EQ(wet.at(10, 10), 255 - 115);
  const GreyImage black(300, 300, 0);
  EXPECT_EQ(lay(unit, black, {149.5, 149.5, 0, 508}, {.contrast = 0.5}).at(10, 10), 128);
  const auto dirty_pixels = [&](std::uint64_t glass) {
    const GreyImage dirty = lay(unit, black, {149.5, 149.5, 0, 508}, {.dirt = 0.5, .glass_seed = glass});
    int count = 0;
    for (const std::uint8_t v : dirty.pixels) {
      EXPECT_TRUE(v == 0 || v == 191) << int{v};  // three quarters of the contrast are gone
      count += v != 0 ? 1 : 0;
    }
    for (int x = 0; x < 12; ++x) EXPECT_EQ(dirty.at(x, 5), dirty.at(0, 5));
    return count;
  };
  EXPECT_NEAR(dirty_pixels(1), 192 * 192 / 2.0, 192 * 192 / 8.0);
  EXPECT_NE(dirty_pixels(1), dirty_pixels(2));
  EXPECT_EQ(dry, capture(unit, picture, {149.5, 149.5, 0, 508}, {0.5, 0, 1}, {}));
}

TEST(PrintsSensor, PartsDifferWithinTheirTolerance) {
  double least = 1000, most = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const SensorUnit unit = SensorUnit::draw(SensorKind::kCard, SeedTree(1).child(i));
    least = std::min(least, unit.dpi);
    most = std::max(most, unit.dpi);
    EXPECT_EQ(unit.width_px, 192);
  }
  EXPECT_GE(least, 508 * 0.98);
  EXPECT_LE(most, 508 * 1.02);
  EXPECT_GT(most - least, 10);
}

TEST(PrintsSensor, KindsHaveTheirShares) {
  int counts[5] = {};
  for (std::uint64_t i = 0; i < 6000; ++i) ++counts[static_cast<int>(draw_kind(SeedTree(2).child(i)))];
  EXPECT_EQ(counts[4], 0);
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(counts[k], 6000 * population().touch(static_cast<SensorKind>(k)).share, 160);
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text(population_text());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PrintsPopulation, TheBuiltInFileIsTheFileAndItsHash) {
  std::ifstream in(TS_POPULATION_FILE, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), population_text());
  // Frozen: the difficulty that biometrics/EVALUATION.md records belongs to these very parameters.
  EXPECT_EQ(population_hash(), "ac0de82e80b14c721b4ead555e840f038a7d9752c209113d7e33560a52d135b1");
}

TEST(PrintsPopulation, OnlyCompleteAndSoundFilesAreTaken) {
  std::string message;
  EXPECT_TRUE(Population::parse(population_text(), message).ok()) << message;
  EXPECT_EQ(message, "");
  const auto refused = [&](const std::string& text, const std::string& word) {
    EXPECT_FALSE(Population::parse(text, message).ok()) << text.substr(0, 40);
    EXPECT_NE(message.find(word), std::string::npos) << message;
  };
  refused("", "JSON");
  refused("[]", "object");
  refused(std::string(population_text()) + "x", "JSON");
  refused(changed("\"bend\":", "\"bent\":"), "bend is missing");
  refused(changed("\"bend\":", "\"more\": 1, \"bend\":"), "more is unknown");
  refused(changed("\"period_away\": 0.12", "\"period_away\": 0.12, \"period_away\": 0.12"), "twice");
  refused(changed("\"period_away\": 0.12", "\"period_away\": 12"), "period_away");
  refused(changed("\"period_away\": 0.12", "\"period_away\": \"0.12\""), "period_away");
  refused(changed("\"arch\": 0.037", "\"arch\": 0.137"), "add up");
  refused(changed("\"share\": 0.34", "\"share\": 0.44"), "add up");
  refused(changed("[8.5, 0.65, 7.0, 10.8]", "[8.5, 0.65, 9.0, 10.8]"), "period_px");  // least above the mean
  refused(changed("[8.5, 0.65, 7.0, 10.8]", "[8.5, -0.65, 7.0, 10.8]"), "period_px");
  refused(changed("[8.5, 0.65, 7.0, 10.8]", "[8.5, 0.65, 7.0]"), "period_px");
}

}  // namespace
}  // namespace touchstone::prints
