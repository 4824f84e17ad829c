#include "metrics/per_finger.h"

#include <gtest/gtest.h>

namespace touchstone::metrics {
namespace {

TEST(PerFinger, FindsTheGoatTheLambAndTheWolf) {
  ScoreSet set;
  set.stratum.assign(4, 0);
  for (std::uint32_t f = 0; f < 4; ++f) {
    for (int i = 0; i < 4; ++i) set.genuine.push_back({f, f, f, f == 1 && i < 3 ? 0.0F : 9.0F});
    for (std::uint32_t g = 0; g < 4; ++g) {
      if (f != g) set.impostor.push_back({f, f, g, f == 2 || g == 3 ? 8.0F : 0.0F});
    }
  }
  set.genuine.push_back({0, 0, 0, kFailure});
  const PerFinger rates = per_finger(set, 5);
  EXPECT_DOUBLE_EQ(rates.goat[1].value(), 0.75);
  EXPECT_EQ(rates.goat[0].tries, 4U);
  EXPECT_DOUBLE_EQ(rates.lamb[2].value(), 1);
  EXPECT_DOUBLE_EQ(rates.lamb[0].value(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(rates.wolf[3].value(), 1);
  EXPECT_DOUBLE_EQ(rates.wolf[2].value(), 0);
}

TEST(PerFinger, SpreadIsThatOfItsDefinition) {
  // Rates 0, 0, 0, 1: Gini 3/4. All alike: 0.
  const Spread one = spread({{0, 5}, {0, 5}, {5, 5}, {0, 5}, {0, 0}});
  EXPECT_DOUBLE_EQ(one.gini, 0.75);
  EXPECT_DOUBLE_EQ(one.max, 1);
  EXPECT_EQ(one.fingers, 4U);
  EXPECT_DOUBLE_EQ(spread({{1, 2}, {1, 2}}).gini, 0);
  std::vector<Rate> hundred;
  for (std::uint64_t i = 1; i <= 100; ++i) hundred.push_back({i, 100});
  EXPECT_DOUBLE_EQ(spread(hundred).p95, 0.95);
  EXPECT_EQ(spread({}).max, 0);
}

}  // namespace
}  // namespace touchstone::metrics
