// Rates of single fingers: who is rejected often (goats), whose record opens to others (lambs), who opens others' records
// (wolves). Names after Doddington, Liggett, Martin, Przybocki and Reynolds 1998.
#pragma once

#include <vector>

#include "metrics/rate.h"
#include "metrics/scores.h"

namespace touchstone::metrics {

struct PerFinger {
  std::vector<Rate> goat;  ///< of each finger: its genuine comparisons rejected
  std::vector<Rate> lamb;  ///< impostor comparisons against its references accepted
  std::vector<Rate> wolf;  ///< impostor comparisons with its probes accepted
};
PerFinger per_finger(const ScoreSet& scores, double threshold);

struct Spread {
  double p95 = 0;   ///< the least value that 95 % of the fingers do not exceed
  double max = 0;
  double gini = 0;  ///< 0: all fingers alike, towards 1: a few make all the errors; 0 without errors
  std::size_t fingers = 0;
};
/// Over the fingers that have tries.
Spread spread(const std::vector<Rate>& rates);

}  // namespace touchstone::metrics
