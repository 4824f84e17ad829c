#include "metrics/codes.h"

#include <algorithm>
#include <cmath>

namespace touchstone::metrics {

void BitErrorHistogram::add(double fraction) {
  ++bins_[std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0, fraction * kBins)))];
  ++count_;
  sum_ += fraction;
  squares_ += fraction * fraction;
}

double BitErrorHistogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

double BitErrorHistogram::variance() const {
  if (count_ == 0) return 0;
  return std::max(0.0, squares_ / static_cast<double>(count_) - mean() * mean());
}

double BitErrorHistogram::degrees_of_freedom() const {
  const double v = variance();
  return v <= 0 ? 0 : mean() * (1 - mean()) / v;
}

Bits bits(const Rate& fmr, const Interval& interval_95, double lamb_p95, std::uint64_t tries_a_finger) {
  const double upper = fmr.errors == 0 ? std::max(interval_95.high, fmr.rule_of_3()) : interval_95.high;
  const double weak = lamb_p95 > 0 ? lamb_p95 : Rate{0, tries_a_finger}.rule_of_3();
  return {0.0 - std::log2(std::min(1.0, upper)), 0.0 - std::log2(std::min(1.0, weak))};  // none is 0, not -0
}

}  // namespace touchstone::metrics
