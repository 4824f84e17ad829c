// Angles as bytes: 256 steps make a full turn, and overflow is the arithmetic wanted. Freestanding, integers only; the tables
// are computed by the compiler.
#pragma once

#include <array>
#include <cstdint>

namespace touchstone::biometrics {

namespace detail {

inline constexpr double kPi = 3.14159265358979323846;

/// For |x| <= pi; error below 1e-10.
constexpr double sine_of(double x) {
  double term = x;
  double sum = x;
  for (int n = 1; n <= 12; ++n) {
    term *= -x * x / ((2 * n) * (2 * n + 1));
    sum += term;
  }
  return sum;
}
constexpr double cosine_of(double x) { return sine_of(x <= kPi / 2 ? x + kPi / 2 : x - 3 * kPi / 2); }

template <typename Integer>
constexpr std::array<Integer, 256> make_cosines(double scale) {
  std::array<Integer, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const double value = scale * cosine_of(2 * kPi * (i < 128 ? i : i - 256) / 256);
    table[static_cast<std::size_t>(i)] = static_cast<Integer>(value < 0 ? value - 0.5 : value + 0.5);
  }
  return table;
}

inline constexpr std::array<std::int8_t, 256> kCosine_q7 = make_cosines<std::int8_t>(127);
inline constexpr std::array<std::int16_t, 256> kCosine_q14 = make_cosines<std::int16_t>(16384);

}  // namespace detail

constexpr std::int8_t cosine_q7(std::uint8_t angle) { return detail::kCosine_q7[angle]; }
constexpr std::int8_t sine_q7(std::uint8_t angle) { return detail::kCosine_q7[static_cast<std::uint8_t>(angle - 64)]; }
constexpr std::int16_t cosine_q14(std::uint8_t angle) { return detail::kCosine_q14[angle]; }
constexpr std::int16_t sine_q14(std::uint8_t angle) { return detail::kCosine_q14[static_cast<std::uint8_t>(angle - 64)]; }

/// The angle of (x, y), from the x axis towards the y axis; 0 for the origin. Within 1.5 steps. |x|, |y| < 2^23.
constexpr std::uint8_t angle_of(std::int32_t y, std::int32_t x) {
  if (x == 0 && y == 0) return 0;
  const std::int32_t ax = x < 0 ? -x : x;
  const std::int32_t ay = y < 0 ? -y : y;
  const std::int32_t t = ax >= ay ? ay * 256 / ax : ax * 256 / ay;  // 0 .. 256
  // atan(r) = pi/4 r + 0.273 r (1 - r) within 0.004 rad (Rajan and others 2006); 128 steps are pi.
  std::int32_t angle = (t * 32 + ((t * (256 - t)) >> 8) * 11 + 128) >> 8;
  if (ax < ay) angle = 64 - angle;
  if (x < 0) angle = 128 - angle;
  return static_cast<std::uint8_t>(y < 0 ? -angle : angle);
}

/// Floor of the square root.
constexpr std::uint32_t square_root(std::uint32_t value) {
  std::uint32_t root = 0;
  for (std::uint32_t bit = std::uint32_t{1} << 30; bit != 0; bit >>= 2) {
    if (value >= root + bit) {
      value -= root + bit;
      root = (root >> 1) + bit;
    } else {
      root >>= 1;
    }
  }
  return root;
}

}  // namespace touchstone::biometrics
