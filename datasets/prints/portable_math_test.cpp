#include "prints/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace touchstone::prints {
namespace {

TEST(PortableMath, AgreesWithTheLibrary) {
  for (double x = -20; x < 20; x += 0.0137) {
    EXPECT_NEAR(sine(x), std::sin(x), 1e-7);
    EXPECT_NEAR(cosine(x), std::cos(x), 1e-7);
    EXPECT_NEAR(angle_of(std::sin(x), std::cos(x)), std::atan2(std::sin(x), std::cos(x)), 1e-6);
    EXPECT_NEAR(exponential(-x * x / 40), std::exp(-x * x / 40), 1e-7);
  }
}

}  // namespace
}  // namespace touchstone::prints
