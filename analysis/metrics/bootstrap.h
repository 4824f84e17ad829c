// 95 % intervals by the bootstrap over fingers: fingers are drawn with replacement within their stratum, a genuine comparison
// counts as often as its finger was drawn, an impostor comparison as often as both of its fingers together (the product of
// the two counts: the two-way bootstrap of comparisons that share fingers on either side; Owen 2007, "The pigeonhole
// bootstrap"; for biometrics Poh and Bengio 2007, Bolle, Ratha and Pankanti 2004). Percentile intervals. With 30 fingers
// they are somewhat too narrow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "metrics/rate.h"
#include "metrics/scores.h"

namespace touchstone::metrics {

struct BootstrapOptions {
  int replicates = 1000;
  std::uint64_t seed = 1;
};

struct Intervals {
  std::optional<Interval> eer;
  /// FNMR at each FMR of `asked`, the threshold being chosen anew in each replicate: holds the threshold's uncertainty too.
  std::vector<Interval> fnmr_at_fmr;
  /// FMR and FNMR, GFAR and GFRR at `threshold`. Without an error among the comparisons the upper end is the rule of 3.
  Interval fmr, fnmr, gfar, gfrr;
};

/// `asked`: FMRs from 0 to 1. `threshold`: the operating point. The same options give the same bytes.
Intervals bootstrap(const ScoreSet& scores, std::span<const double> asked, double threshold, const BootstrapOptions& options);

/// A rate whose tries belong to one finger each (failures to acquire, failures to enrol).
Interval bootstrap(std::span<const Rate> of_finger, std::span<const std::uint32_t> stratum, const BootstrapOptions& options);

}  // namespace touchstone::metrics
