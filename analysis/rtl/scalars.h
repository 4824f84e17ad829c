// Scalars that reach every corner of the accelerator.
#pragma once

#include <vector>

#include "core.h"

namespace touchstone::rtl_tools {

/// 0, 1, 2, 3, around the order and its half, 2^256 - 1, lambda and its negative, single bits, runs of ones.
std::vector<Number> edge_scalars();

}  // namespace touchstone::rtl_tools
