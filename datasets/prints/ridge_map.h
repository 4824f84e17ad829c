// Orientation and period of a finger's ridges as functions of position on the master.
#pragma once

#include <vector>

#include "base/seed.h"
#include "prints/finger.h"
#include "prints/noise_field.h"

namespace touchstone::prints {

/// The finger's reference point, around which contact areas lie.
inline constexpr double kCentreX_px = Finger::kWidth_px / 2.0;
inline constexpr double kCentreY_px = 300;

class RidgeMap {
 public:
  RidgeMap(SeedTree finger, PatternClass pattern, const FingerSpread& spread);

  /// Direction of the ridge, radians clockwise from the x axis; defined modulo pi.
  double orientation(double x, double y) const;
  double period_px(double x, double y) const;
  const std::vector<SingularPoint>& singular_points() const { return points_; }

 private:
  // The zero-pole model (Sherlock and Monro 1993). Harmonics bend the angle function of each point, in the spirit of Vizcaya
  // and Gerhardt 1996; they are periodic, so the index of the point stays.
  struct Bend {
    double sine_gain[2], cosine_gain[2];
    double apex = 0, narrowing = 0;  // core only: the direction in which its loops turn, and how parallel their legs run
  };
  void add(Random& random, double x, double y, double index, double harmonics, double narrowing = 0);
  void find_apexes();

  PatternClass pattern_;
  std::vector<SingularPoint> points_;
  std::vector<Bend> bends_;
  double arch_height_ = 0, arch_x_ = 0, arch_y_ = 0;
  double tilt_ = 0;
  double round_ = 0;  // how much the ridges above follow the fingertip's outline
  double period_px_ = 9;
  double wander_ = 0, away_ = 0;
  double bend_ = 0;
  double core_x_ = 0, core_y_ = 0;
  NoiseField wide_, narrow_, stretch_;
};

}  // namespace touchstone::prints
