// Orientation and period of a finger's ridges as functions of position.
#pragma once

#include <vector>

#include "base/seed.h"
#include "fingers/finger.h"
#include "prints/noise_field.h"
#include "prints/portable_math.h"

namespace touchstone::fingers {

using prints::angle_of, prints::cosine, prints::exponential, prints::floor_exact, prints::kPi, prints::NoiseField, prints::sine,
    prints::smooth_step, prints::wrap_angle;

/// Positions are master pixels: x right, y down, origin at the upper left corner.
class RidgeMap {
 public:
  RidgeMap(SeedTree finger, PatternClass pattern);

  /// Direction of the ridge at a point, radians counter-clockwise from the x axis; defined modulo pi.
  double orientation(double x, double y) const;
  /// Distance of neighbouring ridges.
  double period_px(double x, double y) const;

 private:
  // A core (+1/2) or delta (-1/2) of the zero-pole model (Sherlock and Monro 1993). The harmonics bend its angle function,
  // in the spirit of Vizcaya and Gerhardt 1996; they are periodic, so the index of the singularity stays.
  struct Singularity {
    double x, y, index;
    double sine_gain[3], cosine_gain[3];
    double apex, narrowing;  // core only: direction in which its loops turn, and how parallel their legs run
  };
  void add_singularity(Random& random, double x, double y, double index, double narrowing = 0);
  void find_apexes();

  PatternClass pattern_;
  std::vector<Singularity> singularities_;
  double arch_height_ = 0;
  double arch_centre_x_ = 0;
  double arch_centre_y_ = 0;
  double tilt_ = 0;
  double round_ = 0;  // how much the ridges above follow the fingertip's outline
  double base_period_px_ = 9;
  double core_y_ = 0;
  NoiseField bend_;
  NoiseField stretch_;
};

}  // namespace touchstone::fingers
