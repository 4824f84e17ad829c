// Campaigns: many tries of one scenario over a set of real prints, on the whole card. Each finger is enrolled once; every
// try is a fork of that very machine. Resumable: a case that stands in cases.jsonl is not run again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/rate.h"
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

/// `touchstone campaign run FILE [--seed N] [--out DIR] [--json FILE]`.
int campaign_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::sim
