#include "bio/face_enrolled.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bio/bad_input.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FaceFolder : public testing::Test {
 protected:
  FaceFolder() {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "images");
  }
  void image(const std::string& name) { std::ofstream(folder_ / "images" / name) << "x"; }
  void pairs(const std::string& text) { std::ofstream(folder_ / "pairs.txt") << text; }
  std::string refused() {
    try {
      open_faces(folder_.string());
    } catch (const BadInput& error) {
      return error.what();
    }
    return "";
  }
  fs::path folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(FaceFolder, OfficialPairsAreReadAndWrongOnesNamedWithTheirLine) {
  for (const char* name : {"Ann_A_0001.jpg", "Ann_A_0002.jpg", "Bob_0001.jpg", "notes.txt"}) image(name);
  pairs("1\t1\nAnn_A\t1\t2\nAnn_A\t2\tBob\t1\n");
  const FaceSet set = open_faces(folder_.string());
  EXPECT_EQ(set.name, "lfw");
  ASSERT_EQ(set.pairs.size(), 2U);
  EXPECT_TRUE(set.pairs[0].genuine);
  EXPECT_EQ(set.images[set.pairs[1].a].name, "Ann_A_0002.jpg");
  EXPECT_EQ(set.images[set.pairs[1].b].person, "Bob");
  EXPECT_THAT(set.notes, testing::ElementsAre(HasSubstr("notes.txt")));
  pairs("1\t1\nAnn_A\t1\t7\n");
  EXPECT_THAT(refused(), HasSubstr("pairs.txt:2: there is no picture 7 of Ann_A"));
  pairs("1\t1\n\nAnn_A\t1\n");
  EXPECT_THAT(refused(), HasSubstr("pairs.txt:3: neither"));
  fs::remove(folder_ / "pairs.txt");
  EXPECT_THAT(refused(), HasSubstr("no folder of pictures"));
}

TEST_F(FaceFolder, CopiesOfOneYaleFileAreLeftOutAndNamed) {
  fs::create_directories(folder_ / "png");
  for (const char* name : {"subject01_noglasses.png", "subject01_normal.png"}) std::ofstream(folder_ / "png" / name) << "same";
  std::ofstream(folder_ / "png/subject01_happy.png") << "other";
  const FaceSet set = open_faces(folder_.string());
  EXPECT_EQ(set.images.size(), 2U);
  EXPECT_THAT(set.notes, testing::ElementsAre(HasSubstr("subject01_normal.png is the same file as subject01_noglasses.png")));
  std::ofstream(folder_ / "png/s01_01.png") << "y";
  EXPECT_THAT(refused(), HasSubstr("holds pictures of"));
}

/// People of ORL, whom the manifest knows: `pictures` each, near an axis of their own.
FaceVectors people(int count, int pictures, float spread) {
  FaceVectors out{"b", "", {}, {}};
  for (int p = 0; p < count; ++p) {
    for (int k = 0; k < pictures; ++k) {
      std::vector<float> v(32, 0);
      v[static_cast<std::size_t>(p)] = 2;
      v[static_cast<std::size_t>(24 + (p + k) % 8)] = spread * static_cast<float>(1 + k % 3);
      std::string name = std::to_string(p + 1);
      name.insert(0, 3 - name.size() - 1, '0');
      out.image.push_back(out.image.size());
      out.vectors.add("s" + name, "picture " + std::to_string(k), v);
    }
  }
  return out;
}

FaceSet set_of(const FaceVectors& faces) {
  FaceSet set;
  set.name = "orl";
  for (std::size_t i = 0; i < faces.image.size(); ++i) set.images.push_back({"", faces.vectors.picture[i], faces.vectors.people[faces.vectors.person[i]], ""});
  return set;
}

TEST(FaceRates, AllPairsAreCountedOnceAndApartPeopleHaveNoErrors) {
  const FaceVectors faces = people(10, 6, 0.1F);
  const FaceSet set = set_of(faces);
  const FaceRow row = all_pairs(set, faces, false, {50, 1});
  EXPECT_EQ(row.genuine_pairs, 10U * 15);
  EXPECT_EQ(row.impostor_pairs, 60U * 59 / 2 - 150);
  EXPECT_EQ(row.eer, 0);
  const auto json = to_json(row);
  EXPECT_EQ(json["fnmr_at_fmr"]["1e-2"], 0);
  EXPECT_TRUE(json["fnmr_at_fmr"]["1e-4"].is_null()) << "1,620 pairs do not show 1e-4";
}

TEST(FaceRates, RecordsTakeTheFirstPicturesAndProbesTheRest) {
  const FaceVectors faces = people(10, 9, 0.1F);
  const FaceSet set = set_of(faces);
  const FaceRow row = enrolled_embedding(set, faces, {5, 3}, {50, 1});
  EXPECT_EQ(row.persons, 10U);
  EXPECT_EQ(row.genuine_pairs, 10U);             // 4 are left of each, three of them fused
  EXPECT_EQ(row.impostor_pairs, 10U * 9 * (1 + 4));  // fused, and one by one
  EXPECT_EQ(row.eer, 0);
  EXPECT_EQ(enrolled_embedding(set, people(10, 7, 0.1F), {5, 3}, {50, 1}).persons, 0U) << "seven pictures are not eight";
}

TEST(FaceRates, TheSecretOpensForItsOwnerAndNotForOthers) {
  const FaceVectors faces = people(20, 8, 0.4F);
  biometrics::Head head;
  head.embedder = "b";
  head.mean.assign(32, 0);
  // 128 signs of 32 numbers: enough to tell axes apart.
  for (int d = 0; d < 128; ++d) {
    for (int i = 0; i < 32; ++i) head.projection.push_back(__builtin_popcount(static_cast<unsigned>(d * 37 + i * 91) & 0x2d5U) % 2 == 0 ? 1.0F : -1.0F);
  }
  const FaceRow row = enrolled_code(set_of(faces), faces, head, {5, 3}, {50, 1});
  EXPECT_EQ(row.k_bits, 48);
  EXPECT_EQ(row.genuine_pairs, 20U);
  EXPECT_EQ(row.fnmr->rate.errors, 0U);
  EXPECT_FALSE(row.eer) << "a decoder has no threshold";
}

}  // namespace
}  // namespace touchstone::bio
