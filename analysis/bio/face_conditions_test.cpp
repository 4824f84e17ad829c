// Failures by condition and labels that look wrong, planted in made vectors.
#include "bio/face_conditions.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <numbers>
#include <tuple>

#include "bio/made_faces.h"

namespace touchstone::bio {
namespace {

constexpr metrics::BootstrapOptions kBootstrap{20, 1};

/// Pictures that are made one after the other, with their conditions.
struct Pictures {
  FaceVectors faces{"made", "", {}, {}};
  std::vector<std::string> condition;

  void add(std::size_t person, const std::string& under, const std::vector<float>& vector) {
    made::add(faces, made::name(person), vector);
    condition.push_back(under);
  }
  FaceSet set() const {
    FaceSet out = made::set_of(faces);
    for (std::size_t i = 0; i < condition.size(); ++i) out.images[i].condition = condition[i];
    return out;
  }
};

constexpr std::size_t kPeople = 9;
// Pairs with a picture under one condition, of nine people with one picture under each of three.
constexpr std::size_t kGenuineUnder = kPeople * 2, kImpostorUnder = kPeople * (kPeople - 1) / 2 + kPeople * (kPeople - 1) * 2;

TEST(ByCondition, FarPicturesFailUnderTheirConditionAlone) {
  Pictures pictures;
  for (std::size_t p = 0; p < kPeople; ++p) {
    pictures.add(p, "happy", made::picture(p, 0.9));
    pictures.add(p, "normal", made::picture(p, 1));
    pictures.add(p, "dark", made::picture(p, -0.9));  // further from its own than anybody
  }
  const auto rows = by_condition(pictures.set(), pictures.faces, kBootstrap);
  ASSERT_EQ(rows.size(), 3U);
  const char* const names[] = {"dark", "happy", "normal"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].condition, names[i]);
    EXPECT_EQ(rows[i].embedder, "made");
    EXPECT_EQ(rows[i].pictures, kPeople);
    EXPECT_EQ(rows[i].without_vector, 0U);
    EXPECT_EQ(rows[i].genuine_pairs, kGenuineUnder) << names[i];
    EXPECT_EQ(rows[i].impostor_pairs, kImpostorUnder) << names[i];
    EXPECT_EQ(rows[i].fnmr.rate.tries, kGenuineUnder);
    EXPECT_LE(rows[i].fmr.rate.errors, 3U) << "FMR 1e-2 of 324 pairs";
  }
  EXPECT_EQ(rows[0].fnmr.rate.errors, kGenuineUnder);
  for (const std::size_t i : {1, 2}) EXPECT_EQ(rows[i].fnmr.rate.errors, kPeople) << names[i] << ": with the dark picture, not with each other";
}

TEST(ByCondition, FalseMatchesStandUnderTheirCondition) {
  Pictures pictures;
  for (std::size_t p = 0; p < kPeople; ++p) {
    pictures.add(p, "happy", made::picture(p, 0.9));
    pictures.add(p, "normal", made::picture(p, 1));
    pictures.add(p, "mask", made::picture(p == 1 ? 0 : p, 0.95));  // two people under one mask: three pairs of 324, which FMR 1e-2 lets pass
  }
  const auto rows = by_condition(pictures.set(), pictures.faces, kBootstrap);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].condition, "mask");
  EXPECT_EQ(rows[1].fmr.rate.errors, 3U) << "p01 behind it is like each picture of p00";
  EXPECT_EQ(rows[1].fmr.rate.tries, kImpostorUnder);
  EXPECT_EQ(rows[1].fnmr.rate.errors, 2U) << "and unlike p01's own two";
  for (const std::size_t i : {0, 2}) {
    EXPECT_EQ(rows[i].fmr.rate.errors, 1U) << rows[i].condition;
    EXPECT_EQ(rows[i].fnmr.rate.errors, 1U) << rows[i].condition;
  }
}

TEST(ByCondition, PicturesWithoutAVectorAreCountedUnderTheirs) {
  Pictures pictures;
  for (std::size_t p = 0; p < kPeople; ++p) {
    for (const char* under : {"normal", "dark"}) pictures.add(p, under, made::picture(p, 1));
  }
  FaceSet set = pictures.set();
  // The first three dark pictures gave none.
  FaceVectors faces{"made", "", {}, {}};
  for (std::size_t i = 0; i < pictures.faces.image.size(); ++i) {
    if (i % 2 == 1 && i < 6) continue;
    faces.vectors.add(made::name(i / 2), pictures.faces.vectors.picture[i], pictures.faces.vectors.of(i));
    faces.image.push_back(i);
  }
  const auto rows = by_condition(set, faces, kBootstrap);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].pictures, kPeople);
  EXPECT_EQ(rows[0].without_vector, 3U);
  EXPECT_EQ(rows[0].genuine_pairs, kPeople - 3);
  EXPECT_EQ(rows[1].without_vector, 0U);
}

