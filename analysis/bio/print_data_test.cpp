// Loading, cropping and the gate on made-up pictures: every kind of bad input has its own clear refusal.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

#include "bio/bad_input.h"
#include "bio/print_check.h"
#include "bio/print_data.h"
#include "bio/print_file.h"
#include "prints/impression.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

// A disc of ridges on white: concentric arcs around a point below it, `period_px` apart.
GreyImage ridges(int width, int height, double period_px = 9, double phase = 0) {
  GreyImage out(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = x - width / 2.0;
      const double v = y - height / 2.0;
      if (u * u / (width * width * 0.16) + v * v / (height * height * 0.16) > 1) continue;
      const double r = std::hypot(u, v + 0.8 * height);
      out.at(x, y) = static_cast<std::uint8_t>(130 + 100 * std::sin(2 * std::numbers::pi * r / period_px + phase));
    }
  }
  return out;
}

// A set of its own in the folder of temporary files, gone with the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("touchstone_prints_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "png");
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }
  void put(const std::string& name, const GreyImage& image) const { ASSERT_EQ(write_png(path_ / "png" / name, image).message, ""); }
  void put_text(const std::string& name, const std::string& text) const { std::ofstream(path_ / "png" / name) << text; }
  // Three fingers with two impressions each.
  void fill() const {
    for (int f = 1; f <= 3; ++f) {
      for (int i = 1; i <= 2; ++i) put(std::to_string(8 + f) + "_" + std::to_string(i) + ".png", ridges(240, 260, 8 + 0.3 * f, i));
    }
  }
  std::string refusal(std::optional<double> dpi = {}) const {
    try {
      DataOptions options;
      options.data = path_.string();
      options.dpi = dpi;
      options.least_impressions = 2;
      open_prints(options);
    } catch (const BadInput& error) {
      return error.what();
    }
    return "";
  }

 private:
  fs::path path_;
};

TEST(PrintData, AFolderIsASetInTheOrderOfItsNumbers) {
  const Folder folder;
  folder.fill();
  DataOptions options;
  options.data = folder.path().string();
  const auto data = open_prints(options);
  EXPECT_EQ(data->label(), folder.path().filename().string());
  ASSERT_EQ(data->fingers().size(), 3U);
  EXPECT_EQ(data->fingers()[0].name, "9");
  EXPECT_EQ(data->fingers()[2].name, "11");
  EXPECT_EQ(data->fingers()[1].impressions, (std::vector<int>{1, 2}));
  EXPECT_EQ(data->print(0, 1).image, ridges(240, 260, 8.3, 2));
  EXPECT_EQ(data->print(0, 1).dpi, 500);
  EXPECT_EQ(data->digest().size(), 64U);
  const std::string digest = data->digest();
  folder.put("9_1.png", ridges(240, 260, 8.3, 0.5));
  EXPECT_NE(open_prints(options)->digest(), digest);
  EXPECT_NE(data->touch_seed(1, 0, 0).seed(), data->touch_seed(1, 0, 1).seed());
  EXPECT_NE(data->touch_seed(1, 0, 0).seed(), data->touch_seed(2, 0, 0).seed());
}

TEST(PrintData, EveryKindOfBadFolderIsRefusedInWords) {
  const Folder folder;
  EXPECT_NE(folder.refusal().find("fewer than two fingers"), std::string::npos);
  folder.fill();
  EXPECT_EQ(folder.refusal(), "");
  const auto refuses = [&](const std::string& name, const std::string& word) {
    const std::string refusal = folder.refusal();
    EXPECT_NE(refusal.find(word), std::string::npos) << name << ": " << refusal;
    EXPECT_NE(refusal.find(name), std::string::npos) << refusal;
    fs::remove(folder.path() / "png" / name);
  };
  folder.put_text("9_3.png", "GIF89a is no PNG");
  refuses("9_3.png", "not a PNG picture");
  folder.put_text("9_3.tif", "II*");
  refuses("9_3.tif", "only PNG");
  folder.put("thumb.png", ridges(200, 200));
  refuses("thumb.png", "FINGER_IMPRESSION");
  folder.put("9_01.png", ridges(200, 200));
  refuses("9_01.png", "the same finger and impression");
  folder.put("9_3.png", ridges(200, 200));
  EXPECT_NE(folder.refusal().find("finger 10 lacks impression 3"), std::string::npos);
  fs::remove(folder.path() / "png" / "9_3.png");
  folder.put("12_1.png", GreyImage(1, 1));
  folder.put("12_2.png", GreyImage(1, 1));
  refuses("12_1.png", "1x1 px cannot be a print");
  folder.put("12_1.png", ridges(200, 200));
  folder.put("12_2.png", GreyImage(200, 200, 255));
  refuses("12_2.png", "blank");
  EXPECT_NE(folder.refusal().find("finger 12 lacks impression 2"), std::string::npos);
}

TEST(PrintData, TheSizeIsCheckedBeforeAnythingIsDecoded) {
  const Folder folder;
  folder.fill();
  // 10000 x 10000 px in 60 bytes: a header and nothing behind it.
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x27\x10\0\0\x27\x10\x08\0\0\0\0\0\0\0\0", 33);
  folder.put_text("9_3.png", png);
  EXPECT_NE(folder.refusal().find("10000x10000 px cannot be a print"), std::string::npos) << folder.refusal();
}

TEST(PrintData, ResolutionsMustFit) {
  const Folder folder;
  folder.fill();
  EXPECT_EQ(folder.refusal(508), "");
  EXPECT_NE(folder.refusal(1000).find("wrong resolution"), std::string::npos) << folder.refusal(1000);
  EXPECT_NE(folder.refusal(72).find("resolution outside"), std::string::npos) << folder.refusal(72);
}

