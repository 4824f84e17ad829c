#include "codes/rotation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/seed.h"

namespace touchstone::codes {
namespace {

double length_squared(const std::vector<std::int32_t>& v) {
  double sum = 0;
  for (const std::int32_t x : v) sum += static_cast<double>(x) * x;
  return sum;
}

TEST(Rotation, KeepsLengthsAndAnglesInEveryDimension) {
  Random random(12);
  for (int log2 = Rotation::kMinLog2Dimensions; log2 <= Rotation::kMaxLog2Dimensions; ++log2) {
    const Rotation rotation({1, 2, 3}, log2);
    const std::size_t d = std::size_t{1} << log2;
    std::vector<std::int32_t> a(d), b(d);
    for (std::size_t i = 0; i < d; ++i) {
      a[i] = static_cast<std::int32_t>(random.below(32001)) - 16000;
      b[i] = a[i] / 2 + static_cast<std::int32_t>(random.below(16001)) - 8000;
    }
    const auto product = [&] {
      double sum = 0;
      for (std::size_t i = 0; i < d; ++i) sum += static_cast<double>(a[i]) * b[i];
      return sum;
    };
    const double length_before = length_squared(a), product_before = product();
    rotation.apply(a);
    rotation.apply(b);
    EXPECT_NEAR(length_squared(a) / length_before, 1, 1e-3) << d;
    EXPECT_NEAR(product() / product_before, 1, 3e-3) << d;
  }
}

TEST(Rotation, SpreadsOneComponentOverAll) {
  for (int log2 = Rotation::kMinLog2Dimensions; log2 <= Rotation::kMaxLog2Dimensions; ++log2) {
    std::vector<std::int32_t> v(std::size_t{1} << log2);
    v[5] = 1 << 14;
    Rotation({7}, log2).apply(v);
    const double even_share = (1 << 14) / std::sqrt(static_cast<double>(v.size()));
    for (const std::int32_t x : v) EXPECT_LT(std::abs(x), 6 * even_share);
    EXPECT_NEAR(length_squared(v) / (1 << 28), 1, 0.05);
  }
}

TEST(Rotation, IsItsSeedsAlone) {
  std::vector<std::int32_t> a(256), other;
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::int32_t>(i * i % 1000);
  auto same = a;
  other = a;
  Rotation({1, 2, 3}, 8).apply(a);
  Rotation({1, 2, 3}, 8).apply(same);
  Rotation({1, 2, 4}, 8).apply(other);
  EXPECT_EQ(a, same);
  EXPECT_NE(a, other);
}

// The largest values that its documentation allows, all in one direction: no overflow.
TEST(Rotation, HoldsTheLargestValues) {
  for (int log2 = Rotation::kMinLog2Dimensions; log2 <= Rotation::kMaxLog2Dimensions; ++log2) {
    std::vector<std::int32_t> v(std::size_t{1} << log2, (1 << 19) - 1);
    const double before = length_squared(v);
    Rotation({9}, log2).apply(v);
    EXPECT_NEAR(length_squared(v) / before, 1, 1e-4);
  }
}

}  // namespace
}  // namespace touchstone::codes
