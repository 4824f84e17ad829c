// `evaluate --trait face` over real pictures, with broken ones among them.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/command.h"
#include "support/data.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

json evaluated(const fs::path& folder) {
  const std::string at = "'" + folder.string();
  const auto outcome = test::run_command("'" TS_BIO "' evaluate --trait face --data " + at + "' --embedders b --enrolled 5 --bootstrap 20 --json " + at + "/out.json' --out " + at +
                                         "/kept' 2>" + at + "/errors.txt'");
  EXPECT_EQ(outcome.exit_code, 0) << read(folder / "errors.txt");
  return json::parse(read(folder / "out.json"));
}

const json& row(const json& rows, const std::string& representation, int fused) {
  for (const json& r : rows) {
    if (r["protocol"] == "enrolled" && r["representation"] == representation && r["fused"] == fused) return r;
  }
  throw std::runtime_error("no such row");
}

TEST(EvaluateRealFaces, FivePicturesOpenToThreeAndBrokenOnesAreNamedWhileTheRunGoesOn) {
  TS_DATA_OR_SKIP(orl, "datasets/orl_s01_24/png");
  const fs::path folder = fs::path(testing::TempDir()) / "evaluate_real_faces";
  fs::remove_all(folder);
  fs::create_directories(folder / "png");
  constexpr int kPeople = 6, kPictures = 10;
  for (int p = 1; p <= kPeople; ++p) {
    for (int k = 1; k <= kPictures; ++k) {
      const std::string name = "s0" + std::to_string(p) + "_" + (k < 10 ? "0" : "") + std::to_string(k) + ".png";
      fs::copy_file(orl / name, folder / "png" / name);
    }
  }
  const json whole = evaluated(folder);
  EXPECT_EQ(whole["images"], kPeople * kPictures);
  EXPECT_EQ(whole["failed_to_acquire"], json::array());
  const json& code = row(whole["results"], "code", 3);
  EXPECT_EQ(code["scheme"], "r1");
  EXPECT_EQ(code["k_bits"], 48);
  EXPECT_EQ(code["people"], "report");
  EXPECT_EQ(code["persons"], kPeople);
  EXPECT_EQ(code["genuine_pairs"], kPeople) << "five are left of each, three of them fused";
  EXPECT_EQ(code["impostor_pairs"], kPeople * (kPeople - 1) * (1 + 5));
  EXPECT_EQ(code["fnmr"], 0.0);
  EXPECT_EQ(code["fmr"], 0.0);
  EXPECT_EQ(row(whole["results"], "embedding", 1)["genuine_pairs"], kPeople * 5);
  EXPECT_EQ(row(whole["results"], "embedding", 1)["eer"], 0.0);

  // One file of s02 is no picture any more, one of s04 ends too soon; and there is a name that the set does not know.
  std::ofstream(folder / "png/s02_10.png") << "no picture";
  const std::string torn = read(folder / "png/s04_10.png").substr(0, 900);
  std::ofstream(folder / "png/s04_10.png", std::ios::binary) << torn;
  std::ofstream(folder / "png/notes.txt") << "x";
  const json broken = evaluated(folder);
  EXPECT_EQ(broken["images"], kPeople * kPictures);
  EXPECT_EQ(broken["failed_to_acquire"], json::array({"s02_10.png: unreadable", "s04_10.png: unreadable"}));
  EXPECT_EQ(broken["fta"]["errors"], 2);
  EXPECT_EQ(broken["fta"]["tries"], kPeople * kPictures);
  EXPECT_THAT(broken["left_out"].dump(), testing::HasSubstr("notes.txt"));
  EXPECT_EQ(row(broken["results"], "code", 3)["genuine_pairs"], kPeople) << "four are left of s02 and s04";
  EXPECT_EQ(row(broken["results"], "code", 3)["fnmr"], 0.0);
  EXPECT_EQ(row(broken["results"], "code", 1)["genuine_pairs"], kPeople * 5 - 2);
  EXPECT_THAT(read(folder / "kept/index.html"), testing::HasSubstr("s02_10.png: unreadable"));
}

}  // namespace
}  // namespace touchstone::bio
