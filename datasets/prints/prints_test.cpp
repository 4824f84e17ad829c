#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

#include "prints/growth.h"
#include "prints/impression.h"

namespace touchstone::prints {
namespace {

using std::numbers::pi;

std::uint64_t fnv1a(const GreyImage& image) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::uint8_t p : image.pixels) hash = (hash ^ p) * 0x100000001b3ULL;
  return hash;
}

// A finger costs some 50 ms: the tests share two.
const Finger& finger(int index) {
  static const Finger fingers[2] = {Finger::make(SeedTree(7).child(0), PatternClass::kRightLoop),
                                    Finger::make(SeedTree(7).child(1), PatternClass::kWhorl)};
  return fingers[index];
}

// A perfect touch that fills the picture.
Conditions clean() {
  Conditions c;
  c.contact = 1.1;
  c.touch_seed = 5;
  return c;
}

double mean(const GreyImage& image) {
  double sum = 0;
  for (const std::uint8_t p : image.pixels) sum += p;
  return sum / static_cast<double>(image.pixels.size());
}
int touched(const Impression& i) {
  int count = 0;
  for (const std::uint8_t p : i.contact.pixels) count += p != 0 ? 1 : 0;
  return count;
}
int differing(const GreyImage& a, const GreyImage& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) count += a.pixels[i] != b.pixels[i] ? 1 : 0;
  return count;
}

// Of a difference of angles, modulo `turn`: its size, at most turn / 2.
double apart(double a, double b, double turn) {
  const double d = std::fabs(a - b);
  const double r = d - turn * std::floor(d / turn);
  return std::min(r, turn - r);
}

SensorUnit optical() { return SensorUnit::nominal(SensorKind::kOptical); }

TEST(PrintsFinger, PixelsAreAFunctionOfTheSeeds) {
  // The very pixels, on every machine, compiler and optimisation level.
  EXPECT_EQ(fnv1a(finger(0).master()), 1591701814820245649ULL);
  EXPECT_EQ(fnv1a(finger(1).master()), 10677750007643385300ULL);
  constexpr std::uint64_t kDigests[] = {7155490031490977880ULL, 11905579627388144295ULL, 7667679844864512428ULL,
                                        2532311171101688226ULL, 168782898063703952ULL};
  for (int k = 0; k < 5; ++k) {
    const auto kind = static_cast<SensorKind>(k);
    const SensorUnit unit = SensorUnit::draw(kind, SeedTree(9));
    const Conditions c = Conditions::of_touch(finger(0), kind, static_cast<std::uint64_t>(k));
    EXPECT_EQ(fnv1a(picture(finger(0), c, unit)), kDigests[k]) << to_string(kind);
  }
}

TEST(PrintsFinger, NeitherOrderNorThreadsMatter) {
  GreyImage masters[2];
  std::uint64_t touches[2];
  {
    const auto make = [&](int i) {
      const Finger again = Finger::make(SeedTree(7).child(static_cast<std::uint64_t>(i)),
                                        i == 0 ? PatternClass::kRightLoop : PatternClass::kWhorl);
      masters[i] = again.master();
      touches[i] = fnv1a(picture(again, Conditions::of_touch(again, SensorKind::kCard, 3),
                                 SensorUnit::draw(SensorKind::kCard, SeedTree(1))));
    };
    const std::jthread second(make, 1);
    make(0);
  }
  for (int i = 1; i >= 0; --i) {
    EXPECT_EQ(masters[i], finger(i).master());
    // Other touches between must not matter.
    (void)picture(finger(i), Conditions::of_touch(finger(i), SensorKind::kCard, 2),
                  SensorUnit::draw(SensorKind::kCard, SeedTree(1)));
    EXPECT_EQ(fnv1a(picture(finger(i), Conditions::of_touch(finger(i), SensorKind::kCard, 3),
                            SensorUnit::draw(SensorKind::kCard, SeedTree(1)))),
              touches[i]);
  }
}

TEST(PrintsFinger, ClassesHaveTheirShares) {
  constexpr int kCount = 20000;
  int counts[5] = {};
  for (std::uint64_t i = 0; i < kCount; ++i) ++counts[static_cast<int>(draw_pattern(SeedTree(5).child(i)))];
  constexpr double kShares[5] = {0.037, 0.029, 0.338, 0.317, 0.279};
  for (int k = 0; k < 5; ++k) {
    EXPECT_NEAR(counts[k], kCount * kShares[k], 4 * std::sqrt(kCount * kShares[k] * (1 - kShares[k]))) << k;
  }
}

