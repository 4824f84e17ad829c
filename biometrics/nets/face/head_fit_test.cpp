// Heads on made-up people: known covariances, and a case in which discriminants must win.
#include "face_nets/head_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/seed.h"
#include "face_nets/head_rates.h"
#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

constexpr std::size_t kNumbers = 12;

struct People {
  int count = 60, pictures = 8;
  double own[kNumbers], each[kNumbers];  ///< standard deviations of a person's mean and of a picture about it
};

/// Long vectors about (100, 0, ...): cut to unit length they stay what was drawn, a hundredth of it.
faces::Embeddings made(const People& p, std::uint64_t seed = 1) {
  Random r = SeedTree(seed).stream("people");
  faces::Embeddings out;
  for (int person = 0; person < p.count; ++person) {
    double own[kNumbers];
    for (std::size_t k = 0; k < kNumbers; ++k) own[k] = p.own[k] * r.normal();
    for (int picture = 0; picture < p.pictures; ++picture) {
      std::vector<float> row(kNumbers + 1, 100.0F);
      for (std::size_t k = 0; k < kNumbers; ++k) row[k + 1] = static_cast<float>(own[k] + p.each[k] * r.normal());
      out.add(std::to_string(person), std::to_string(picture), row);
    }
  }
  return out;
}

People falling() {
  People p{};
  for (std::size_t k = 0; k < kNumbers; ++k) p.own[k] = 4.0 / static_cast<double>(k + 1), p.each[k] = p.own[k] / 2;
  return p;
}

/// Projections of all pictures, before FaceVector's scaling and rounding, worked out anew.
std::vector<std::vector<double>> projected(const biometrics::Head& head, const faces::Embeddings& people) {
  std::vector<std::vector<double>> out;
  for (std::size_t i = 0; i < people.size(); ++i) {
    double square = 0;
    for (const float x : people.of(i)) square += double{x} * x;
    std::vector<double> row;
    for (std::size_t k = 0; k < head.dimensions(); ++k) {
      double sum = 0;
      for (std::size_t j = 0; j < head.inputs(); ++j) sum += head.projection[k * head.inputs() + j] * (people.of(i)[j] / std::sqrt(square) - head.mean[j]);
      row.push_back(sum);
    }
    out.push_back(row);
  }
  return out;
}

double covariance(const std::vector<std::vector<double>>& rows, std::size_t a, std::size_t b) {
  double sum = 0;
  for (const auto& row : rows) sum += row[a] * row[b];
  return sum / static_cast<double>(rows.size() - 1);
}

TEST(HeadFit, FullWhiteningGivesUnitCovariance) {
  const faces::Embeddings people = made(falling());
  const auto rows = projected(fit_head(people, {.dimensions = 8, .alpha = 1}, "", {}), people);
  for (std::size_t a = 0; a < 8; ++a) {
    for (std::size_t b = 0; b <= a; ++b) EXPECT_NEAR(covariance(rows, a, b), a == b ? 1 : 0, 2e-3) << a << ", " << b;
  }
}

TEST(HeadFit, AlphaIsThePowerOfTheVarianceThatIsTakenOut) {
  const faces::Embeddings people = made(falling());
  const auto plain = projected(fit_head(people, {.dimensions = 4, .alpha = 0}, "", {}), people), half = projected(fit_head(people, {.dimensions = 4, .alpha = 0.5}, "", {}), people);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(covariance(half, k, k), std::sqrt(covariance(plain, k, k)), 1e-3 * std::sqrt(covariance(plain, k, k)));
    if (k > 0) {
      EXPECT_LT(covariance(plain, k, k), covariance(plain, k - 1, k - 1));
    }
  }
}

