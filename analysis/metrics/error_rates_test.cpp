// Error rates against cases computed by hand and against an independent, naive implementation on random scores.
#include "metrics/error_rates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/seed.h"
#include "metrics/codes.h"

namespace touchstone::metrics {
namespace {

constexpr double kNothing = std::numeric_limits<double>::infinity();

ScoreSet of(const std::vector<float>& genuine, const std::vector<float>& impostor) {
  ScoreSet out;
  out.stratum = {0, 0};
  for (const float s : genuine) out.genuine.push_back({0, 0, 0, s});
  for (const float s : impostor) out.impostor.push_back({0, 0, 1, s});
  return out;
}

// The definitions, word for word and slowly.
struct Naive {
  const ScoreSet& set;
  static bool accepted(const Comparison& c, double t) { return !std::isinf(c.score) && c.score >= t; }
  double fmr(double t) const {
    double made = 0;
    double hits = 0;
    for (const Comparison& c : set.impostor) {
      made += std::isinf(c.score) ? 0 : 1;
      hits += accepted(c, t) ? 1 : 0;
    }
    return made == 0 ? 0 : hits / made;
  }
  double fnmr(double t) const {
    double made = 0;
    double misses = 0;
    for (const Comparison& c : set.genuine) {
      made += std::isinf(c.score) ? 0 : 1;
      misses += !std::isinf(c.score) && c.score < t ? 1 : 0;
    }
    return made == 0 ? 0 : misses / made;
  }
  double gfrr(double t) const {
    double hits = 0;
    for (const Comparison& c : set.genuine) hits += accepted(c, t) ? 1 : 0;
    return set.genuine.empty() ? 0 : 1 - hits / static_cast<double>(set.genuine.size());
  }
  double gfar(double t) const {
    double hits = 0;
    for (const Comparison& c : set.impostor) hits += accepted(c, t) ? 1 : 0;
    return set.impostor.empty() ? 0 : hits / static_cast<double>(set.impostor.size());
  }
  std::set<double> thresholds() const {
    std::set<double> out = {kNothing};
    for (const auto* side : {&set.genuine, &set.impostor}) {
      for (const Comparison& c : *side) {
        if (!std::isinf(c.score)) out.insert(c.score);
      }
    }
    return out;
  }
  // FVC2000: t1 = max{t : FNMR(t) <= FMR(t)}, t2 = min{t : FNMR(t) >= FMR(t)}.
  double eer() const {
    double t1 = -kNothing;
    double t2 = kNothing;
    for (const double t : thresholds()) {
      if (fnmr(t) <= fmr(t)) t1 = std::max(t1, t);
      if (fnmr(t) >= fmr(t)) t2 = std::min(t2, t);
    }
    const double one = fnmr(t1) + fmr(t1);
    const double two = fnmr(t2) + fmr(t2);
    return std::min(one, two) / 2;
  }
  double fnmr_at(double asked) const {
    for (const double t : thresholds()) {
      if (fmr(t) <= asked) return fnmr(t);
    }
    return 1;
  }
};

TEST(ErrorRates, AgreesWithACaseComputedByHand) {
  // Genuine 9 8 7 5 2, impostor 6 4 3 2 1 1 0 0 0 0.
  const ErrorRates rates(of({9, 8, 7, 5, 2}, {6, 4, 3, 2, 1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(rates.fmr(5).errors, 1U);
  EXPECT_EQ(rates.fmr(5).tries, 10U);
  EXPECT_DOUBLE_EQ(rates.fnmr(5).value(), 0.2);   // 2 alone is below
  EXPECT_DOUBLE_EQ(rates.fnmr(7).value(), 0.4);
  EXPECT_DOUBLE_EQ(rates.threshold_for_fmr(0), 7);  // the lowest score above 6
  EXPECT_DOUBLE_EQ(rates.fnmr_at_fmr(0).value(), 0.4);
  EXPECT_DOUBLE_EQ(rates.threshold_for_fmr(0.1), 5);
  EXPECT_DOUBLE_EQ(rates.fnmr_at_fmr(0.01).value(), 0.4);
  // FMR and FNMR meet at t = 4: 2 of 10 and 1 of 5.
  EXPECT_DOUBLE_EQ(rates.eer().value(), 0.2);
}

TEST(ErrorRates, TheEqualErrorRateIsTheMiddleOfTheIntervalWhereTheRatesDoNotMeet) {
  // t = 3: FMR 1/2, FNMR 0. t = 4: FMR 0, FNMR 1/3: the nearer pair.
  const ErrorRates rates(of({3, 4, 5}, {3, 1}));
  EXPECT_DOUBLE_EQ(rates.eer().value(), (1.0 / 3) / 2);
}

TEST(ErrorRates, FailuresCountInTheGeneralisedRatesAlone) {
  const ErrorRates rates(of({9, 1, kFailure, kFailure}, {8, 1, kFailure, 0, 0}));
  EXPECT_DOUBLE_EQ(rates.fnmr(5).value(), 0.5);
  EXPECT_DOUBLE_EQ(rates.gfrr(5).value(), 0.75);  // FTA 1/2: 1/2 + 1/2 * 1/2
  EXPECT_DOUBLE_EQ(rates.fmr(5).value(), 0.25);
  EXPECT_DOUBLE_EQ(rates.gfar(5).value(), 0.2);
}

TEST(ErrorRates, EdgesHaveTheirDefinedValues) {
  EXPECT_FALSE(ErrorRates(of({}, {1})).eer().has_value());
  EXPECT_FALSE(ErrorRates(of({1}, {})).eer().has_value());
  EXPECT_FALSE(ErrorRates(of({kFailure}, {1})).eer().has_value());
  EXPECT_DOUBLE_EQ(ErrorRates(of({1, 1}, {1, 1, 1})).eer().value(), 0.5);   // all equal: nothing is told
  EXPECT_DOUBLE_EQ(ErrorRates(of({2, 3}, {0, 1})).eer().value(), 0);
  EXPECT_DOUBLE_EQ(ErrorRates(of({0, 1}, {2, 3})).eer().value(), 1);
  EXPECT_EQ(ErrorRates(of({1, 1}, {1, 1, 1})).threshold_for_fmr(0.5), kNothing);
  EXPECT_DOUBLE_EQ(ErrorRates(of({1, 1}, {1, 1, 1})).threshold_for_fmr(1), 1);
  EXPECT_TRUE(ErrorRates(of({}, {1})).det(10).empty());
}

TEST(ErrorRates, AgreesWithTheNaiveImplementationOnRandomScores) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    const std::uint64_t levels = 1 + random.below(seed % 3 == 0 ? 4 : 200);  // ties in every third
    const auto draw = [&](std::uint64_t most, std::uint64_t shift) {
      std::vector<float> out(1 + random.below(most));
      for (float& s : out) s = random.below(12) == 0 ? kFailure : static_cast<float>(random.below(levels) + shift);
      return out;
    };
    const ScoreSet set = of(draw(40, levels / 3), draw(90, 0));
    const Naive naive{set};
    const ErrorRates rates(set);
    if (rates.genuine_count() == 0 || rates.impostor_count() == 0) continue;
    EXPECT_NEAR(rates.eer().value(), naive.eer(), 1e-12) << seed;
    for (const double t : naive.thresholds()) {
      EXPECT_NEAR(rates.fmr(t).value(), naive.fmr(t), 1e-12);
      EXPECT_NEAR(rates.fnmr(t).value(), naive.fnmr(t), 1e-12);
      EXPECT_NEAR(rates.gfar(t).value(), naive.gfar(t), 1e-12);
      EXPECT_NEAR(rates.gfrr(t).value(), naive.gfrr(t), 1e-12);
    }
    for (const double asked : {0.0, 1e-4, 1e-3, 1e-2, 0.1, 0.25, 0.5, 1.0}) {
      EXPECT_NEAR(rates.fnmr_at_fmr(asked).value(), naive.fnmr_at(asked), 1e-12) << seed << " at " << asked;
    }
    for (const DetPoint& p : rates.det(1000)) {
      EXPECT_NEAR(p.fmr, naive.fmr(p.threshold), 1e-12);
      EXPECT_NEAR(p.fnmr, naive.fnmr(p.threshold), 1e-12);
    }
  }
}

TEST(ErrorRates, TheMeasuredFmrIsAtMostWhatWasAskedFor) {
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) {
    Random random(seed);
    const std::uint64_t levels = 1 + random.below(60);
    std::vector<float> impostor(1 + random.below(500));
    for (float& s : impostor) s = static_cast<float>(random.below(levels));
    const ErrorRates rates(of({1, 5, 20}, impostor));
    for (const double asked : {0.0, 1e-3, 1.0 / 3, 0.01, 0.03, 0.1, 0.29, random.uniform()}) {
      const double t = rates.threshold_for_fmr(asked);
      EXPECT_LE(rates.fmr(t).value(), asked) << seed;
      // And no lower score would do: at the next one below, more pass.
      double next = -kNothing;
      for (const float s : impostor) {
        if (s < t) next = std::max<double>(next, s);
      }
      if (next > -kNothing) {
        EXPECT_GT(rates.fmr(next).value(), asked) << seed;
      }
    }
  }
}

TEST(ErrorRates, TheCurveFallsAndKeepsItsEndsWhenThinnedOut) {
  Random random(5);
  std::vector<float> genuine(3000);
  std::vector<float> impostor(9000);
  for (float& s : genuine) s = static_cast<float>(random.normal() + 2);
  for (float& s : impostor) s = static_cast<float>(random.normal());
  const std::vector<DetPoint> curve = ErrorRates(of(genuine, impostor)).det(200);
  ASSERT_LE(curve.size(), 200U);
  EXPECT_EQ(curve.front().fmr, 1);
  EXPECT_EQ(curve.back().fmr, 0);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_LE(curve[i].fmr, curve[i - 1].fmr);
    EXPECT_GE(curve[i].fnmr, curve[i - 1].fnmr);
  }
}

TEST(Rates, RulesAndTexts) {
  EXPECT_EQ(to_text(Rate{0, 1760}), "< 3/1760 = 0.170 %");
  EXPECT_EQ(to_text(Rate{1, 8}), "12.5 %");
  EXPECT_EQ(to_text(Rate{}), "-");
  EXPECT_EQ(percent(0.0123), "1.23 %");
  EXPECT_DOUBLE_EQ((Rate{0, 300}).rule_of_3(), 0.01);
  EXPECT_TRUE((Rate{30, 300}).meets_rule_of_30());
  EXPECT_FALSE((Rate{29, 300}).meets_rule_of_30());
  EXPECT_TRUE((Rate{0, 300}).supports(0.01));
  EXPECT_FALSE((Rate{0, 299}).supports(0.01));
  // Wilson 1927, 10 of 50: 0.1124 to 0.3304.
  EXPECT_NEAR(wilson({10, 50}).low, 0.1124, 1e-4);
  EXPECT_NEAR(wilson({10, 50}).high, 0.3304, 1e-4);
}

TEST(Codes, DegreesOfFreedomOfIndependentBits) {
  Random random(3);
  BitErrorHistogram histogram;
  for (int i = 0; i < 20000; ++i) {
    int differing = 0;
    for (int b = 0; b < 249; ++b) differing += static_cast<int>(random.below(2));
    histogram.add(differing / 249.0);
  }
  EXPECT_NEAR(histogram.degrees_of_freedom(), 249, 10);
  EXPECT_EQ(histogram.count(), 20000U);
  histogram.add(1.0);
  EXPECT_EQ(histogram.bins()[99], 1U);
}

TEST(Codes, BitsComeFromTheUpperEndAndFromTheRuleOfThree) {
  const Bits seen = bits({10, 1000}, {0.005, 1.0 / 64}, 0.125, 100);
  EXPECT_DOUBLE_EQ(seen.average, 6);
  EXPECT_DOUBLE_EQ(seen.weak, 3);
  const Bits none = bits({0, 192}, {0, 0}, 0, 48);
  EXPECT_DOUBLE_EQ(none.average, 6);
  EXPECT_DOUBLE_EQ(none.weak, 4);
}

}  // namespace
}  // namespace touchstone::metrics
