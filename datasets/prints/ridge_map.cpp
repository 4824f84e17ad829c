#include "prints/ridge_map.h"

#include "prints/portable_math.h"

namespace touchstone::prints {

RidgeMap::RidgeMap(SeedTree finger, PatternClass pattern, const FingerSpread& spread)
    : pattern_(pattern),
      wide_(finger.stream("bend/wide"), Finger::kWidth_px, Finger::kHeight_px, 120),
      narrow_(finger.stream("bend/narrow"), Finger::kWidth_px, Finger::kHeight_px, 45),
      stretch_(finger.stream("stretch"), Finger::kWidth_px, Finger::kHeight_px, 90) {
  Random random = finger.stream("singular points");
  period_px_ = spread.period_px.draw(random);
  wander_ = spread.period_wander;
  away_ = spread.period_away;
  bend_ = spread.bend.draw(random);
  const double harmonics = spread.harmonics.draw(random);
  tilt_ = spread.tilt.draw(random);
  round_ = spread.round.draw(random);
  const double x = kCentreX_px + spread.core_x_px.draw(random);
  const double y = kCentreY_px + spread.core_y_px.draw(random);
  core_x_ = x;
  core_y_ = y;
  const double side = pattern == PatternClass::kLeftLoop ? 1 : -1;  // the delta lies away from where the loop opens
  switch (pattern) {
    case PatternClass::kArch:
      arch_x_ = x;
      arch_y_ = y + random.uniform(20, 80);
      arch_height_ = random.uniform(0.45, 1.1);
      break;
    case PatternClass::kTentedArch: {
      const double narrowing = 0.5 * spread.narrowing.draw(random);
      const double delta_x = x + random.uniform(-12, 12);
      const double delta_y = y + 0.8 * spread.loop_delta_y_px.draw(random);
      add(random, x, y, 0.5, harmonics, narrowing);
      add(random, delta_x, delta_y, -0.5, harmonics);
      break;
    }
    case PatternClass::kLeftLoop:
    case PatternClass::kRightLoop: {
      const double narrowing = spread.narrowing.draw(random);
      const double delta_x = x + side * spread.loop_delta_x_px.draw(random);
      const double delta_y = y + spread.loop_delta_y_px.draw(random);
      add(random, x, y, 0.5, harmonics, narrowing);
      add(random, delta_x, delta_y, -0.5, harmonics);
      break;
    }
    case PatternClass::kWhorl: {
      const double gap = spread.whorl_gap_px.draw(random);
      const double shift = spread.whorl_shift_px.draw(random);
      for (int i = 0; i < 2; ++i) {
        const double narrowing = 0.6 * spread.narrowing.draw(random);
        add(random, x + shift * i, y + gap * i, 0.5, harmonics, narrowing);
      }
      for (const double to : {-1.0, 1.0}) {
        const double delta_x = x + to * spread.whorl_delta_x_px.draw(random);
        const double delta_y = y + gap + spread.whorl_delta_y_px.draw(random);
        add(random, delta_x, delta_y, -0.5, harmonics);
      }
      break;
    }
  }
  find_apexes();
}

void RidgeMap::add(Random& random, double x, double y, double index, double harmonics, double narrowing) {
  Bend bend{};
  for (int k = 0; k < 2; ++k) {
    bend.sine_gain[k] = harmonics / (k + 1) * random.uniform(-1, 1);
    bend.cosine_gain[k] = harmonics / (k + 1) * random.uniform(-1, 1);
  }
  bend.narrowing = narrowing;
  points_.push_back({x, y, index});
  bends_.push_back(bend);
}

// A core alone makes its ridges fan out below; in a finger the legs of a loop run side by side. Turning faster round the
// apex and slower opposite does that. The apex is where the ridge stands across the radius, given the other points.
void RidgeMap::find_apexes() {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    double rest = tilt_;
    for (std::size_t j = 0; j < points_.size(); ++j) {
      if (j != i) rest += points_[j].index * angle_of(points_[i].y - points_[j].y, points_[i].x - points_[j].x);
    }
    bends_[i].apex = 2 * rest - kPi;
  }
}

double RidgeMap::orientation(double x, double y) const {
  double theta = tilt_ + bend_ * (wide_.at(x, y) + 0.35 * narrow_.at(x, y));
  if (pattern_ == PatternClass::kArch) {
    const double u = (x - arch_x_) / 100;
    const double v = (y - arch_y_) / (y < arch_y_ ? 150 : 70);
    theta += arch_height_ * (u / (0.35 + u * u)) * exponential(-v * v);
  }
  // Everything above the pattern follows the round of the fingertip.
  theta += round_ * smooth_step(-60, 160, core_y_ - y) * (x - core_x_) / 150;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const Bend& b = bends_[i];
    const double angle = angle_of(y - points_[i].y, x - points_[i].x);
    const double s = sine(angle);
    const double c = cosine(angle);
    const double bent = angle + b.narrowing * sine(angle - b.apex) + b.sine_gain[0] * s + b.cosine_gain[0] * c +
                        b.sine_gain[1] * 2 * s * c + b.cosine_gain[1] * (c * c - s * s);
    theta += points_[i].index * bent;
  }
  return theta;
}

double RidgeMap::period_px(double x, double y) const {
  // Ridges are wider apart at the fingertip and towards the joint than around the core.
  const double away = smooth_step(40, 220, y > core_y_ ? y - core_y_ - 20 : core_y_ - y);
  const double period = period_px_ * (1 + wander_ * stretch_.at(x, y) + away_ * away);
  return period < 6.2 ? 6.2 : period > 13 ? 13 : period;
}

}  // namespace touchstone::prints
