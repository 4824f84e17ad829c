// What the converter opens, on made-up vectors whose answer is known.
#include "bio/converter_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "biometrics/feature.h"

namespace touchstone::bio {
namespace {

class MadeUp : public PrintData {
 public:
  MadeUp(std::vector<int> fingers_of_set, int impressions) {
    label_ = "made up";
    for (std::uint32_t s = 0; s < fingers_of_set.size(); ++s) {
      sets_.push_back("set" + std::to_string(s));
      for (int f = 0; f < fingers_of_set[s]; ++f) fingers_.push_back({s, std::to_string(f), std::vector<int>(static_cast<std::size_t>(impressions))});
    }
  }
  Print print(std::size_t, std::size_t) const override { return {}; }
};

// Touches of a finger correlate by `alike` squared; a finger for itself.
Templates vectors(const PrintData& data, double alike) {
  const int dimensions = biometrics::finger_network().architecture().dimensions;
  Templates out;
  for (std::size_t f = 0; f < data.fingers().size(); ++f) {
    Random own = SeedTree(5).child(f).stream("finger");
    std::vector<double> finger;
    for (int i = 0; i < dimensions; ++i) finger.push_back(own.normal());
    auto& touches = out.emplace_back();
    for (std::size_t t = 0; t < data.fingers()[f].impressions.size(); ++t) {
      Random noise = SeedTree(6).child(f).child(t).stream("touch");
      Template& vector = touches.emplace_back(std::in_place).value();
      for (const double c : finger) vector.push_back(std::round(std::clamp(32 * (alike * c + std::sqrt(1 - alike * alike) * noise.normal()), -127.0, 127.0)));
    }
  }
  return out;
}

ConverterRow rates(const PrintData& data, const Templates& templates, const Lock& lock, std::size_t most_impostors = 100'000) {
  return converter_rates(data, "card", templates, lock, most_impostors, 1, {100, 1});
}

TEST(ConverterRates, OpenToTouchesThatAreAlikeAndToNobodyElse) {
  const MadeUp data({4, 3}, 8);
  const ConverterRow row = rates(data, vectors(data, 0.9), {1, false, 4});
  EXPECT_EQ(row.fnmr.rate.tries, 7U * 8);  // both halves enrolled
  EXPECT_EQ(row.fnmr.rate.errors, 0U);
  EXPECT_EQ(row.fmr.rate.tries, (4U * 3 + 3U * 2) * 8);  // within a set
  EXPECT_EQ(row.fmr.rate.errors, 0U);
  EXPECT_EQ(row.fte.rate.tries, 14U);
  EXPECT_EQ(row.frr.rate.tries, 14U);  // of four probes three make a transaction
  EXPECT_EQ(row.code.k, to_json(row).at("k_bits"));
}

TEST(ConverterRates, RefuseTouchesThatHaveNothingInCommon) {
  const MadeUp data({6}, 8);
  const ConverterRow row = rates(data, vectors(data, 0), {1, false, 4});
  EXPECT_EQ(row.fnmr.rate.value(), 1);
  EXPECT_EQ(row.frr.rate.value(), 1);
}

TEST(ConverterRates, TwoFingersAreNeighboursAndOneRightOneIsNotEnough) {
  const MadeUp data({7}, 8);  // three people; the last finger has no neighbour
  Templates templates = vectors(data, 0.75);
  for (const bool any_order : {false, true}) {
    const ConverterRow right = rates(data, templates, {2, any_order, 4});
    EXPECT_EQ(right.people, 3U);
    EXPECT_EQ(right.fnmr.rate.tries, 3U * 8);
    EXPECT_EQ(right.fnmr.rate.errors, 0U);
    EXPECT_EQ(right.code.n, 2 * rates(data, templates, {1, false, 4}).code.n);
  }
  // Everybody's first finger is the same one: strangers bring one right finger of two.
  for (const std::size_t f : {2, 4}) templates[f] = templates[0];
  const ConverterRow row = rates(data, templates, {2, false, 4});
  EXPECT_EQ(row.fmr.rate.errors, 0U);
  EXPECT_EQ(row.one_wrong.rate.tries, row.fmr.rate.tries);
  EXPECT_EQ(row.one_wrong.rate.errors, 0U);
  // However well the right one is seen: each finger is asked.
  EXPECT_LE(rates(data, vectors(data, 0.99), {2, false, 4}).one_wrong.rate.errors, 1U);
}

TEST(ConverterRates, FailuresToAcquireAreRefusalsAndNoFalseMatches) {
  const MadeUp data({4}, 8);
  Templates templates = vectors(data, 0.9);
  for (const std::size_t t : {0, 1, 2}) templates[1][t] = std::nullopt;
  const ConverterRow row = rates(data, templates, {1, false, 4});
  EXPECT_EQ(row.fte.rate.errors, 1U);  // one touch of four
  EXPECT_EQ(row.fnmr.rate.tries, 32U - 4 - 3);
  EXPECT_EQ(row.gfrr.rate.tries, 32U);
  EXPECT_EQ(row.gfrr.rate.errors, 7U);
}

TEST(ConverterRates, StrangersAreThinnedEvenlyAndTheSeedDecidesTheRest) {
  const MadeUp data({12}, 8);
  const Templates templates = vectors(data, 0.55);
  const ConverterRow all = rates(data, templates, {1, false, 4});
  const ConverterRow few = rates(data, templates, {1, false, 4}, 200);
  EXPECT_EQ(all.fmr.rate.tries, 12U * 11 * 8);
  EXPECT_LE(few.fmr.rate.tries, 240U);
  EXPECT_GE(few.fmr.rate.tries, 150U);
  EXPECT_EQ(few.fnmr.rate.errors, all.fnmr.rate.errors);
  EXPECT_EQ(to_json(rates(data, templates, {1, false, 4})).dump(), to_json(all).dump());
}

}  // namespace
}  // namespace touchstone::bio
