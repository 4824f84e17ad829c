#include "fingers/ridge_map.h"

namespace touchstone::fingers {
namespace {

constexpr double kCentre = Finger::kSize_px / 2.0;

}  // namespace

RidgeMap::RidgeMap(SeedTree finger, PatternClass pattern)
    : pattern_(pattern),
      bend_(finger.stream("bend"), Finger::kSize_px, Finger::kSize_px, 110),
      stretch_(finger.stream("stretch"), Finger::kSize_px, Finger::kSize_px, 90) {
  Random random = finger.stream("singularities");
  base_period_px_ = 9.0 + 0.6 * random.normal();
  base_period_px_ = base_period_px_ < 7.4 ? 7.4 : base_period_px_ > 11.0 ? 11.0 : base_period_px_;
  tilt_ = 0.06 * random.normal();
  round_ = random.uniform(0.25, 0.75);
  const double x = kCentre + 12 * random.normal();
  const double y = kCentre - 10 + 14 * random.normal();
  core_y_ = y;
  const double side = pattern == PatternClass::kLeftLoop ? 1 : -1;  // the delta lies away from where the loop opens
  switch (pattern) {
    case PatternClass::kArch:
      arch_centre_x_ = x;
      arch_centre_y_ = y + random.uniform(20, 70);
      arch_height_ = random.uniform(0.5, 1.1);
      break;
    case PatternClass::kTentedArch:
      add_singularity(random, x, y, 0.5, random.uniform(0.2, 0.5));
      add_singularity(random, x + random.uniform(-12, 12), y + random.uniform(60, 170), -0.5);
      break;
    case PatternClass::kLeftLoop:
    case PatternClass::kRightLoop:
      add_singularity(random, x, y, 0.5, random.uniform(0.55, 0.95));
      add_singularity(random, x + side * random.uniform(45, 130), y + random.uniform(95, 230), -0.5);
      break;
    case PatternClass::kWhorl: {
      const double gap = random.uniform(16, 85);
      const double shift = random.uniform(-25, 25);
      add_singularity(random, x, y, 0.5, random.uniform(0.2, 0.7));
      add_singularity(random, x + shift, y + gap, 0.5, random.uniform(0.2, 0.7));
      add_singularity(random, x - random.uniform(80, 160), y + gap + random.uniform(50, 185), -0.5);
      add_singularity(random, x + random.uniform(80, 160), y + gap + random.uniform(50, 185), -0.5);
      break;
    }
  }
  find_apexes();
}

void RidgeMap::add_singularity(Random& random, double x, double y, double index, double narrowing) {
  Singularity s{x, y, index, {}, {}, 0, narrowing};
  for (int k = 0; k < 3; ++k) {
    s.sine_gain[k] = 0.18 / (k + 1) * random.uniform(-1, 1);
    s.cosine_gain[k] = 0.18 / (k + 1) * random.uniform(-1, 1);
  }
  singularities_.push_back(s);
}

// A core alone makes its ridges fan out below; in a finger the legs of a loop run side by side. Turning faster round the
// apex and slower opposite does that. The apex is where the ridge stands across the radius, given the other singularities.
void RidgeMap::find_apexes() {
  for (Singularity& core : singularities_) {
    double rest = tilt_;
    for (const Singularity& other : singularities_) {
      if (&other != &core) rest += other.index * angle_of(other.y - core.y, core.x - other.x);
    }
    core.apex = 2 * rest - kPi;
  }
}

double RidgeMap::orientation(double x, double y) const {
  double theta = tilt_ + 0.20 * bend_.at(x, y);
  if (pattern_ == PatternClass::kArch) {
    const double u = (x - arch_centre_x_) / 100;
    const double v = (y - arch_centre_y_) / (y < arch_centre_y_ ? 150 : 60);
    theta -= arch_height_ * (u / (0.35 + u * u)) * exponential(-v * v);
  } else {
    // Everything above the pattern follows the round of the fingertip.
    const double above = smooth_step(-60, 160, core_y_ - y);
    theta -= round_ * above * (x - kCentre) / 150;
  }
  for (const Singularity& s : singularities_) {
    const double angle = angle_of(s.y - y, x - s.x);
    double bent = angle + s.narrowing * sine(angle - s.apex);
    for (int k = 0; k < 3; ++k) {
      bent += s.sine_gain[k] * sine((k + 1) * angle) + s.cosine_gain[k] * cosine((k + 1) * angle);
    }
    theta += s.index * bent;
  }
  return theta;
}

double RidgeMap::period_px(double x, double y) const {
  // Ridges are wider apart at the fingertip and towards the joint than around the core.
  const double away = smooth_step(60, 200, y > core_y_ ? y - core_y_ - 40 : core_y_ - y);
  const double period = base_period_px_ * (1 + 0.08 * stretch_.at(x, y) + 0.10 * away);
  return period < 6.5 ? 6.5 : period > 12.5 ? 12.5 : period;
}

}  // namespace touchstone::fingers
