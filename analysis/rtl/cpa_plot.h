// The picture of a correlation attack: the hypotheses of one digit over the number of traces.
#pragma once

#include <string>
#include <vector>

#include "cpa.h"

namespace touchstone::rtl_tools {

struct CpaPanel {
  std::string title;
  const CpaResult* result;
};
/// An SVG document: the last digit attacked, one panel a core, side by side.
std::string plot(const std::vector<CpaPanel>& panels);

}  // namespace touchstone::rtl_tools
