// Elementary functions from + - * / sqrt alone, so that generated pixels are equal on every machine (libm is not).
// Absolute errors are below 1e-7, far under what a pixel can show.
#pragma once

#include <cmath>
#include <cstdint>

namespace touchstone::prints {

inline constexpr double kPi = 3.14159265358979323846;

inline double floor_exact(double x) {
  const double truncated = static_cast<double>(static_cast<std::int64_t>(x));
  return truncated > x ? truncated - 1.0 : truncated;
}

/// x moved into [-pi, pi).
inline double wrap_angle(double x) { return x - 2.0 * kPi * floor_exact(x / (2.0 * kPi) + 0.5); }

inline double sine(double x) {
  x = wrap_angle(x);
  if (x > kPi / 2) x = kPi - x;
  if (x < -kPi / 2) x = -kPi - x;
  const double s = x * x;
  return x * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 + s * (-1.0 / 39916800))))));
}

inline double cosine(double x) { return sine(x + kPi / 2); }

/// The angle of (x, y), in [-pi, pi]; 0 for the origin.
inline double angle_of(double y, double x) {
  const double ax = x < 0 ? -x : x;
  const double ay = y < 0 ? -y : y;
  if (ax == 0 && ay == 0) return 0;
  double t = ay < ax ? ay / ax : ax / ay;  // in [0, 1]
  double base = 0;
  if (t > 0.41421356237309503) {  // tan(pi/8): one more reduction keeps the series short
    t = (t - 1) / (t + 1);
    base = kPi / 4;
  }
  const double s = t * t;
  double a = base + t * (1 + s * (-1.0 / 3 + s * (1.0 / 5 + s * (-1.0 / 7 + s * (1.0 / 9 + s * (-1.0 / 11 +
             s * (1.0 / 13 + s * (-1.0 / 15))))))));
  if (ay >= ax) a = kPi / 2 - a;
  if (x < 0) a = kPi - a;
  return y < 0 ? -a : a;
}

/// e^x for x <= 0.
inline double exponential(double x) {
  if (x < -40) return 0;
  const double t = x / 256;
  double e = 1 + t * (1 + t * (0.5 + t * (1.0 / 6 + t * (1.0 / 24 + t / 120))));
  for (int i = 0; i < 8; ++i) e *= e;
  return e;
}

/// 0 below `low`, 1 above `high`, smooth between.
inline double smooth_step(double low, double high, double x) {
  if (x <= low) return 0;
  if (x >= high) return 1;
  const double t = (x - low) / (high - low);
  return t * t * (3 - 2 * t);
}

}  // namespace touchstone::prints
