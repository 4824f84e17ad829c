// Welch's test, the verdict and its picture, on traces that are known.
#include "tvla.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "plot.h"
#include "rtl/edge_scalars.h"
#include "yosys_stat.h"

namespace touchstone::rtl_tools {
namespace {

Sums sums_of(const std::vector<std::uint32_t>& values, std::uint32_t reference = 0) {
  Sums out;
  for (const std::uint32_t v : values) out.add({v}, {reference});
  return out;
}

TEST(Tvla, WelchOfKnownSamples) {
  const Sums a = sums_of({2, 4, 4, 4, 5, 5, 7, 9}), b = sums_of({1, 2, 3, 4});
  // Means 5 and 5/2, variances 32/7 and 5/3.
  const double expected = 2.5 / std::sqrt(32.0 / 7 / 8 + 5.0 / 3 / 4);
  EXPECT_NEAR(welch(a, b, 0), expected, 1e-12);
  EXPECT_NEAR(welch(b, a, 0), -expected, 1e-12);
  EXPECT_NEAR(expected, 2.51502, 1e-4);
}

TEST(Tvla, TheReferenceChangesNothing) {
  const std::vector<std::uint32_t> a = {2, 4, 4, 4, 5, 5, 7, 9}, b = {1, 2, 3, 4};
  EXPECT_NEAR(welch(sums_of(a, 6), sums_of(b, 6), 0), welch(sums_of(a), sums_of(b), 0), 1e-12);
  EXPECT_NEAR(welch_second_order(sums_of(a, 6), sums_of(b, 6), 0), welch_second_order(sums_of(a), sums_of(b), 0), 1e-9);
}

TEST(Tvla, SecondOrderSeesVariancesAndNotMeans) {
  // Squares about the mean: 1, 1, 4, 4 (mean 5/2, variance 9/4) and 9, 9, 16, 16 (25/2, 49/4).
  const Sums narrow = sums_of({9, 11, 8, 12}), wide = sums_of({7, 13, 6, 14}), moved = sums_of({109, 111, 108, 112});
  EXPECT_NEAR(welch_second_order(wide, narrow, 0), 10 / std::sqrt(49.0 / 4 / 4 + 9.0 / 4 / 4), 1e-9);
  EXPECT_NEAR(welch(wide, narrow, 0), 0, 1e-12);
  EXPECT_NEAR(welch_second_order(moved, narrow, 0), 0, 1e-9);
}

TEST(Tvla, ConstantsAndSmallClasses) {
  EXPECT_EQ(welch(sums_of({5, 5, 5}), sums_of({5, 5}), 0), 0);
  EXPECT_EQ(welch(sums_of({6, 6, 6}), sums_of({5, 5}), 0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(welch(sums_of({6}), sums_of({5, 7}), 0), 0);
}

TEST(Tvla, SumsAddUpWhateverTheirOrder) {
  const Trace reference = {3, 3};
  Sums all, even, odd;
  for (std::uint32_t i = 0; i < 9; ++i) {
    all.add({i, i * i}, reference);
    (i % 2 == 0 ? even : odd).add({i, i * i}, reference);
  }
  odd += even;
  EXPECT_EQ(odd.n, all.n);
  EXPECT_EQ(odd.power, all.power);
  EXPECT_THROW(odd.add({1}, reference), std::runtime_error);
}

TEST(Tvla, ASumThatOverflowsIsAnErrorNotANumber) {
  Sums s;
  s.add({1}, {0});
  s.power[3][0] = std::numeric_limits<std::int64_t>::max();
  EXPECT_THROW(s.add({1}, {0}), std::overflow_error);
}

constexpr std::size_t kPoints = 50;

std::vector<PointInfo> points_with_one_left_out(std::size_t left_out) {
  std::vector<PointInfo> out(kPoints, {"block", true, 0});
  out[left_out] = {"output", false, 1};
  return out;
}

/// Noise of some bits; `leak(half)` bits more at `point` in the fixed class.
template <typename Leak>
Accumulated noisy(std::size_t point, Leak leak) {
  Random random = SeedTree(5).stream("noise");
  Accumulated out;
  const Trace reference(kPoints, 100);
  for (int i = 0; i < 4000; ++i) {
    const int half = i % 2, c = i / 2 % 2;
    Trace trace;
    for (std::size_t p = 0; p < kPoints; ++p) {
      std::uint32_t value = 80;
      for (int bit = 0; bit < 40; ++bit) value += static_cast<std::uint32_t>(random.below(2));
      trace.push_back(p == point && c == 0 ? static_cast<std::uint32_t>(static_cast<int>(value) + leak(half)) : value);
    }
    out.half[half][c].add(trace, reference);
  }
  return out;
}

TEST(Tvla, APlantedLeakIsFoundWhereItIs) {
  const Verdict v = judge(noisy(17, [](int) { return 1; }), points_with_one_left_out(3));
  ASSERT_EQ(v.confirmed.size(), 1u);
  EXPECT_EQ(v.confirmed[0].cycle, 17u);
  EXPECT_GT(v.max_abs_t, v.threshold);
  EXPECT_EQ(v.traces, 4000u);
  EXPECT_EQ(v.points, kPoints - 1);
  EXPECT_EQ(v.t.size(), kPoints);
}

TEST(Tvla, NoLeakNoVerdict) {
  const Verdict v = judge(noisy(17, [](int) { return 0; }), points_with_one_left_out(3));
  EXPECT_TRUE(v.confirmed.empty());
  EXPECT_LT(v.max_abs_t, v.threshold);
  EXPECT_EQ(v.second_order_points, 0u);
}

TEST(Tvla, WhatOnlyOneHalfShowsIsNotConfirmed) {
  EXPECT_TRUE(judge(noisy(17, [](int half) { return half == 0 ? 2 : 0; }), points_with_one_left_out(3)).confirmed.empty());
  EXPECT_TRUE(judge(noisy(17, [](int half) { return half == 0 ? 2 : -2; }), points_with_one_left_out(3)).confirmed.empty());
}

TEST(Tvla, WhatIsLeftOutDoesNotCountButShows) {
  const Verdict v = judge(noisy(3, [](int) { return 5; }), points_with_one_left_out(3));
  EXPECT_TRUE(v.confirmed.empty());
  EXPECT_GT(std::abs(v.t[3]), v.threshold);
}

TEST(Tvla, TheThresholdIsBonferronis) {
  // Two-sided 1 %: normal quantiles of 0.995 and, over 1,000 points, of 0.999995 (tables).
  EXPECT_NEAR(judge({}, std::vector<PointInfo>(1, {"b", true, 0})).threshold, 2.5758, 1e-4);
  EXPECT_NEAR(judge({}, std::vector<PointInfo>(1000, {"b", true, 0})).threshold, 4.4172, 1e-4);
}

TEST(Tvla, ThePictureNamesBlocksAndShadesWhatIsLeftOut) {
  const std::vector<PointInfo> points = {{"load", false, 0}, {"loop", true, 1}, {"loop", true, 2}, {"loop", true, 1}, {"end", true, 3}};
  const std::vector<Stretch> blocks = stretches(points);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[1].first, 1u);
  EXPECT_EQ(blocks[1].cycles, 3u);
  Verdict v = judge({}, points);
  v.t = {0, 1, HUGE_VAL, 2, 1};
  const std::string svg = plot("title", v, points);
  const auto count = [&](const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = svg.find(what, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(count(">load<"), 1u);
  EXPECT_EQ(count(">loop<"), 1u);
  EXPECT_EQ(count("fill=\"#ccc\""), 1u);
  EXPECT_EQ(count("stroke-dasharray"), 1u);
  EXPECT_EQ(count("nan") + count("inf"), 0u);
}

// The whole way: a core that is weak on purpose leaks, and a trace is a function of seed and index.
TEST(Tvla, TheUnprotectedCoreLeaksAndTracesComeBack) {
  const Experiment e{rtl::kVariants[1], contract::secp::Op::kSignN, Experiment::What::kScalar, false, 7};
  Tvla tvla(e), again(e);
  Accumulated sums, backwards;
  for (std::uint64_t i = 0; i < 200; ++i) tvla.collect(i, sums);
  for (std::uint64_t i = 200; i-- > 0;) again.collect(i, backwards);
  EXPECT_FALSE(judge(sums, tvla.point_infos()).confirmed.empty());
  for (int h = 0; h < 2; ++h)
    for (int c = 0; c < 2; ++c) EXPECT_EQ(sums.half[h][c].power, backwards.half[h][c].power);
  EXPECT_EQ(tvla.fingerprint(), again.fingerprint());
  Experiment other = e;
  other.seed = 8;
  EXPECT_NE(tvla.fingerprint(), Tvla(other).fingerprint());
}

TEST(YosysStat, ReadsTheWholeDesign) {
  const char* text =
      "=== small ===\n\n   Number of wires:    3\n   Number of cells:    2\n     LUT2   2\n\n   Estimated number of LCs:   2\n\n"
      "=== design hierarchy ===\n\n   top    1\n     small     4\n\n   Number of cells:         53\n     DSP48E1      16\n     FDCE       30\n     FDPE    2\n     LUT6   5\n\n"
      "   Estimated number of LCs:      1234\n";
  const auto stat = parse_stat(text);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->cells, 53u);
  EXPECT_EQ(stat->count("DSP48E1"), 16u);
  EXPECT_EQ(stat->count("FD"), 32u);
  EXPECT_EQ(stat->count("RAMB"), 0u);
  EXPECT_EQ(stat->lc, std::optional<std::uint64_t>(1234));
  EXPECT_FALSE(parse_stat("ERROR: no such module\n").has_value());
}

TEST(EdgeScalars, AreTheOnesAskedFor) {
  const std::vector<Number> scalars = rtl::edge_scalars();
  const auto holds = [&](const char* hex) { return std::find(scalars.begin(), scalars.end(), number(hex)) != scalars.end(); };
  EXPECT_TRUE(holds("0000000000000000000000000000000000000000000000000000000000000000"));
  EXPECT_TRUE(holds("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
  EXPECT_TRUE(holds("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"));
  EXPECT_TRUE(holds("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
  EXPECT_TRUE(holds("0000000000000000000000000000000000000000000000000000000000000001"));
}

}  // namespace
}  // namespace touchstone::rtl_tools