TEST(PrintsFinger, EveryClassHasItsSingularPoints) {
  constexpr int kCores[5] = {0, 1, 1, 1, 2};
  for (int k = 0; k < 5; ++k) {
    const Finger f = Finger::make(SeedTree(3), static_cast<PatternClass>(k));
    int cores = 0, deltas = 0;
    for (const SingularPoint& p : f.singular_points()) {
      (p.index > 0 ? cores : deltas) += 1;
      // The orientation turns by half the index around the point, whatever else there is.
      double turned = 0;
      double before = f.orientation(p.x + 6, p.y);
      for (int i = 1; i <= 64; ++i) {
        const double now = f.orientation(p.x + 6 * std::cos(2 * pi * i / 64), p.y + 6 * std::sin(2 * pi * i / 64));
        double step = now - before;
        step -= pi * std::floor(step / pi + 0.5);
        turned += step;
        before = now;
      }
      EXPECT_NEAR(turned, 2 * pi * p.index, 1e-6) << to_string(f.pattern());
    }
    EXPECT_EQ(cores, kCores[k]);
    EXPECT_EQ(deltas, kCores[k]);
  }
}

TEST(PrintsTruth, OrientationAndPeriodAreThoseOfThePixels) {
  for (const int index : {0, 1}) {
    Conditions c = clean();
    c.turn_deg = 14;
    c.push_x_px = 6;
    const Impression i = impress(finger(index), c, optical());
    double error = 0;
    int count = 0;
    int waves = 0;
    double expected_waves = 0;
    for (int y = 60; y < 310; y += 10) {
      for (int x = 90; x < 300; x += 10) {
        if (i.contact.at(x, y) == 0) continue;
        double xx = 0, yy = 0, xy = 0;
        for (int v = y - 8; v <= y + 8; ++v) {
          for (int u = x - 8; u <= x + 8; ++u) {
            const double gx = i.image.at(u + 1, v) - i.image.at(u - 1, v);
            const double gy = i.image.at(u, v + 1) - i.image.at(u, v - 1);
            xx += gx * gx;
            yy += gy * gy;
            xy += gx * gy;
          }
        }
        const double coherence = std::sqrt((xx - yy) * (xx - yy) + 4 * xy * xy) / (xx + yy);
        if (coherence < 0.6) continue;  // singular points, creases
        const double truth = orientation_at(finger(index), i.mapping, {double(x), double(y)});
        error += apart(0.5 * std::atan2(2 * xy, xx - yy) + pi / 2, truth, pi);
        ++count;
        // Borders between ridge and valley along the normal: two a period.
        bool before = false;
        for (int k = -20; k <= 20; ++k) {
          const bool now = i.image.at_or(static_cast<int>(std::lround(x - k * std::sin(truth))),
                                         static_cast<int>(std::lround(y + k * std::cos(truth))), 255) < 140;
          waves += k > -20 && now != before ? 1 : 0;
          before = now;
        }
        expected_waves += 2 * 40 / period_at(finger(index), i.mapping, {double(x), double(y)});
      }
    }
    ASSERT_GT(count, 200);
    EXPECT_LT(error / count, 0.09);  // 5 degrees
    EXPECT_NEAR(waves / expected_waves, 1, 0.15);
  }
}

TEST(PrintsTruth, MinutiaeLieWhereThePhaseOfThePictureHasResidues) {
  int seen = 0, found = 0, directed = 0, typed = 0;
  for (const int index : {0, 1}) {
    Conditions c = clean();
    c.turn_deg = -11;
    c.dx_px = 7;
    const Impression i = impress(finger(index), c, optical());
    const auto detected = find_minutiae(filter_picture(
        i.image,
        [&](double x, double y) {
          return orientation_at(finger(index), i.mapping, {x, y});
        },
        [&](double x, double y) {
          return period_at(finger(index), i.mapping, {x, y});
        }));
    for (const Minutia& m : i.minutiae) {
      const auto inside = [&](int dx, int dy) {
        return i.contact.at_or(static_cast<int>(m.x) + dx, static_cast<int>(m.y) + dy, 0) != 0;
      };
      EXPECT_TRUE(inside(0, 0));
      EXPECT_GE(m.direction, 0);
      EXPECT_LT(m.direction, 2 * pi);
      if (!inside(20, 0) || !inside(-20, 0) || !inside(0, 20) || !inside(0, -20)) continue;
      ++seen;
      const Minutia* nearest = nullptr;
      double distance = 7;
      for (const Minutia& d : detected) {
        const double there = std::hypot(d.x - m.x, d.y - m.y);
        if (there < distance) {
          distance = there;
          nearest = &d;
        }
      }
      if (nearest == nullptr) continue;
      ++found;
      directed += apart(nearest->direction, m.direction, 2 * pi) < 0.5 ? 1 : 0;
      typed += nearest->type == m.type ? 1 : 0;
    }
    EXPECT_GT(i.minutiae.size(), 20U);
    EXPECT_LT(i.minutiae.size(), 90U);
  }
  EXPECT_GE(seen, 40);
  EXPECT_GE(found, seen * 85 / 100) << seen;
  EXPECT_GE(directed, found * 90 / 100) << found;
  EXPECT_GE(typed, found * 75 / 100) << found;
}

