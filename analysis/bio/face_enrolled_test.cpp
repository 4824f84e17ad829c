// What each step from embedding to secret costs, on vectors whose angles are known.
#include "bio/face_enrolled.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <numbers>

#include "bio/made_faces.h"

namespace touchstone::bio {
namespace {

using testing::ElementsAre;

constexpr metrics::BootstrapOptions kBootstrap{20, 1};

std::vector<FaceRow> loss(const FaceVectors& faces, const Enrolment& enrolment = {5, 3}, const biometrics::Head& head = made::window()) {
  return loss_by_protection(made::set_of(faces), faces, head, enrolment, kBootstrap);
}

std::map<std::string, FaceRow> by_step(const std::vector<FaceRow>& rows) {
  std::map<std::string, FaceRow> out;
  for (const FaceRow& row : rows) out[row.scheme] = row;
  return out;
}

/// The mean of a histogram's scores, to half of a bin.
double mean(const Histogram& of, const std::vector<double>& shares) {
  double sum = 0;
  for (std::size_t b = 0; b < shares.size(); ++b) sum += shares[b] * (of.low + (of.high - of.low) * (static_cast<double>(b) + 0.5) / static_cast<double>(shares.size()));
  return sum;
}

TEST(LossByProtection, TightPeopleCostNothingAtAnyStep) {
  const auto rows = loss(made::people(20, 0.995));
  std::vector<std::string> steps, representations;
  std::vector<int> k;
  for (const FaceRow& row : rows) {
    steps.push_back(row.scheme);
    representations.push_back(row.representation);
    k.push_back(row.k_bits);
    EXPECT_EQ(row.protocol, "enrolled");
    EXPECT_EQ(row.people, "all");
    EXPECT_EQ(row.persons, 20U);
    EXPECT_EQ(row.genuine_pairs, 20U) << row.scheme;
    EXPECT_EQ(row.impostor_pairs, 20U * 19 * (1 + 3)) << row.scheme << ": fused, and one by one";
    if (row.representation == "embedding") {
      EXPECT_EQ(row.eer, 0) << row.scheme;
      EXPECT_FALSE(row.fnmr) << row.scheme << " has all thresholds";
    } else {
      EXPECT_EQ(row.fnmr->rate.errors, 0U) << row.scheme;
      EXPECT_EQ(row.fnmr->rate.tries, 20U) << row.scheme;
      EXPECT_EQ(row.fmr->rate.errors, 0U) << row.scheme;
      EXPECT_FALSE(row.eer) << row.scheme << " has no threshold";
    }
  }
  EXPECT_THAT(steps, ElementsAre("embedding", "whitened", "enrolled signs", "signs", "r1", "bch"));
  EXPECT_THAT(representations, ElementsAre("embedding", "embedding", "embedding", "embedding", "code", "code"));
  EXPECT_THAT(k, ElementsAre(0, 0, 0, 0, 48, 50)) << "of BCH codes of length 127 the next after 43 is (127, 50)";
}

// Signs of a random projection differ with probability angle / pi (Goemans and Williamson 1995, lemma 3.2); against signs, a normal
// variable keeps the cosine times the mean of its size, sqrt(2 / pi).
TEST(LossByProtection, ScoresOfEachStepAreThoseOfTheAngle) {
  constexpr double kCosine = 0.6;
  auto row = by_step(loss(made::people(60, kCosine)));
  const auto expected = [&](const char* step) {
    if (step == std::string("signs")) return 1 - 2 * std::acos(kCosine) / std::numbers::pi;
    return step == std::string("enrolled signs") ? kCosine * std::sqrt(2 / std::numbers::pi) : kCosine;
  };
  for (const char* step : {"embedding", "whitened", "enrolled signs", "signs"}) {
    const Histogram& scores = row[step].scores;
    EXPECT_NEAR(mean(scores, scores.genuine), expected(step), 0.03) << step;
    EXPECT_NEAR(mean(scores, scores.impostor), 0, 0.03) << step;
  }
}

TEST(LossByProtection, SignsLoseWhatTheWhitenedVectorTells) {
  auto row = by_step(loss(made::people(60, 0.25)));
  EXPECT_EQ(row["embedding"].eer, 0);
  EXPECT_EQ(row["whitened"].eer, 0);
  EXPECT_GT(*row["enrolled signs"].eer, 0.01);
  EXPECT_GT(*row["signs"].eer, *row["enrolled signs"].eer);
  for (const char* code : {"r1", "bch"}) EXPECT_GT(row[code].fnmr->rate.value(), 0.9) << code;
}

TEST(LossByProtection, AHardCodeLosesWhatASoftOneOpens) {
  auto row = by_step(loss(made::people(60, 0.85)));
  EXPECT_LT(*row["signs"].eer, 0.01) << "a threshold tells them apart";
  EXPECT_LE(row["r1"].fnmr->rate.errors, 3U);
  EXPECT_GT(row["bch"].fnmr->rate.value(), 0.9) << "22 of 127 signs are wrong, and 13 may be";
  EXPECT_EQ(row["bch"].fmr->rate.errors, 0U);
}

// 15.3 of 127 signs are wrong, with a standard deviation of 3.7: 13 or less of them at 31 % of the people.
TEST(LossByProtection, TheHardCodeOpensUpToThirteenWrongSigns) {
  EXPECT_NEAR(by_step(loss(made::people(64, 0.93)))["bch"].fnmr->rate.value(), 0.69, 0.17);
}

// On the way from one direction to another at right angles each sign turns at most once, so that no record opens again further on.
TEST(LossByProtection, AWiderAngleOpensNoMoreRecords) {
  std::uint64_t before = 0;
  for (const double cosine : {1.0, 0.98, 0.96, 0.94, 0.92, 0.9, 0.8, 0.5, 0.0}) {
    auto row = by_step(loss(made::people(24, cosine)));
    const std::uint64_t closed = row["bch"].fnmr->rate.errors;
    EXPECT_GE(closed, before) << cosine;
    EXPECT_LE(row["r1"].fnmr->rate.errors, closed) << cosine;
    before = closed;
    if (cosine < 1 && cosine > 0) continue;
    for (const char* code : {"r1", "bch"}) EXPECT_EQ(row[code].fnmr->rate.errors, cosine == 1 ? 0U : 24U) << code;
  }
}

/// 64 numbers more, before or after the made ones.
FaceVectors widened(const FaceVectors& faces, bool before, const std::function<std::vector<float>(std::size_t)>& more) {
  FaceVectors out{"made", "", {}, {}};
  for (std::size_t i = 0; i < faces.image.size(); ++i) {
    std::vector<float> v(faces.vectors.of(i).begin(), faces.vectors.of(i).end());
    const std::vector<float> added = more(i);
    v.insert(before ? v.begin() : v.end(), added.begin(), added.end());
    made::add(out, faces.vectors.people[faces.vectors.person[i]], v);
  }
  return out;
}

TEST(LossByProtection, WhatTheHeadDropsIsSeenAtTheWhitenedStep) {
  Random random = SeedTree(3).stream("dropped");
  const auto noise = [&](std::size_t) {
    std::vector<float> out(64);
    for (float& x : out) x = static_cast<float>(random.normal());
    return out;
  };
  // Noise of eight times the people's length, which the head drops.
  auto gained = by_step(loss(widened(made::people(20, 0.995), true, noise), {5, 1}, made::window(192, 64)));
  EXPECT_GT(*gained["embedding"].eer, 0.1);
  EXPECT_EQ(gained["whitened"].eer, 0);
  EXPECT_EQ(gained["r1"].fnmr->rate.errors, 0U);

  // People are told apart by what the head drops alone.
  const FaceVectors tight = made::people(20, 0.995);
  FaceVectors strangers{"made", "", {}, {}};
  for (std::size_t i = 0; i < tight.image.size(); ++i) {
    std::vector<float> v(made::kDimensions);
    for (float& x : v) x = static_cast<float>(random.normal());
    made::add(strangers, tight.vectors.people[tight.vectors.person[i]], v);
  }
  const auto axis = [&](std::size_t i) {
    std::vector<float> out(64, 0);
    out[tight.vectors.person[i]] = 100;
    return out;
  };
  auto lost = by_step(loss(widened(strangers, false, axis), {5, 1}, made::window(192, 0)));
  EXPECT_EQ(lost["embedding"].eer, 0);
  EXPECT_GT(*lost["whitened"].eer, 0.3);
  EXPECT_EQ(lost["r1"].fnmr->rate.errors, lost["r1"].fnmr->rate.tries);
}

/// A: 8 pictures, B: 11, C: 10, D: 7, E: 2.
FaceVectors uneven() {
  FaceVectors out{"made", "", {}, {}};
  std::size_t person = 0;
  for (const int pictures : {8, 11, 10, 7, 2}) {
    for (int k = 0; k < pictures; ++k) made::add(out, std::string(1, static_cast<char>('A' + person)), made::picture(person, k < 5 ? 1 : 0.99));
    ++person;
  }
  return out;
}

struct Counts {
  std::size_t persons, genuine, impostor;
};

// Five enrolled, three fused: A, B and C make references and 1, 2 and 1 probes (C's last two pictures are too few for another). Strangers show
// these, what D and E can fuse (2 and 0), and the 3, 6, 5, 7 and 2 pictures one by one: 4, 8, 6, 9 and 2.
// Five and one: D makes a reference too. 3, 6, 5, 2 probes; strangers show these and E's 2.
// One and one: E as well. 7, 10, 9, 6, 1 probes, everyone else's being strangers'.
TEST(Enrolled, ComparisonsAreCountedByHand) {
  const FaceVectors faces = uneven();
  const FaceSet set = made::set_of(faces);
  for (const auto& [enrolment, counts] : {std::pair<Enrolment, Counts>{{5, 3}, {3, 4, 25 + 21 + 23}}, {{5, 1}, {4, 16, 15 + 12 + 13 + 16}}, {{1, 1}, {5, 33, 4 * 33}}}) {
    auto rows = loss(faces, enrolment);
    rows.push_back(enrolled_embedding(set, faces, enrolment, kBootstrap));
    rows.push_back(enrolled_code(set, faces, made::window(), enrolment, kBootstrap));
    for (const FaceRow& row : rows) {
      EXPECT_EQ(row.persons, counts.persons) << row.scheme;
      EXPECT_EQ(row.genuine_pairs, counts.genuine) << row.scheme;
      EXPECT_EQ(row.impostor_pairs, counts.impostor) << row.scheme;
      EXPECT_EQ(row.enrolled, enrolment.enrolled);
      EXPECT_EQ(row.fused, enrolment.fused);
      if (row.fnmr) {
        EXPECT_EQ(row.fnmr->rate.tries, counts.genuine) << row.scheme;
        EXPECT_EQ(row.fmr->rate.tries, counts.impostor) << row.scheme;
      }
    }
  }
}

TEST(Enrolled, TwinsOpenEachOthersRecords) {
  FaceVectors faces{"made", "", {}, {}};
  for (const std::size_t person : {0, 1, 2, 0}) {
    for (int k = 0; k < 8; ++k) made::add(faces, made::name(faces.image.size() / 8), made::picture(person, 1));
  }
  const auto rows = by_step(loss(faces));
  for (const char* code : {"r1", "bch"}) {
    EXPECT_EQ(rows.at(code).fmr->rate.errors, 2U * (1 + 3)) << code << ": either's four probes";
    EXPECT_EQ(rows.at(code).fmr->rate.tries, 4U * 3 * (1 + 3)) << code;
    EXPECT_EQ(rows.at(code).fnmr->rate.errors, 0U) << code;
  }
}

// Probes of three pictures at cosine 0.5, each turned another way, are at cosine 0.5 / sqrt(0.25 + 0.75 / 3) = 0.71.
TEST(Enrolled, FusedPicturesAreOneProbeOfTheirMean) {
  FaceVectors faces{"made", "", {}, {}};
  for (std::size_t p = 0; p < 20; ++p) {
    for (int k = 0; k < 5; ++k) made::add(faces, made::name(p), made::picture(p, 1));
    for (std::size_t k = 0; k < 3; ++k) {
      std::vector<float> v(made::kDimensions);
      for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<float>(0.5 * made::directions()[p][i] + std::sqrt(0.75) * made::directions()[60 + 3 * p + k][i]);
      made::add(faces, made::name(p), v);
    }
  }
  const auto fused = by_step(loss(faces, {5, 3})), single = by_step(loss(faces, {5, 1}));
  for (const char* step : {"embedding", "whitened"}) {
    EXPECT_NEAR(mean(fused.at(step).scores, fused.at(step).scores.genuine), std::sqrt(0.5), 0.02) << step;
    EXPECT_NEAR(mean(single.at(step).scores, single.at(step).scores.genuine), 0.5, 0.02) << step;
  }
  EXPECT_LT(fused.at("r1").fnmr->rate.value(), single.at("r1").fnmr->rate.value());
}

TEST(Enrolled, OfAKnownSetThePeopleOfTheReportPartAlone) {
  FaceVectors faces{"made", "", {}, {}};
  for (const char* person : {"s01", "s02", "nobody"}) {
    for (int k = 0; k < 8; ++k) made::add(faces, person, made::picture(faces.image.size() / 8, 1));
  }
  FaceSet set = made::set_of(faces);
  EXPECT_EQ(enrolled_embedding(set, faces, {5, 3}, kBootstrap).persons, 3U);
  set.name = "orl";
  const FaceRow row = enrolled_embedding(set, faces, {5, 3}, kBootstrap);
  EXPECT_EQ(row.people, "report");
  EXPECT_EQ(row.persons, 2U) << "the manifest knows s01 and s02";
  EXPECT_EQ(row.impostor_pairs, 2U * 4) << "who is in no part is no impostor either";
}

}  // namespace
}  // namespace touchstone::bio
