// The gate over real pictures: every print of the sets passes, faces do not.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "bio/bad_input.h"
#include "bio/evaluation.h"
#include "bio/print_check.h"
#include "bio/print_data.h"
#include "bio/print_file.h"
#include "support/data.h"

namespace touchstone::bio {
namespace {

std::vector<std::filesystem::path> pictures(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) out.push_back(entry.path());
  return out;
}

TEST(RealPictures, EveryPrintOfThePooledSetsAndOfTheTuningSetPasses) {
  TS_DATA_OR_SKIP(path, "datasets");
  DataOptions options;
  options.data = path.string();
  options.least_impressions = 8;
  const auto pooled = open_prints(options);
  EXPECT_EQ(pooled->label(), "pooled");
  EXPECT_EQ(pooled->fingers().size(), 30U);
  EXPECT_EQ(pooled->sets().size(), 4U);
  EXPECT_EQ(pooled->print(29, 0).dpi, 512);
  options.data = (path / "fvc2002_db4_b").string();
  EXPECT_EQ(open_prints(options)->fingers().size(), 10U);
}

// The figures of the log, by the same route: a change of crop, protocol or metrics must not go unseen.
TEST(RealPictures, TheClassicalRowsComeBack) {
  TS_DATA_OR_SKIP(path, "datasets");
  DataOptions source;
  source.data = path.string();
  EvaluationOptions options;
  options.bootstrap.replicates = 10;
  options.sweeps = false;
  options.sets = false;
  std::vector<std::unique_ptr<Representation>> representations;
  representations.push_back(make_representation("classical-code"));
  const Evaluation out = run_evaluation(*open_prints(source), representations, options, Store());
  std::map<std::string, double> eer;
  for (const Row& row : out.rows) {
    if (row.label.split == "none" || row.label.split == "both") eer[row.label.sensor + std::to_string(row.label.enrolled)] = row.eer.value();
    if (row.label.split == "none") {
      EXPECT_EQ(row.genuine_pairs, 840U);
      EXPECT_EQ(row.impostor_pairs, 7040U);
    }
  }
  EXPECT_NEAR(eer["full1"], 0.253, 0.001);
  EXPECT_NEAR(eer["full4"], 0.206, 0.001);
  EXPECT_NEAR(eer["card1"], 0.351, 0.001);
  EXPECT_NEAR(eer["card4"], 0.2875, 0.001);
}

TEST(RealPictures, InvertedPrintsWithAGroundAreRefused) {
  TS_DATA_OR_SKIP(path, "datasets");
  const auto refused = [&](const std::string& set) {
    int out = 0;
    for (const auto& file : pictures(path / set / "png")) {
      Print print{read_print(file), 500};
      for (std::uint8_t& p : print.image.pixels) p = static_cast<std::uint8_t>(255 - p);
      out += check_print(print).fault == PrintFault::kInverted ? 1 : 0;
    }
    return out;
  };
  EXPECT_EQ(refused("fvc2002_db1_b"), 80);
  EXPECT_EQ(refused("fvc2004_db1_b"), 80);
  EXPECT_EQ(refused("fvc2002_db3_b_f101_105"), 40);
}

TEST(RealPictures, FacesAreRefused) {
  TS_DATA_OR_SKIP(path, "datasets");
  for (const char* set : {"orl_s01_24", "yale_s01_10", "yaleb_cropped_a"}) {
    const auto files = pictures(path / set / "png");
    for (std::size_t i = 0; i < files.size(); i += 5) {
      const auto& file = files[i];
      try {
        EXPECT_FALSE(check_print({read_print(file), 500}).ok()) << file;
      } catch (const BadInput&) {  // too small
      }
    }
  }
}

TEST(RealPictures, CapturesOfConsumerSensorsPassAtTheirResolution) {
  TS_DATA_OR_SKIP(path, "datasets/libfprint_captures/png");
  // The resolution at which their ridges are those of skin; several are scaled up by the driver.
  for (const auto& [name, dpi] : std::map<std::string, double>{{"egis0570", 500}, {"nb1010", 500}, {"upektc_img", 500}, {"vfs0050", 500}, {"vfs5011", 500}}) {
    const PrintCheck check = check_print({read_print(path / (name + ".png")), dpi});
    EXPECT_TRUE(check.ok()) << name << ": " << check.reason();
  }
}

}  // namespace
}  // namespace touchstone::bio
