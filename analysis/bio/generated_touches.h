// Touches of generated fingers, from several threads.
#pragma once

#include <cstdint>
#include <functional>

#include "bio/crop.h"
#include "prints/impression.h"

namespace touchstone::bio {

struct GeneratedTouch {
  const prints::Finger& owner;
  const prints::Conditions& conditions;
  const prints::SensorUnit& unit;
  prints::SensorKind kind;
  int finger = 0;
  int impression = 0;
  Print print;
};

/// `touch` is called for every impression of every finger of this seed, from `threads` threads at once. The kind of sensor is
/// drawn by finger.
void generate_touches(const prints::Population& population, std::uint64_t seed, int fingers, int impressions, int threads,
                      const std::function<void(const GeneratedTouch&)>& touch);

}  // namespace touchstone::bio
