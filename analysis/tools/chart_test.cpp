#include "tools/chart.h"

#include <gtest/gtest.h>

namespace touchstone::tools {
namespace {

TEST(Chart, TheDeviateIsThatOfTheNormalDistribution) {
  EXPECT_NEAR(normal_deviate(0.5), 0, 1e-9);
  EXPECT_NEAR(normal_deviate(0.975), 1.959964, 1e-6);
  EXPECT_NEAR(normal_deviate(0.001), -3.090232, 1e-6);
}

TEST(Chart, StepsAreOneTwoOrFive) {
  EXPECT_DOUBLE_EQ(tick_step(100, 10), 10);
  EXPECT_DOUBLE_EQ(tick_step(1, 5), 0.2);
  EXPECT_DOUBLE_EQ(tick_step(7, 8), 1);
  EXPECT_DOUBLE_EQ(tick_step(0, 8), 1);
}

TEST(Chart, PictureAndTableHoldTheSameSeries) {
  Chart chart;
  chart.title = "a < b & \"c\"";
  chart.x = {"FMR", Axis::Scale::kDeviate, 1e-3, 0.5, true};
  chart.y = {"FNMR", Axis::Scale::kLinear, 0, 1, true};
  chart.series = {{"one", {{0.01, 0.25, 0.2, 0.3}, {0.1, 0.125, 0, 0}}, Series::Style::kSteps}, {"two", {{0.2, 0.5, 0, 0}}, Series::Style::kBars}};
  const std::string svg = chart.svg();
  EXPECT_NE(svg.find("a &lt; b &amp; &quot;c&quot;"), std::string::npos);
  EXPECT_EQ(svg.find("a < b"), std::string::npos);
  EXPECT_NE(svg.find("10 %"), std::string::npos);
  EXPECT_EQ(chart.csv(), "series,\"FMR\",\"FNMR\",low_95,high_95\n\"one\",0.01,0.25,0.2,0.3\n\"one\",0.1,0.125,,\n\"two\",0.2,0.5,,\n");
}

}  // namespace
}  // namespace touchstone::tools
