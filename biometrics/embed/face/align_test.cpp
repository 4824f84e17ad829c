#include "face/align.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "base/seed.h"

namespace touchstone::face {
namespace {

Similarity similarity(double scale, double degrees, double x, double y) {
  const double turn = degrees * std::numbers::pi / 180;
  return {scale * std::cos(turn), scale * std::sin(turn), x, y};
}

TEST(Align, SimilaritiesAreFoundFromPoints) {
  Random random = SeedTree(1).stream("points");
  const auto draw = [&] { return static_cast<double>(random.below(20001)) / 100 - 100; };
  for (int i = 0; i < 200; ++i) {
    const Similarity truth = similarity(0.1 + std::abs(draw()) / 30, draw() * 1.7, draw(), draw());
    std::array<Point, 5> from, to;
    for (std::size_t k = 0; k < 5; ++k) {
      from[k] = {draw(), draw()};
      to[k] = truth(from[k]);
    }
    const Similarity found = fit_similarity(from, to);
    EXPECT_NEAR(found.scale(), truth.scale(), 1e-9);
    EXPECT_NEAR(found.turn_degrees(), truth.turn_degrees(), 1e-7);
    EXPECT_NEAR(found.shift_x, truth.shift_x, 1e-8);
    EXPECT_NEAR(found.shift_y, truth.shift_y, 1e-8);
  }
}

TEST(Align, NoMirrorIsEverFitted) {
  const std::array<Point, 3> from = {{{0, 0}, {1, 0}, {0, 1}}}, mirrored = {{{0, 0}, {-1, 0}, {0, 1}}};
  const Similarity found = fit_similarity(from, mirrored);
  // The best turn leaves an error that a mirror would not.
  double error = 0;
  for (std::size_t k = 0; k < 3; ++k) error += std::hypot(found(from[k]).x - mirrored[k].x, found(from[k]).y - mirrored[k].y);
  EXPECT_GT(error, 1);
}

/// A face of nothing but marks: red on every point of the template, seen through a similarity.
struct Drawn {
  Picture picture;
  Landmarks landmarks{};
};
Drawn draw(const Template& wanted, const Similarity& seen, int side) {
  Drawn out{{side, side, std::vector<std::uint8_t>(static_cast<std::size_t>(3 * side * side), 0), "drawn"}, {}};
  // Every landmark where some point of the template is: those that stand for it are set by asking which ones move it.
  for (std::size_t l = 0; l < out.landmarks.size(); ++l) {
    for (std::size_t p = 0; p < 5; ++p) {
      Landmarks probe{};
      probe[l] = {1, 1};
      if (wanted.points_of(probe)[p].x > 0) out.landmarks[l] = seen(wanted.points[p]);
    }
  }
  for (const Point& target : wanted.points) {
    const Point at = seen(target);
    // A dot of the size of two pixels of the cut-out, its brightness falling to its rim.
    const double radius = std::max(1.5, 2 * seen.scale());
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const double near = 1 - std::hypot(x - at.x, y - at.y) / radius;
        if (near > 0) out.picture.rgb[static_cast<std::size_t>(3 * (y * side + x))] = static_cast<std::uint8_t>(std::lround(255 * near));
      }
    }
  }
  return out;
}

class AlignTemplates : public testing::TestWithParam<const Template* (*)()> {};

TEST_P(AlignTemplates, PointsComeToStandWhereTheTemplateHasThem) {
  const Template& wanted = *GetParam()();
  for (const Similarity& seen : {similarity(1, 0, 80, 60), similarity(0.7, 25, 160, 40), similarity(1.6, -40, 60, 220), similarity(3.1, 12, 100, 30), similarity(5, 170, 900, 800)}) {
    const Drawn drawn = draw(wanted, seen, 1000);
    const Picture upright = align(drawn.picture, drawn.landmarks, wanted);
    ASSERT_EQ(upright.width_px, wanted.side_px);
    for (const Point& target : wanted.points) {
      // The middle of the red around the target.
      double sum = 0, x_sum = 0, y_sum = 0;
      for (int y = static_cast<int>(target.y) - 5; y <= static_cast<int>(target.y) + 6; ++y) {
        for (int x = static_cast<int>(target.x) - 5; x <= static_cast<int>(target.x) + 6; ++x) {
          const double red = upright.rgb[static_cast<std::size_t>(3 * (y * wanted.side_px + x))];
          sum += red;
          x_sum += red * x;
          y_sum += red * y;
        }
      }
      ASSERT_GT(sum, 0) << "scale " << seen.scale();
      EXPECT_NEAR(x_sum / sum, target.x, 0.3) << "scale " << seen.scale();
      EXPECT_NEAR(y_sum / sum, target.y, 0.3) << "scale " << seen.scale();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Both, AlignTemplates, testing::Values(+[] { return &arcface_template(); }, +[] { return &dlib_template(); }));

}  // namespace
}  // namespace touchstone::face
