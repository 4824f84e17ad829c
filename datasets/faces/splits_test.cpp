#include "faces/splits.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace touchstone::faces {
namespace {

TEST(FaceSplits, NobodyStandsInBothParts) {
  std::map<std::pair<std::string, std::string>, int> rows;
  std::map<std::string, std::map<Part, int>> people;
  for (const SplitRow& row : split_rows()) {
    ++rows[{row.set, row.person}];
    ++people[row.set][row.part];
  }
  for (const auto& [person, count] : rows) EXPECT_EQ(count, 1) << person.first << " " << person.second;
  EXPECT_EQ(people["lfw"][Part::kTune], 1044);
  EXPECT_EQ(people["lfw"][Part::kReport], 1042);
  for (const char* set : {"orl", "yale", "yaleb"}) EXPECT_EQ(people[set][Part::kTune], 0) << set << " is for reports alone";
}

TEST(FaceSplits, APersonIsFoundByNameAndAStrangerBelongsToNone) {
  EXPECT_EQ(part_of("orl", "s01"), Part::kReport);
  EXPECT_EQ(part_of("lfw", "s01"), std::nullopt);
  EXPECT_EQ(part_of("lfw", "Nobody_At_All"), std::nullopt);
}

TEST(FaceSplits, PicturesOfAPartAreThoseOfItsPeople) {
  Embeddings e;
  const float v[] = {1};
  e.add("Nobody_At_All", "n", v);
  e.add("s01", "s01_01", v);
  EXPECT_THAT(pictures_of(e, "orl", Part::kReport), testing::ElementsAre(1));
  EXPECT_THAT(pictures_of(e, "orl", Part::kTune), testing::IsEmpty());
}

}  // namespace
}  // namespace touchstone::faces
