#include "metrics/error_rates.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace touchstone::metrics {
namespace {

std::vector<float> sorted(const std::vector<Comparison>& comparisons, std::uint64_t& failures) {
  std::vector<float> out;
  out.reserve(comparisons.size());
  for (const Comparison& c : comparisons) {
    TS_CHECK(!std::isnan(c.score), "a score is not a number");
    if (!c.failed()) out.push_back(c.score);
  }
  failures = comparisons.size() - out.size();
  std::sort(out.begin(), out.end(), std::greater<>());
  return out;
}

std::uint64_t accepted(const std::vector<float>& descending, double threshold) {
  const auto end = std::partition_point(descending.begin(), descending.end(), [&](float s) { return s >= threshold; });
  return static_cast<std::uint64_t>(end - descending.begin());
}

double fraction(std::uint64_t part, std::size_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

ErrorRates::ErrorRates(const ScoreSet& scores)
    : genuine_(sorted(scores.genuine, genuine_failures_)), impostor_(sorted(scores.impostor, impostor_failures_)) {}

Rate ErrorRates::fmr(double threshold) const { return {accepted(impostor_, threshold), impostor_.size()}; }

Rate ErrorRates::fnmr(double threshold) const { return {genuine_.size() - accepted(genuine_, threshold), genuine_.size()}; }

Rate ErrorRates::gfar(double threshold) const {
  return {accepted(impostor_, threshold), impostor_.size() + impostor_failures_};
}

Rate ErrorRates::gfrr(double threshold) const {
  const std::uint64_t all = genuine_.size() + genuine_failures_;
  return {all - accepted(genuine_, threshold), all};
}

double ErrorRates::threshold_for_fmr(double asked) const {
  // The largest number of impostors that may pass; the score of the next one must not.
  double allowed = std::floor(asked * static_cast<double>(impostor_.size()));
  if ((allowed + 1) / static_cast<double>(impostor_.size()) <= asked) ++allowed;  // 0.01 * 300 may round to below 3
  if (allowed >= static_cast<double>(impostor_.size())) {  // whatever comes passes: the least score there is
    double least = std::numeric_limits<double>::infinity();
    if (!genuine_.empty()) least = genuine_.back();
    if (!impostor_.empty()) least = std::min(least, static_cast<double>(impostor_.back()));
    return least;
  }
  const double barred = impostor_[static_cast<std::size_t>(allowed)];
  double out = std::numeric_limits<double>::infinity();
  for (const std::vector<float>* scores : {&genuine_, &impostor_}) {
    const auto end = std::partition_point(scores->begin(), scores->end(), [&](float s) { return s > barred; });
    if (end != scores->begin()) out = std::min(out, static_cast<double>(*(end - 1)));
  }
  return out;
}

std::optional<ErrorRates::Crossing> ErrorRates::crossing() const {
  if (genuine_.empty() || impostor_.empty()) return std::nullopt;
  // Thresholds fall from "accept nothing"; the first at which FMR >= FNMR and the one before it hold the crossing.
  double above_sum = 1;
  double above_threshold = std::numeric_limits<double>::infinity();
  std::size_t g = 0;
  std::size_t i = 0;
  for (;;) {
    const float threshold = std::max(g < genuine_.size() ? genuine_[g] : kFailure, i < impostor_.size() ? impostor_[i] : kFailure);
    while (g < genuine_.size() && genuine_[g] == threshold) ++g;
    while (i < impostor_.size() && impostor_[i] == threshold) ++i;
    const double fnmr = fraction(genuine_.size() - g, genuine_.size());
    const double fmr = fraction(i, impostor_.size());
    const double sum = fnmr + fmr;
    if (fmr == fnmr) return Crossing{fmr, threshold};
    if (fmr > fnmr) return sum <= above_sum ? Crossing{sum / 2, threshold} : Crossing{above_sum / 2, above_threshold};
    above_sum = sum;
    above_threshold = threshold;
  }
}

std::optional<double> ErrorRates::eer() const {
  const auto found = crossing();
  return found ? std::optional(found->eer) : std::nullopt;
}

double ErrorRates::eer_threshold() const {
  const auto found = crossing();
  return found ? found->threshold : std::numeric_limits<double>::infinity();
}

std::vector<DetPoint> ErrorRates::det(std::size_t most) const {
  TS_CHECK(most >= 2, "a curve has two ends");
  if (genuine_.empty() || impostor_.empty()) return {};
  std::vector<DetPoint> all;
  std::size_t g = 0;
  std::size_t i = 0;
  all.push_back({std::numeric_limits<double>::infinity(), 0, 1});
  while (g < genuine_.size() || i < impostor_.size()) {
    const float threshold = std::max(g < genuine_.size() ? genuine_[g] : kFailure, i < impostor_.size() ? impostor_[i] : kFailure);
    while (g < genuine_.size() && genuine_[g] == threshold) ++g;
    while (i < impostor_.size() && impostor_[i] == threshold) ++i;
    const DetPoint point{threshold, fraction(i, impostor_.size()), fraction(genuine_.size() - g, genuine_.size())};
    // Only corners: of a run in which one rate stands still, the first and the last point draw the same line.
    if (all.size() >= 2) {
      const DetPoint& a = all[all.size() - 2];
      DetPoint& b = all.back();
      if ((a.fmr == b.fmr && b.fmr == point.fmr) || (a.fnmr == b.fnmr && b.fnmr == point.fnmr)) {
        b = point;
        continue;
      }
    }
    all.push_back(point);
  }
  std::reverse(all.begin(), all.end());  // thresholds rise
  if (all.size() <= most) return all;
  // Thin out by equal steps of both rates on a logarithmic scale would need libm: every n-th point, but all of the rare end.
  const std::size_t kept_tail = most / 2;
  std::vector<DetPoint> out;
  const std::size_t head = all.size() - kept_tail;
  const std::size_t head_points = most - kept_tail;
  for (std::size_t p = 0; p < head_points; ++p) out.push_back(all[p * head / head_points]);
  out.insert(out.end(), all.end() - static_cast<std::ptrdiff_t>(kept_tail), all.end());
  return out;
}

}  // namespace touchstone::metrics