TEST(PrintsTruth, MappingGoesBothWays) {
  for (int k = 0; k < 5; ++k) {
    const auto kind = static_cast<SensorKind>(k);
    const SensorUnit unit = SensorUnit::draw(kind, SeedTree(2));
    for (std::uint64_t touch = 0; touch < 6; ++touch) {
      const Mapping mapping(Conditions::of_touch(finger(0), kind, touch), finger(0).skin(), unit);
      for (int y = 10; y < unit.height_px; y += 37) {
        for (int x = 10; x < unit.width_px; x += 37) {
          const Point back = mapping.to_image(mapping.to_finger({double(x), double(y)}));
          ASSERT_NEAR(back.x, x, 0.05) << to_string(kind) << touch;
          ASSERT_NEAR(back.y, y, 0.05);
        }
      }
    }
  }
}

TEST(PrintsTruth, TheMappingIsThatOfThePixels) {
  // The same finger, turned, moved and at another resolution: pixels of one picture are found in the other.
  Conditions straight = clean();
  Conditions turned = clean();
  turned.turn_deg = 20;
  turned.dx_px = -15;
  turned.dy_px = 10;
  turned.push_y_px = 8;
  SensorUnit finer = optical();
  finer.dpi = 540;
  const Impression a = impress(finger(1), straight, optical());
  const Impression b = impress(finger(1), turned, finer);
  int same = 0, count = 0;
  for (int y = 40; y < 330; y += 3) {
    for (int x = 80; x < 310; x += 3) {
      const Point there = b.mapping.to_image(a.mapping.to_finger({double(x), double(y)}));
      const int u = static_cast<int>(std::lround(there.x)), v = static_cast<int>(std::lround(there.y));
      if (a.contact.at(x, y) == 0 || b.contact.at_or(u, v, 0) == 0) continue;
      ++count;
      same += (a.image.at(x, y) < 140) == (b.image.at(u, v) < 140) ? 1 : 0;
    }
  }
  ASSERT_GT(count, 2000);
  EXPECT_GT(same, count * 85 / 100);
}

TEST(PrintsTouch, APictureIsTheImpressionsImage) {
  const Conditions c = Conditions::of_touch(finger(1), SensorKind::kPress, 1);
  const SensorUnit unit = SensorUnit::draw(SensorKind::kPress, SeedTree(3));
  EXPECT_EQ(picture(finger(1), c, unit), impress(finger(1), c, unit).image);
}

TEST(PrintsTouch, APictureIsWhatLiesOnTheGlassReadOut) {
  const Conditions c = Conditions::of_touch(finger(1), SensorKind::kCard, 4);
  const SensorUnit unit = SensorUnit::draw(SensorKind::kCard, SeedTree(3));
  SensorUnit plain = SensorUnit::nominal(SensorKind::kCard);
  plain.dpi = unit.dpi;
  const GreyImage glass = lay(finger(1), c, unit);
  EXPECT_EQ(glass, picture(finger(1), c, plain));
  GreyImage seen = glass;
  read_out(unit, {SeedTree(c.touch_seed).child("frame").seed(), 0, nullptr}, seen);
  EXPECT_EQ(seen, picture(finger(1), c, unit));
}

TEST(PrintsTouch, NearerToTheUsualTouchIsAShareOfTheWay) {
  const Conditions usual = Conditions::usual(finger(0), SensorKind::kCard);
  double far = 0, near = 0, mean_turn = 0;
  constexpr int kTouches = 300;
  for (std::uint64_t i = 0; i < kTouches; ++i) {
    const Conditions c = Conditions::of_touch(finger(0), SensorKind::kCard, i), half = c.nearer(usual, 0.5);
    far += std::fabs(c.dx_px - usual.dx_px) + std::fabs(c.moisture - usual.moisture);
    near += std::fabs(half.dx_px - usual.dx_px) + std::fabs(half.moisture - usual.moisture);
    mean_turn += c.turn_deg / kTouches;
    EXPECT_EQ(half.touch_seed, c.touch_seed);
  }
  EXPECT_NEAR(near, far / 2, 1e-6 * far);
  EXPECT_NEAR(mean_turn, usual.turn_deg, 3) << "the usual touch is what touches vary around";
  const Conditions c = Conditions::of_touch(finger(0), SensorKind::kCard, 2);
  EXPECT_EQ(picture(finger(0), c.nearer(usual, 1), optical()), picture(finger(0), c, optical()));
}

