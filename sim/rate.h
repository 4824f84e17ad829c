// Observed rates and their confidence. A file of its own because it needs the mathematical library, which nothing that
// simulates may use (tests/determinism).
#pragma once

#include <cstdint>
#include <utility>

namespace touchstone::sim {

struct Rate {
  std::uint64_t hits = 0, tries = 0;
  double value() const { return tries == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(tries); }
};
/// Clopper-Pearson interval at 95 %: exact for independent tries; tries of the same finger are not, so it is a lower bound
/// on the true uncertainty.
std::pair<double, double> interval95(const Rate& rate);

}  // namespace touchstone::sim
