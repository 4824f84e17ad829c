#include "metrics/per_finger.h"

#include <algorithm>

namespace touchstone::metrics {

PerFinger per_finger(const ScoreSet& scores, double threshold) {
  PerFinger out;
  out.goat.resize(scores.fingers());
  out.lamb.resize(scores.fingers());
  out.wolf.resize(scores.fingers());
  for (const Comparison& c : scores.genuine) {
    if (c.failed()) continue;
    Rate& goat = out.goat[c.reference_finger];
    ++goat.tries;
    goat.errors += c.score >= threshold ? 0 : 1;
  }
  for (const Comparison& c : scores.impostor) {
    if (c.failed()) continue;
    for (Rate* rate : {&out.lamb[c.reference_finger], &out.wolf[c.probe_finger]}) {
      ++rate->tries;
      rate->errors += c.score >= threshold ? 1 : 0;
    }
  }
  return out;
}

Spread spread(const std::vector<Rate>& rates) {
  std::vector<double> values;
  for (const Rate& r : rates) {
    if (r.tries > 0) values.push_back(r.value());
  }
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  Spread out;
  out.fingers = values.size();
  out.max = values.back();
  out.p95 = values[(95 * values.size() + 99) / 100 - 1];  // nearest rank
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  double ranked = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    ranked += (2 * static_cast<double>(i + 1) - n - 1) * values[i];
  }
  out.gini = sum == 0 ? 0 : ranked / (n * sum);
  return out;
}

}  // namespace touchstone::metrics
