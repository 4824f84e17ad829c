// Campaigns: many tries of one scenario over a set of real prints, on the whole card. Each finger is enrolled once; every
// try is a fork of that very machine. Resumable: a case that stands in cases.jsonl is not run again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace touchstone::sim {

struct Campaign {
  std::string file, name, title;
  Scenario scenario;        ///< its steps are played by the tested finger
  std::string image;        ///< path with {finger} and {impression}
  int first_finger = 0, last_finger = 0, impressions = 0, enrolled_impressions = 0;
};

/// Throws InputError.
Campaign load_campaign(const std::string& file);

struct Rate {
  std::uint64_t hits = 0, tries = 0;
  double value() const { return tries == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(tries); }
};
/// Clopper-Pearson interval at 95 %: exact for independent tries; tries of the same finger are not, so it is a lower bound
/// on the true uncertainty.
std::pair<double, double> interval95(const Rate& rate);

/// `touchstone campaign run FILE [--seed N] [--out DIR] [--json FILE]`.
int campaign_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::sim