TEST(PrintData, ARootNamesTheSetsItLacks) {
  const Folder folder;
  fs::remove_all(folder.path() / "png");
  fs::create_directories(folder.path() / "fvc2002_db1_b" / "png");
  EXPECT_NE(folder.refusal().find("missing: fvc2002_db3_b_f101_105, fvc2004_db1_b, fvc2004_db3_b_f101_105"), std::string::npos) << folder.refusal();
}

TEST(PrintData, GeneratedFingersAreTheSameHoweverTheyAreAskedFor) {
  DataOptions options;
  options.data = "synthetic";
  options.fingers = 2;
  options.impressions = 2;
  const auto a = open_prints(options);
  const auto b = open_prints(options);
  const GreyImage first = a->print(0, 1).image;
  EXPECT_TRUE(check_print(a->print(1, 1)).ok()) << check_print(a->print(1, 1)).reason();
  EXPECT_EQ(first, b->print(0, 1).image);
  EXPECT_EQ(a->print(0, 1).image, first);
  EXPECT_NE(a->print(0, 0).image, first);
  EXPECT_TRUE(a->truth(0, 1).has_value());
}

TEST(PrintData, GeneratedFingersAreNoneThatANetworkOfTheSameSeedIsTrainedOn) {
  DataOptions options;
  options.data = "synthetic";
  options.fingers = 4;
  options.impressions = 2;
  const auto data = open_prints(options);
  for (std::uint64_t f = 0; f < 4; ++f) {
    const prints::Finger trained = prints::Finger::make(SeedTree(options.seed).child(f));  // nets/touches.cpp
    for (const auto kind : {prints::SensorKind::kOptical, prints::SensorKind::kPress, prints::SensorKind::kCapacitive, prints::SensorKind::kSweep}) {
      EXPECT_NE(data->truth(f, 0)->turn_deg, prints::Conditions::of_touch(trained, kind, 0).turn_deg);
    }
  }
}

TEST(PrintCheck, TellsPrintsFromWhatIsNone) {
  const GreyImage good = ridges(260, 280);
  EXPECT_EQ(check_print({good, 500}).fault, PrintFault::kNone);
  EXPECT_NEAR(check_print({good, 500}).period_mm, 9 / 500.0 * 25.4, 0.03);
  EXPECT_EQ(check_print({GreyImage(300, 300, 200), 500}).fault, PrintFault::kBlank);
  EXPECT_EQ(check_print({good, 1000}).fault, PrintFault::kResolution);
  EXPECT_EQ(check_print({good, 250}).fault, PrintFault::kResolution);
  EXPECT_EQ(check_print({good, 100}).fault, PrintFault::kResolution);
  EXPECT_EQ(check_print({ridges(66, 66), 500}).fault, PrintFault::kSize);

  GreyImage inverted = good;
  GreyImage clipped = good;
  GreyImage noise = good;
  GreyImage slopes = good;
  Random random(1);
  for (int y = 0; y < good.height_px; ++y) {
    for (int x = 0; x < good.width_px; ++x) {
      inverted.at(x, y) = static_cast<std::uint8_t>(255 - good.at(x, y));
      clipped.at(x, y) = good.at(x, y) < 130 ? 0 : 255;
      noise.at(x, y) = static_cast<std::uint8_t>(random.below(256));
      slopes.at(x, y) = static_cast<std::uint8_t>(127 + 60 * std::sin(x / 30.0) + 60 * std::sin(y / 41.0));
    }
  }
  EXPECT_EQ(check_print({inverted, 500}).fault, PrintFault::kInverted);
  EXPECT_EQ(check_print({clipped, 500}).fault, PrintFault::kSaturated);
  EXPECT_EQ(check_print({noise, 500}).fault, PrintFault::kNoRidges);
  EXPECT_EQ(check_print({slopes, 500}).fault, PrintFault::kNoRidges);
}

TEST(Crop, TheForegroundIsWhereTheRidgesAre) {
  GreyImage image(400, 300);
  paste(image, ridges(160, 160), 200, 100);
  const Foreground foreground = find_foreground(image);
  EXPECT_NEAR(foreground.centre_x_px, 280, 6);
  EXPECT_NEAR(foreground.centre_y_px, 180, 6);
  EXPECT_EQ(find_foreground(GreyImage(80, 80)).blocks, 0);
  EXPECT_EQ(find_foreground(GreyImage(81, 80)).centre_x_px, 40);
}

TEST(Crop, TheCardSeesItsSideAroundACentreMovedByAtMostTheReach) {
  const Print print{ridges(400, 400), 500};
  const Print still = card_crop(print, SeedTree(1), kCardSide_mm, 0);
  EXPECT_EQ(still.image.width_px, 192);
  EXPECT_EQ(still.image.height_px, 192);
  EXPECT_EQ(still.dpi, 508);
  bool moved = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Print crop = card_crop(print, SeedTree(seed));
    moved = moved || crop.image != still.image;
    EXPECT_EQ(crop.image, card_crop(print, SeedTree(seed)).image);
  }
  EXPECT_TRUE(moved);
  // Resampling keeps ridges: 9 px at 500 dpi are 9.14 px at 508.
  EXPECT_NEAR(check_print(still).period_mm, 9 / 500.0 * 25.4, 0.03);
}

TEST(Crop, AWindowOfTheSameResolutionIsThePictureItself) {
  const GreyImage image = ridges(300, 200);
  EXPECT_EQ(window({image, 500}, 149.5, 99.5, 500, 300, 200), image);
  const Print full = full_print({image, 500}, 240);
  EXPECT_EQ(full.image.width_px, 240);
  EXPECT_EQ(full.image.height_px, 200);
}

}  // namespace
}  // namespace touchstone::bio
