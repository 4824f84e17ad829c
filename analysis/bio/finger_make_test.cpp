#include "bio/finger_make.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "bio/bad_input.h"
#include "bio/print_data.h"
#include "prints/impression.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class FingerMake : public testing::Test {
 protected:
  FingerMake() {
    folder_ = fs::path(testing::TempDir()) /
              ("finger_make_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    options_.out = folder_ / "a";
    options_.fingers = 2;
    options_.impressions = 2;
    options_.seed = 3;
    options_.sensor = "card";
  }
  ~FingerMake() override { fs::remove_all(folder_); }

  std::map<std::string, std::string> files(const fs::path& root) const {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) out[fs::relative(entry.path(), root)] = bytes_of(entry.path());
    }
    return out;
  }

  fs::path folder_;
  FingerMakeOptions options_;
};

TEST_F(FingerMake, TheReadmesPicturesComeFromIt) {
  options_.fingers = options_.impressions = options_.first = 1;
  options_.seed = 0;
  const std::pair<const char*, const char*> pictures[] = {{"full", "finger.png"}, {"card", "capture.png"}};
  for (const auto& [sensor, name] : pictures) {
    options_.sensor = sensor;
    options_.out = folder_ / sensor;
    make_fingers(options_);
    GreyImage made, committed;
    ASSERT_EQ(read_png(options_.out / "png/1_1.png", made).message, "");
    ASSERT_EQ(read_png(fs::path(TS_PICTURES) / name, committed).message, "");
    EXPECT_EQ(made, committed) << name;
  }
}

TEST_F(FingerMake, WritesWhatTheLoaderReadsWithItsTruth) {
  options_.sheet = folder_ / "sheet.png";
  make_fingers(options_);
  DataOptions data;
  data.data = options_.out;
  const auto prints = open_prints(data);
  ASSERT_EQ(prints->fingers().size(), 2U);
  const Print print = prints->print(0, 1);
  EXPECT_EQ(print.image.width_px, 192);
  EXPECT_NEAR(print.dpi, 508, 0.1);

  // The truth beside the picture is that of the generator's touch.
  const auto json = nlohmann::json::parse(bytes_of(options_.out / "truth" / "1_2.json"));
  const SeedTree tree = SeedTree(3).child(std::uint64_t{1});
  const prints::Finger finger = prints::Finger::make(tree);
  const prints::Impression expected = impress(finger, prints::Conditions::of_touch(finger, prints::SensorKind::kCard, 1),
                                              prints::SensorUnit::draw(prints::SensorKind::kCard, tree.child("unit")));
  EXPECT_EQ(print.image, expected.image);
  EXPECT_EQ(json["identity"]["seed"], tree.seed());
  EXPECT_EQ(json["identity"]["class"], to_string(finger.pattern()));
  ASSERT_EQ(json["minutiae"].size(), expected.minutiae.size());
  for (std::size_t i = 0; i < expected.minutiae.size(); ++i) {
    EXPECT_NEAR(json["minutiae"][i][0].get<double>(), expected.minutiae[i].x, 0.001);
    EXPECT_NEAR(json["minutiae"][i][2].get<double>(), expected.minutiae[i].direction, 0.001);
  }
  const auto& grid = json["grid"];
  ASSERT_EQ(grid["orientation"].size(), grid["columns"].get<std::size_t>() * grid["rows"].get<std::size_t>());
  const std::size_t at = grid["columns"].get<std::size_t>() * 6 + 6;
  EXPECT_NEAR(grid["on_finger_px"][at][0].get<double>(), expected.mapping.to_finger({8 + 6 * 16, 8 + 6 * 16}).x, 0.01);

  const auto manifest = nlohmann::json::parse(bytes_of(options_.out / "manifest.json"));
  EXPECT_EQ(manifest["seed"], 3);
  EXPECT_EQ(manifest["population_sha256"], prints::population_hash());
  EXPECT_TRUE(fs::exists(options_.sheet));
}

TEST_F(FingerMake, GoesOnWhereItStoppedWithTheSameResult) {
  make_fingers(options_);
  const auto whole = files(options_.out);
  // What a killed run leaves: some files missing, a draft of a picture. A file that is there stays as it is.
  fs::remove(options_.out / "png/2_1.png");
  fs::remove(options_.out / "truth/1_2.json");
  std::ofstream(options_.out / "png/.2_1.png") << "half a pic";
  const auto kept = fs::last_write_time(options_.out / "png/1_1.png");
  options_.threads = 1;
  make_fingers(options_);
  EXPECT_EQ(files(options_.out), whole);
  EXPECT_EQ(fs::last_write_time(options_.out / "png/1_1.png"), kept);
  // A later part of the same set is the same as in one go.
  FingerMakeOptions second = options_;
  second.out = folder_ / "b";
  second.first = 2;
  second.fingers = 1;
  make_fingers(second);
  EXPECT_EQ(bytes_of(second.out / "png/2_2.png"), bytes_of(options_.out / "png/2_2.png"));
}

TEST_F(FingerMake, RefusesToMixAndToWriteNowhere) {
  options_.fingers = 1;
  options_.impressions = 1;
  make_fingers(options_);
  options_.seed = 4;
  EXPECT_THROW(make_fingers(options_), BadInput);
  options_.seed = 3;
  options_.sensor = "full";
  EXPECT_THROW(make_fingers(options_), BadInput);
  std::ofstream(folder_ / "file") << "x";
  options_.out = folder_ / "file";
  EXPECT_THROW(make_fingers(options_), BadInput);
}

TEST(FingerMakeVerb, RefusesBadArguments) {
  const auto run = [](std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return finger_main(static_cast<int>(argv.size()), argv.data());
  };
  for (const auto& extra : std::vector<std::vector<std::string>>{{},
                                                                 {"grow"},
                                                                 {"make"},
                                                                 {"make", "--out"},
                                                                 {"make", "--out", "x", "--fingers", "0"},
                                                                 {"make", "--out", "x", "--fingers", "2x"},
                                                                 {"make", "--out", "x", "--sensor", "192"},
                                                                 {"make", "--out", "x", "--sensor", "10x10@500"},
                                                                 {"make", "--out", "x", "--sensor", "192x192@5000"},
                                                                 {"make", "--out", "x", "--seed", "-1"},
                                                                 {"make", "--out", "x", "--threads", "0"},
                                                                 {"make", "--out", "x", "--what", "1"}}) {
    std::vector<std::string> words = {"touchstone-bio", "finger"};
    words.insert(words.end(), extra.begin(), extra.end());
    EXPECT_EQ(run(words), 2);
  }
  EXPECT_FALSE(fs::exists("x"));
}

}  // namespace
}  // namespace touchstone::bio
