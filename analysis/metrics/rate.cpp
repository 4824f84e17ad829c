#include "metrics/rate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace touchstone::metrics {

std::string percent(double fraction) {
  const double value = 100 * fraction;
  const int decimals = value >= 9.995 || value == 0 ? 1 : value >= 0.9995 ? 2 : value >= 0.0995 ? 3 : 4;
  char text[40];
  std::snprintf(text, sizeof text, "%.*f %%", decimals, value);
  return text;
}

std::string to_text(const Rate& rate) {
  if (rate.tries == 0) return "-";
  if (rate.errors > 0) return percent(rate.value());
  return "< 3/" + std::to_string(rate.tries) + " = " + percent(rate.rule_of_3());
}

Interval wilson(const Rate& rate) {
  if (rate.tries == 0) return {0, 1};
  const double z = 1.959964;
  const auto n = static_cast<double>(rate.tries);
  const double centre = rate.value() + z * z / (2 * n);
  const double half = z * std::sqrt(rate.value() * (1 - rate.value()) / n + z * z / (4 * n * n));
  return {std::max(0.0, (centre - half) / (1 + z * z / n)), std::min(1.0, (centre + half) / (1 + z * z / n))};
}

}  // namespace touchstone::metrics