TEST(PrintsTouch, EveryConditionShows) {
  const Impression usual = impress(finger(0), clean(), optical());
  const auto with = [](auto change) {
    Conditions c = clean();
    change(c);
    return impress(finger(0), c, optical());
  };
  EXPECT_LT(mean(with([](Conditions& c) { c.pressure = 0.9; }).image), mean(usual.image) - 5);
  EXPECT_GT(mean(with([](Conditions& c) { c.pressure = 0.1; }).image), mean(usual.image) + 5);
  EXPECT_GT(mean(with([](Conditions& c) { c.moisture = -0.8; }).image), mean(usual.image) + 5);
  EXPECT_LT(mean(with([](Conditions& c) { c.moisture = 0.8; }).image), mean(usual.image) - 10);
  EXPECT_LT(touched(with([](Conditions& c) { c.contact = 0.7; })), touched(usual) * 8 / 10);
  EXPECT_LT(touched(with([](Conditions& c) { c.slimness = 0.7; })), touched(usual) * 9 / 10);
  const Impression half = with([](Conditions& c) {
    c.partial = 0.4;
    c.partial_side = 0;
  });
  EXPECT_LT(touched(half), touched(usual) * 8 / 10);
  EXPECT_EQ(half.contact.at(300, 187), 0);  // the side to the right is gone
  EXPECT_NE(half.contact.at(110, 187), 0);
  EXPECT_GT(mean(with([](Conditions& c) { c.scratches = 12; }).image), mean(usual.image) + 0.2);
  EXPECT_LT(mean(with([](Conditions& c) { c.latent = 1; }).image), mean(usual.image) - 0.5);
  EXPECT_LT(mean(with([](Conditions& c) { c.ridge_grey = 5; }).image), mean(usual.image) - 3);
  EXPECT_LT(mean(with([](Conditions& c) { c.ground_grey = 120; }).image), mean(usual.image) - 10);
  EXPECT_LT(mean(with([](Conditions& c) { c.valley_grey = 120; }).image), mean(usual.image) - 20);
  using Change = void (*)(Conditions&);
  const Change changes[] = {[](Conditions& c) { c.grain = 0.6; },
                            [](Conditions& c) { c.patches = 0.8; },
                            [](Conditions& c) { c.softness = 0.9; },
                            [](Conditions& c) { c.push_x_px = 8; },
                            [](Conditions& c) { c.twist_deg = 6; },
                            [](Conditions& c) { c.sway_px = 8; },
                            [](Conditions& c) { c.stretch = 0.06; },
                            [](Conditions& c) { c.turn_deg = 5; },
                            [](Conditions& c) { c.dx_px = 4; },
                            [](Conditions& c) { c.dy_px = 4; },
                            [](Conditions& c) { c.smear = 1; },
                            [](Conditions& c) { c.tilt = 0.8; },
                            [](Conditions& c) { c.roll_x_px = 20; },
                            [](Conditions& c) { c.roll_y_px = -30; },
                            [](Conditions& c) {
                              c.patches = 0.5;
                              c.touch_seed = 6;
                            }};
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    EXPECT_GT(differing(with(changes[i]).image, usual.image), 3000) << i;
  }
  // Pressing one region firmly keeps the skin there; only what lies further out slips.
  const Impression pushed = with([](Conditions& c) { c.push_x_px = 12; });
  EXPECT_NEAR(pushed.mapping.to_finger({193.5, 186.5}).x, usual.mapping.to_finger({193.5, 186.5}).x, 1e-9);
  EXPECT_GT(pushed.mapping.to_finger({193.5, 10}).x, usual.mapping.to_finger({193.5, 10}).x + 4);
}

TEST(PrintsTouch, TouchesOfADayAreAlike) {
  double within = 0, between = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto turn = [&](std::uint64_t index) {
      return Conditions::of_touch(finger(0), SensorKind::kOptical, index).turn_deg;
    };
    within += std::fabs(turn(3 * i) - turn(3 * i + 1));
    between += std::fabs(turn(3 * i) - turn(3 * i + 3));
  }
  EXPECT_GT(between, 1.2 * within);
}

}  // namespace
}  // namespace touchstone::prints
