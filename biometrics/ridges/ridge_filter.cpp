#include "ridges/ridge_filter.h"

#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr double kAlong = 2.6;  // standard deviation along the ridge, samples: bridges a pore, bends with the ridge
// Across the ridge: about 0.45 of the period passes a fifth more or less than the filter's own.
constexpr std::array<double, kFilterPeriods> kAcross = {1.5, 1.65, 1.9, 2.1, 2.3};
constexpr double kEnergy = 300;

// For x >= 0; error below 1e-9.
constexpr double exponential_of_minus(double x) {
  const double t = -x / 64;
  double sum = 1;
  double term = 1;
  for (int n = 1; n <= 12; ++n) {
    term *= t / n;
    sum += term;
  }
  for (int i = 0; i < 6; ++i) sum *= sum;
  return sum;
}

constexpr double square_root_of(double x) {
  double root = x > 1 ? x : 1;
  for (int i = 0; i < 60; ++i) root = 0.5 * (root + x / root);
  return root;
}

constexpr double wrapped(double x) {
  while (x > detail::kPi) x -= 2 * detail::kPi;
  while (x < -detail::kPi) x += 2 * detail::kPi;
  return x;
}

constexpr std::int32_t rounded(double x) { return static_cast<std::int32_t>(x < 0 ? x - 0.5 : x + 0.5); }

constexpr RidgeFilter make_filter(double period, double across_deviation, int orientation) {
  const double theta = detail::kPi * orientation / kFilterOrientations;
  const double along_x = detail::cosine_of(theta);
  const double along_y = detail::sine_of(theta);
  std::array<double, kFilterPairs> window{};
  std::array<double, kFilterPairs> even{};
  std::array<double, kFilterPairs> odd{};
  double window_sum = 1;  // the centre's
  double even_sum = 1;
  double energy = 0;
  std::size_t i = 0;
  for (int y = -kFilterRadius; y <= 0; ++y) {
    for (int x = -kFilterRadius; x <= kFilterRadius && i < kFilterPairs; ++x, ++i) {
      const double across = -x * along_y + y * along_x;
      const double along = x * along_x + y * along_y;
      const double phase = wrapped(2 * detail::kPi * across / period);
      window[i] = exponential_of_minus(across * across / (2 * across_deviation * across_deviation) +
                                       along * along / (2 * kAlong * kAlong));
      even[i] = window[i] * detail::cosine_of(phase);
      odd[i] = window[i] * detail::sine_of(phase);
      window_sum += 2 * window[i];
      even_sum += 2 * even[i];
      energy += 2 * odd[i] * odd[i];
    }
  }
  const double gain = kEnergy / square_root_of(energy);
  RidgeFilter filter{};
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < kFilterPairs; ++k) {
    filter.even[k] = static_cast<std::int8_t>(rounded(gain * (even[k] - window[k] * even_sum / window_sum)));
    filter.odd[k] = static_cast<std::int8_t>(rounded(gain * odd[k]));
    sum += 2 * filter.even[k];
  }
  filter.even_centre = static_cast<std::int16_t>(-sum);
  return filter;
}

constexpr auto make_bank() {
  std::array<std::array<RidgeFilter, kFilterOrientations>, kFilterPeriods> bank{};
  for (std::size_t p = 0; p < kFilterPeriods; ++p) {
    for (std::size_t o = 0; o < kFilterOrientations; ++o) {
      bank[p][o] = make_filter(kFilterPeriod[p], kAcross[p], static_cast<int>(o));
    }
  }
  return bank;
}

}  // namespace

constinit const std::array<std::array<RidgeFilter, kFilterOrientations>, kFilterPeriods> kRidgeFilters = make_bank();

}  // namespace touchstone::biometrics