TEST(HeadFit, DiscriminantsFindWhereAPersonStaysTheSame) {
  // Pictures vary most in the first six numbers, people in the last six: principal components take the first.
  People p{};
  for (std::size_t k = 0; k < kNumbers; ++k) p.own[k] = k < 6 ? 0.2 : 1, p.each[k] = k < 6 ? 3 : 0.2;
  const faces::Embeddings fitted = made(p, 1), held_out = made(p, 2);
  /// Share of the variance that stays between one person's pictures, over all components.
  const auto noise = [&](const HeadOptions& options) {
    const auto rows = projected(fit_head(fitted, options, "", {}), held_out);
    double within = 0, total = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t k = 0; k < 6; ++k) {
        double mean = 0;
        for (std::size_t j = 0; j < rows.size(); ++j) mean += held_out.person[j] == held_out.person[i] ? rows[j][k] / p.pictures : 0;
        within += (rows[i][k] - mean) * (rows[i][k] - mean);
        total += rows[i][k] * rows[i][k];
      }
    }
    return within / total;
  };
  EXPECT_GT(noise({.dimensions = 6, .alpha = 1}), 0.8);
  EXPECT_LT(noise({.dimensions = 6, .alpha = 1, .learned = true, .principal = 12, .shrinkage = 0.1}), 0.2);
}

TEST(HeadFit, TheOrderOfPeopleDoesNotMatterBeyondRounding) {
  const faces::Embeddings people = made(falling());
  std::vector<std::size_t> backwards(people.size());
  for (std::size_t i = 0; i < backwards.size(); ++i) backwards[i] = backwards.size() - 1 - i;
  const biometrics::Head a = fit_head(people, {.dimensions = 6}, "", {}), b = fit_head(people.select(backwards), {.dimensions = 6}, "", {});
  for (std::size_t i = 0; i < a.projection.size(); ++i) EXPECT_NEAR(a.projection[i], b.projection[i], 1e-2 * std::abs(a.projection[i]) + 1e-2);
}

TEST(HeadFit, WhatCannotBeFittedIsRefused) {
  const faces::Embeddings people = made(falling());
  EXPECT_THROW(fit_head(people, {.dimensions = 14}, "", {}), BadInput);
  EXPECT_THROW(fit_head(people, {.dimensions = 8, .learned = true, .principal = 7}, "", {}), BadInput);
  const std::vector<std::size_t> few = {0, 1, 2};
  EXPECT_THROW(fit_head(people.select(few), {.dimensions = 3}, "", {}), BadInput);
  std::vector<std::size_t> one_each;
  for (std::size_t i = 0; i < people.size(); i += 8) one_each.push_back(i);
  EXPECT_THROW(fit_head(people.select(one_each), {.dimensions = 4, .learned = true, .principal = 8}, "", {}), BadInput);
}

TEST(HeadRates, ProbesAreWhatTheProtocolSays) {
  // Three people of 8, 4 and 1 pictures; 3 are enrolled, 2 fused.
  faces::Embeddings people = made({.count = 2, .pictures = 8, .own = {1, 1, 1, 1}, .each = {1, 1, 1, 1}});
  std::vector<std::size_t> chosen = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  people = people.select(chosen);
  people.add("third", "1", std::vector<float>(kNumbers + 1, 1.0F));
  biometrics::Head head{.embedder = {}, .embedder_digest = {}, .alpha = 0, .mean = std::vector<float>(kNumbers + 1), .projection = std::vector<float>(4 * (kNumbers + 1))};
  for (std::size_t k = 0; k < 4; ++k) head.projection[k * (kNumbers + 1) + k] = 1;
  FaceVectors v;
  add_vectors(v, 0, head, people, {.enrolled = 3, .fused = 2});
  ASSERT_EQ(v.reference.size(), 1U);
  int genuine = 0, of_first = 0, of_second = 0, of_third = 0;
  for (const auto& p : v.probe) {
    genuine += p.genuine ? 1 : 0;
    (p.person == 0 ? of_first : p.person == 1 ? of_second : of_third) += 1;
  }
  EXPECT_EQ(genuine, 2);       // 5 left, two at a time
  EXPECT_EQ(of_first, 2 + 8);  // and each alone, for the records of others
  EXPECT_EQ(of_second, 2 + 4);
  EXPECT_EQ(of_third, 1);
}

}  // namespace
}  // namespace touchstone::nets