TEST(ByCondition, PicturesWithoutALabelAreTheOthersAlone) {
  Pictures pictures;
  for (std::size_t p = 0; p < kPeople; ++p) {
    for (const char* under : {"", "dark"}) pictures.add(p, under, made::picture(p, 1));
  }
  const auto rows = by_condition(pictures.set(), pictures.faces, kBootstrap);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].condition, "dark");
  EXPECT_EQ(rows[0].genuine_pairs, kPeople);
  for (std::string& under : pictures.condition) under.clear();
  EXPECT_TRUE(by_condition(pictures.set(), pictures.faces, kBootstrap).empty());
}

TEST(ByCondition, TheRowSaysItsFiguresByName) {
  ConditionRow row{"b", "dark", 10, 3, 7, 90, {{2, 8}, {0.1, 0.5}}, {{9, 90}, {0.05, 0.2}}};
  EXPECT_EQ(to_json(row).dump(),
            R"({"embedder":"b","condition":"dark","pictures":10,"without_vector":3,"genuine_pairs":7,"impostor_pairs":90,"fmr_asked":0.01,"fnmr":0.25,"fmr":0.1,)"
            R"("intervals_95":{"fnmr":[0.1,0.5],"fmr":[0.05,0.2]}})");
}

struct Labelled {
  std::string name;
  std::size_t person;
  double degrees;  ///< from the person's direction
};

FaceVectors labelled(const std::vector<Labelled>& of) {
  FaceVectors out{"made", "", {}, {}};
  for (const Labelled& l : of) made::add(out, l.name, made::picture(l.person, std::cos(l.degrees * std::numbers::pi / 180)));
  return out;
}

/// People under their own names, four pictures each: of six pairs one is 30 degrees apart, two are 28, the others less, so that a quarter of
/// them lies at 28 degrees.
std::vector<Labelled> right_labels() {
  std::vector<Labelled> out;
  for (std::size_t p = 0; p < kPeople; ++p) {
    for (const double degrees : {0, 2, 28, 30}) out.push_back({made::name(p), p, degrees});
  }
  return out;
}

std::vector<std::string> shown(const std::vector<Suspect>& of) {
  std::vector<std::string> out;
  for (const Suspect& s : of) out.push_back((s.one_name ? "one name " : "two names ") + s.a + " " + s.b);
  return out;
}

TEST(Suspects, RightLabelsAreNotSuspected) {
  FaceVectors faces = labelled(right_labels());
  EXPECT_THAT(shown(suspects(faces)), testing::IsEmpty());
  // Somebody at 29 degrees from p03: no nearer than three quarters of the pairs of one name.
  for (int k = 0; k < 2; ++k) {
    const double cosine = std::cos(29 * std::numbers::pi / 180);
    std::vector<float> v(made::kDimensions);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(cosine * made::directions()[3][i] + std::sqrt(1 - cosine * cosine) * made::directions()[40][i]);
    made::add(faces, "sister", v);
  }
  EXPECT_THAT(shown(suspects(faces)), testing::IsEmpty());
}

TEST(Suspects, TwoNamesOfOnePersonAreFoundWithTheirPictures) {
  auto labels = right_labels();
  labels.push_back({"alias", 3, 15});
  const auto found = suspects(labelled(labels));
  EXPECT_THAT(shown(found), testing::UnorderedElementsAre("two names p03_13 alias_37", "two names p03_14 alias_37", "two names p03_15 alias_37", "two names p03_16 alias_37"));
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_GE(found[i - 1].score, found[i].score) << "likest first";
}

TEST(Suspects, AStrangersPictureUnderANameIsFound) {
  auto labels = right_labels();
  labels[9].person = 30;  // p02's second, of somebody who has no name in the set
  const FaceVectors faces = labelled(labels);
  const auto found = suspects(faces);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].one_name);
  EXPECT_EQ(found[0].a, "p02_10");
  EXPECT_LT(found[0].score, 0.1) << "at most so like p02's others";
}

TEST(Suspects, APictureUnderAnothersNameIsFoundFromBothSides) {
  for (const auto& [planted, person, name] : {std::tuple<std::size_t, std::size_t, const char*>{9, 5, "p02_10"}, {30, 1, "p07_31"}}) {
    auto labels = right_labels();
    labels[planted].person = person;
    labels[planted].degrees = 15;
    const auto found = suspects(labelled(labels));
    ASSERT_EQ(found.size(), 5U) << name;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_FALSE(found[i].one_name);
      const bool first = planted < 4 * person;  // the pictures stand in the set's order
      EXPECT_EQ(first ? found[i].a : found[i].b, name);
      EXPECT_THAT(first ? found[i].b : found[i].a, testing::StartsWith(made::name(person) + "_"));
    }
    EXPECT_TRUE(found[4].one_name);
    EXPECT_EQ(found[4].a, name);
    EXPECT_THAT(found[4].b, testing::StartsWith(made::name(person) + "_"));
    EXPECT_EQ(to_json(found[4])["kind"], "one name, unlike");
    EXPECT_EQ(to_json(found[0])["kind"], "two names, alike");
  }
}

TEST(Suspects, OnePictureEachSaysNothingOfNames) {
  FaceVectors faces{"made", "", {}, {}};
  for (std::size_t p = 0; p < kPeople; ++p) made::add(faces, made::name(p), made::picture(p, 1));
  EXPECT_TRUE(suspects(faces).empty());
}

}  // namespace
}  // namespace touchstone::bio
