#include "metrics/scores.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone::metrics {
namespace {

std::vector<Comparison> take(const std::vector<Comparison>& attempts, int tries) {
  std::vector<Comparison> out;
  Comparison open;
  int held = 0;
  for (const Comparison& attempt : attempts) {
    const bool same = held > 0 && attempt.reference == open.reference && attempt.probe_finger == open.probe_finger;
    if (!same) {
      open = attempt;
      held = 1;
    } else {
      open.score = std::max(open.score, attempt.score);
      ++held;
    }
    if (held == tries) {
      out.push_back(open);
      held = 0;
    }
  }
  return out;
}

}  // namespace

std::size_t ScoreSet::impostor_finger_pairs() const {
  std::vector<std::uint64_t> pairs;
  pairs.reserve(impostor.size());
  for (const Comparison& c : impostor) {
    const auto [low, high] = std::minmax(c.reference_finger, c.probe_finger);
    const std::uint64_t pair = std::uint64_t{low} << 32 | high;
    if (pairs.empty() || pairs.back() != pair) pairs.push_back(pair);
  }
  std::sort(pairs.begin(), pairs.end());
  return static_cast<std::size_t>(std::unique(pairs.begin(), pairs.end()) - pairs.begin());
}

ScoreSet transactions(const ScoreSet& comparisons, int tries) {
  TS_CHECK(tries >= 1, "a transaction has at least one attempt");
  return {comparisons.stratum, take(comparisons.genuine, tries), take(comparisons.impostor, tries)};
}

}  // namespace touchstone::metrics
