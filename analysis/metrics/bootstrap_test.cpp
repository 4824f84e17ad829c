// The bootstrap against a slow one that repeats comparisons, and its coverage where the truth is known.
#include "metrics/bootstrap.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "metrics/error_rates.h"

namespace touchstone::metrics {
namespace {

// Fingers with a quality of their own: genuine comparisons of one finger depend on each other.
ScoreSet draw(std::uint64_t seed, std::uint32_t fingers, int probes, double between) {
  Random random(seed);
  ScoreSet out;
  out.stratum.assign(fingers, 0);
  for (std::uint32_t f = 0; f < fingers; ++f) {
    const double quality = between * random.normal();
    for (int p = 0; p < probes; ++p) out.genuine.push_back({f, f, f, static_cast<float>(2 + quality + random.normal())});
  }
  for (std::uint32_t f = 0; f < fingers; ++f) {
    for (std::uint32_t g = 0; g < fingers; ++g) {
      if (f != g) out.impostor.push_back({f, f, g, static_cast<float>(random.normal())});
    }
  }
  return out;
}

TEST(Bootstrap, SameSeedSameBytesOtherSeedOthers) {
  const ScoreSet set = draw(1, 30, 4, 0.5);
  const std::vector<double> asked = {0.01, 0};
  const Intervals a = bootstrap(set, asked, 1.5, {200, 7});
  const Intervals b = bootstrap(set, asked, 1.5, {200, 7});
  const Intervals c = bootstrap(set, asked, 1.5, {200, 8});
  EXPECT_EQ(a.eer->low, b.eer->low);
  EXPECT_EQ(a.eer->high, b.eer->high);
  EXPECT_EQ(a.fnmr_at_fmr[0].high, b.fnmr_at_fmr[0].high);
  EXPECT_EQ(a.fmr.high, b.fmr.high);
  EXPECT_NE(a.eer->high, c.eer->high);
  const double eer = ErrorRates(set).eer().value();
  EXPECT_LE(a.eer->low, eer);
  EXPECT_GE(a.eer->high, eer);
}

TEST(Bootstrap, IntervalsHoldTheTruthAboutAsOftenAsTheySay) {
  // FNMR at t = 1: genuine scores are N(2, 1 + 0.7^2); P(below 1) by a large sample of the same model.
  const ScoreSet large = draw(99, 4000, 1, 0.7);
  std::uint64_t below = 0;
  Random random(123);
  constexpr int kMany = 200000;
  for (int i = 0; i < kMany; ++i) below += 2 + 0.7 * random.normal() + random.normal() < 1 ? 1 : 0;
  const double fnmr = static_cast<double>(below) / kMany;
  const double fmr = ErrorRates(large).fmr(1).value();
  int fnmr_held = 0;
  int fmr_held = 0;
  constexpr int kWorlds = 200;
  for (std::uint64_t world = 0; world < kWorlds; ++world) {
    const Intervals i = bootstrap(draw(1000 + world, 40, 5, 0.7), {}, 1.0, {200, world});
    fnmr_held += i.fnmr.low <= fnmr && fnmr <= i.fnmr.high ? 1 : 0;
    fmr_held += i.fmr.low <= fmr && fmr <= i.fmr.high ? 1 : 0;
  }
  // 95 % of 200 is 190; percentile intervals of 40 fingers fall a little short. An interval that ignored the fingers would
  // hold it far less often. Two-way weights are conservative where fingers have no effect of their own on impostor scores.
  EXPECT_GE(fnmr_held, 176);
  EXPECT_LE(fnmr_held, 199);
  EXPECT_GE(fmr_held, 184);
}

TEST(Bootstrap, NoErrorGivesTheRuleOfThreeAndStrataStayApart) {
  ScoreSet set;
  set.stratum = {0, 0, 1, 1};
  for (std::uint32_t f = 0; f < 4; ++f) {
    for (int i = 0; i < 50; ++i) set.genuine.push_back({f, f, f, 5});
    for (int i = 0; i < 50; ++i) set.impostor.push_back({f, f, f ^ 1, 1});
  }
  const Intervals out = bootstrap(set, std::vector<double>{0.0}, 3, {100, 1});
  EXPECT_EQ(out.fmr.low, 0);
  EXPECT_DOUBLE_EQ(out.fmr.high, 3.0 / 200);
  EXPECT_DOUBLE_EQ(out.fnmr.high, 3.0 / 200);
  EXPECT_DOUBLE_EQ(out.fnmr_at_fmr[0].high, 3.0 / 200);
  EXPECT_EQ(out.eer->high, 0);
}

TEST(Bootstrap, RatesOfFingersAreResampledByFinger) {
  // 20 fingers, one of which always fails: 5 %. By finger the upper end is far above what 400 independent tries would give.
  std::vector<Rate> rates(20, Rate{0, 20});
  rates[3].errors = 20;
  const Interval i = bootstrap(rates, std::vector<std::uint32_t>(20, 0), {1000, 1});
  EXPECT_EQ(i.low, 0);
  EXPECT_GE(i.high, 0.15);
  EXPECT_GT(i.high, wilson({20, 400}).high);
}

TEST(Transactions, ThreeTriesCountOnceAndARestIsLeftOut) {
  ScoreSet set;
  set.stratum = {0, 0};
  for (const float s : {1.0F, 5.0F, 2.0F, 9.0F}) set.genuine.push_back({0, 0, 0, s});
  for (const float s : {kFailure, kFailure, kFailure}) set.genuine.push_back({1, 0, 0, s});
  for (const float s : {1.0F, kFailure, 3.0F}) set.impostor.push_back({0, 0, 1, s});
  for (const float s : {1.0F, 1.0F}) set.impostor.push_back({1, 0, 1, s});
  const ScoreSet out = transactions(set, 3);
  ASSERT_EQ(out.genuine.size(), 2U);
  EXPECT_EQ(out.genuine[0].score, 5);
  EXPECT_TRUE(out.genuine[1].failed());
  ASSERT_EQ(out.impostor.size(), 1U);
  EXPECT_EQ(out.impostor[0].score, 3);
  EXPECT_EQ(set.impostor_finger_pairs(), 1U);
}

}  // namespace
}  // namespace touchstone::metrics
