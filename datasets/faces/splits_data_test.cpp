// The manifest against the sets themselves: everybody stands in it, and LFW is halved by its rule.
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>

#include "faces/splits.h"
#include "support/data.h"

namespace touchstone::faces {
namespace {

namespace fs = std::filesystem;

/// Pictures of each person, whose name ends before `mark`.
std::map<std::string, int> people_in(const fs::path& folder, std::size_t mark_from_end) {
  std::map<std::string, int> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string stem = entry.path().stem().string();
    ++out[stem.substr(0, mark_from_end > 0 ? stem.size() - mark_from_end : stem.find('_'))];
  }
  return out;
}

TEST(FaceSplitsData, EverybodyStandsInTheManifestAndLfwIsHalvedAmongThoseWithManyPictures) {
  struct Set {
    const char *folder, *name;
    std::size_t mark_from_end;
  };
  for (const Set& s : {Set{"datasets/lfw_gray_folds01_05/images", "lfw", 5}, Set{"datasets/orl_s01_24/png", "orl", 0}, Set{"datasets/yale_s01_10/png", "yale", 0},
                       Set{"datasets/yaleb_cropped_a/png", "yaleb", 0}}) {
    TS_DATA_OR_SKIP(folder, s.folder);
    std::map<int, std::map<Part, int>> strata;
    for (const auto& [person, pictures] : people_in(folder, s.mark_from_end)) {
      const auto part = part_of(s.name, person);
      ASSERT_TRUE(part) << s.name << " " << person;
      ++strata[pictures >= 8 ? 8 : pictures >= 3 ? 3 : 1][*part];
    }
    if (std::string(s.name) != "lfw") continue;
    for (auto& [least, parts] : strata) EXPECT_THAT(parts[Part::kTune] - parts[Part::kReport], testing::AllOf(testing::Ge(0), testing::Le(1))) << least;
  }
}

}  // namespace
}  // namespace touchstone::faces
