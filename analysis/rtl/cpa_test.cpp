// The attack's statistics by hand, its arithmetic against libsecp256k1, and the attack itself on both cores.
#include "cpa.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cpa_plot.h"
#include "curve_host/host_curve.h"
#include "rtl/edge_scalars.h"

namespace touchstone::rtl_tools {
namespace {

TEST(Cpa, CorrelationOfKnownSamples) {
  // Means 2.5 and 3; deviations -1.5 -.5 .5 1.5 and -2 2 -1 1: 3 / sqrt(5 * 10).
  const std::vector<std::int32_t> x = {1, 2, 3, 4}, y = {1, 5, 2, 4};
  Samples samples(4, {4});
  for (std::size_t i = 0; i < x.size(); ++i) samples.add({7, 10 * y[i] - 3, -y[i]});
  const Samples::Peak up = samples.correlate(x, 0, samples.cycles()),
                      down = samples.correlate({4, 3, 2, 1}, 0, samples.cycles());
  EXPECT_NEAR(up.greatest[0], 3 / std::sqrt(50), 1e-12);
  EXPECT_EQ(up.cycle, 1u);
  EXPECT_NEAR(down.greatest[0], 3 / std::sqrt(50), 1e-12);
  EXPECT_EQ(down.cycle, 2u);  // the sign counts
  EXPECT_LT(samples.correlate(x, 2, 3).greatest[0], 0);
  EXPECT_EQ(samples.correlate({5, 5, 5, 5}, 0, samples.cycles()).greatest[0], 0);
}

TEST(Cpa, EveryStepSeesTheTracesUpToItAlone) {
  Random random = SeedTree(5).stream("cpa/test");
  const std::vector<std::size_t> steps = trace_steps(1000);
  EXPECT_EQ(steps,
            (std::vector<std::size_t>{4, 5, 7, 10, 12, 15, 20, 30, 50, 70, 100, 120, 150, 200, 300, 500, 700, 1000}));
  Samples samples(1000, steps);
  std::vector<std::int32_t> x, y;
  for (int i = 0; i < 1000; ++i) {
    x.push_back(static_cast<std::int32_t>(random.below(300)));
    y.push_back(static_cast<std::int32_t>(random.below(1000)) + x.back());
    samples.add({y.back()});
  }
  const Samples::Peak peak = samples.correlate(x, 0, samples.cycles());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    const auto n = static_cast<double>(steps[s]);
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < steps[s]; ++i) {
      mean_x += x[i] / n;
      mean_y += y[i] / n;
    }
    for (std::size_t i = 0; i < steps[s]; ++i) {
      xx += (x[i] - mean_x) * (x[i] - mean_x);
      yy += (y[i] - mean_y) * (y[i] - mean_y);
      xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    EXPECT_NEAR(peak.greatest[s], xy / std::sqrt(xx * yy), 1e-9);
  }
}

TEST(Cpa, SamplesThatDoNotFitAreRefused) {
  Samples samples(3, {3});
  samples.add({1, 2});
  EXPECT_THROW(samples.add({1}), std::runtime_error);
  EXPECT_THROW(samples.add({1, 20'000}), std::overflow_error);
  EXPECT_THROW(samples.correlate({1}, 0, samples.cycles()), std::logic_error);
}

Affine affine(const Projective& p) {
  // 1/z = z^(p - 2)
  const Wide exponent{"0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2d"};
  Field inverse(1);
  for (int bit = 255; bit >= 0; --bit) {
    inverse = inverse * inverse;
    if (bit_test(exponent, static_cast<unsigned>(bit))) inverse = inverse * p.z;
  }
  const auto bytes = [](const Field& f) {
    Number out{};
    for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::uint8_t>((f.value() >> (8 * (31 - i))) & 255);
    return out;
  };
  return {bytes(p.x * inverse), bytes(p.y * inverse)};
}

TEST(Cpa, TheModelMultipliesAsLibsecp256k1Does) {
  Random random = SeedTree(6).stream("cpa/test");
  const Affine base = point(random_scalar(random));
  std::vector<Number> scalars = rtl::edge_scalars();
  scalars.push_back(random_scalar(random));
  crypto::HostCurve curve;
  const WindowTable table(projective(base));
  for (const Number& k : scalars) {
    const auto scalar = crypto::Scalar::from_bytes(k);
    if (!scalar.ok() || scalar->is_zero()) continue;
    const Digits digits = recoded(k);
    EXPECT_EQ(scalar_of(digits), wide(k));
    Projective p = infinity();
    for (unsigned window = 0; window < kPlainWindows; ++window) {
      for (int i = 0; i < 4; ++i) p = doubled(p);
      for (unsigned half = 0; half < 2; ++half) p = sum(p, table.entry(digits[half][window], half));
    }
    const crypto::Point expected = curve.multiply(*scalar, {base.x, base.y, false}).value();
    EXPECT_EQ(affine(p).x, expected.x);
    EXPECT_EQ(affine(p).y, expected.y);
  }
}

CpaResult attack(const CpaExperiment& experiment) {
  Cpa cpa(experiment);
  for (std::size_t i = 0; i < experiment.traces; ++i) cpa.collect();
  return cpa.attack();
}

/// Without masks seed 5 begins with a digit 0 of the first half, 7 with one of the second.
void expect_digits(const char* name, std::uint64_t seed, bool random_off = false) {
  CpaExperiment experiment{.windows = 3, .traces = 60, .random_off = random_off, .seed = seed};
  for (const rtl::Variant& v : rtl::kVariants)
    if (std::string(v.name) == name) experiment.variant = v;
  const CpaResult result = attack(experiment);
  EXPECT_TRUE(result.recovered());
  EXPECT_TRUE(result.leaks());
  EXPECT_EQ(result.bits_right, 16u);
  EXPECT_GT(result.traces_needed, 0u);
  EXPECT_LT(result.traces_needed, 60u);
  for (const DigitAttack& d : result.digits)
    EXPECT_GT(d.right_correlation(), 0.99) << name << " window " << d.window << " half " << d.half;
}

TEST(Cpa, TheUnprotectedCoreGivesItsDigits) {
  expect_digits("unprotected_64", 5);
  expect_digits("unprotected_64", 7);
  expect_digits("unprotected_32", 7);
}

TEST(Cpa, TheProtectedCoreDoesSoWhileItsMasksStandStill) {
  expect_digits("protected_64", 7, true);
  expect_digits("protected_32", 7, true);
}

TEST(Cpa, TheProtectedCoreDoesNot) {
  const CpaResult result = attack({.variant = rtl::kVariants[0], .windows = 3, .traces = 200, .seed = 7});
  EXPECT_FALSE(result.recovered());
  EXPECT_FALSE(result.leaks());
  EXPECT_EQ(result.beyond, 0u);
  EXPECT_GT(result.cycles, 10'000u);  // the whole loop was searched
  EXPECT_NE(plot({{"protected", &result}}).find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace touchstone::rtl_tools
