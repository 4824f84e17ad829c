// The picture of an assessment: |t| over cycles, with the microcode block of every cycle under it.
#pragma once

#include <string>

#include "tvla.h"

namespace touchstone::rtl_tools {

/// A stretch of cycles in one block (all turns of a loop together).
struct Stretch {
  const char* block;
  bool counts;
  std::size_t first, cycles;
};
std::vector<Stretch> stretches(const std::vector<PointInfo>& points);

/// An SVG document.
std::string plot(const std::string& title, const Verdict& verdict, const std::vector<PointInfo>& points);

}  // namespace touchstone::rtl_tools
