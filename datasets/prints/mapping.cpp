#include "prints/impression.h"
#include "prints/portable_math.h"
#include "prints/ridge_map.h"

namespace touchstone::prints {
namespace {

constexpr double kSwayStep_px = 32;

// Smooth interpolation; rows beyond the ends keep the last value.
double read_knots(const std::array<double, 24>& knots, double y) {
  double at = y / kSwayStep_px;
  at = at < 0 ? 0 : at > 22.999 ? 22.999 : at;
  const auto i = static_cast<std::size_t>(at);
  const double t = at - static_cast<double>(i);
  return knots[i] + (knots[i + 1] - knots[i]) * (t * t * (3 - 2 * t));
}

}  // namespace

Mapping::Mapping(const Conditions& conditions, const SkinType& skin, const SensorUnit& unit)
    : picture_x_((unit.width_px - 1) / 2.0),
      picture_y_((unit.height_px - 1) / 2.0),
      dx_(conditions.dx_px),
      dy_(conditions.dy_px),
      sway_px_(conditions.sway_px),
      stretch_(conditions.stretch),
      scale_(kDpi / unit.dpi),
      cosine_(cosine(conditions.turn_deg * kPi / 180)),
      sine_(sine(conditions.turn_deg * kPi / 180)),
      push_x_(conditions.push_x_px),
      push_y_(conditions.push_y_px),
      twist_(conditions.twist_deg * kPi / 180),
      half_width_(skin.half_width_px * conditions.contact * conditions.slimness),
      half_height_(skin.half_height_px * conditions.contact) {
  Random random = SeedTree(conditions.touch_seed).stream("sway");
  double sum = 0;
  for (std::size_t i = 0; i < sway_.size(); ++i) {
    sway_[i] = random.uniform(-1, 1);
    stretching_[i] = sum;
    sum += kSwayStep_px * random.uniform(-1, 1);
  }
  const double middle = read_knots(stretching_, picture_y_);
  for (double& knot : stretching_) knot -= middle;
}

Point Mapping::to_finger(Point image) const {
  double x = image.x - picture_x_;
  double y = image.y - picture_y_;
  if (sway_px_ != 0 || stretch_ != 0) {
    x += sway_px_ * read_knots(sway_, image.y);
    y += stretch_ * read_knots(stretching_, image.y);
  }
  x = x * scale_ - dx_;
  y = y * scale_ - dy_;
  // The picture shows the finger turned: turn back.
  const double u = cosine_ * x + sine_ * y;
  const double v = cosine_ * y - sine_ * x;
  // Skin that is pressed firmly stays, the rest slips, after the shape of Cappelli, Maio and Maltoni (2001).
  const double a = u / half_width_;
  const double b = v / half_height_;
  const double slip = smooth_step(0.15, 1.6, a * a + b * b);
  return {kCentreX_px + u + slip * (push_x_ - twist_ * v), kCentreY_px + v + slip * (push_y_ + twist_ * u)};
}

Point Mapping::to_image(Point finger) const {
  // Newton's method without derivatives: the mapping is nearly a rigid motion, so its error, moved back, is the step.
  Point image{picture_x_ + (dx_ + cosine_ * (finger.x - kCentreX_px) - sine_ * (finger.y - kCentreY_px)) / scale_,
              picture_y_ + (dy_ + sine_ * (finger.x - kCentreX_px) + cosine_ * (finger.y - kCentreY_px)) / scale_};
  for (int i = 0; i < 12; ++i) {
    const Point there = to_finger(image);
    const double u = finger.x - there.x;
    const double v = finger.y - there.y;
    if (u * u + v * v < 1e-6) break;
    image.x += (cosine_ * u - sine_ * v) / scale_;
    image.y += (sine_ * u + cosine_ * v) / scale_;
  }
  return image;
}

double Mapping::direction_to_image(Point finger, double direction) const {
  constexpr double kStep_px = 2;
  const double x = kStep_px * cosine(direction);
  const double y = kStep_px * sine(direction);
  const Point from = to_image({finger.x - x, finger.y - y});
  const Point to = to_image({finger.x + x, finger.y + y});
  const double angle = angle_of(to.y - from.y, to.x - from.x);
  return angle < 0 ? angle + 2 * kPi : angle;
}

double orientation_at(const Finger& finger, const Mapping& mapping, Point image) {
  const Point there = mapping.to_finger(image);
  const double direction = mapping.direction_to_image(there, finger.orientation(there.x, there.y));
  return direction >= kPi ? direction - kPi : direction;
}

double period_at(const Finger& finger, const Mapping& mapping, Point image) {
  const Point there = mapping.to_finger(image);
  const double normal = finger.orientation(there.x, there.y) + kPi / 2;
  const double half = 0.5 * finger.period_px(there.x, there.y);
  const double x = half * cosine(normal);
  const double y = half * sine(normal);
  const Point from = mapping.to_image({there.x - x, there.y - y});
  const Point to = mapping.to_image({there.x + x, there.y + y});
  return std::sqrt((to.x - from.x) * (to.x - from.x) + (to.y - from.y) * (to.y - from.y));
}

}  // namespace touchstone::prints
