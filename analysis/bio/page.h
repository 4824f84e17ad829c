// An evaluation as one page that needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "bio/evaluation.h"

namespace touchstone::bio {

/// What a report says of its making, in order.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// HTML with its style and pictures inside; each picture's numbers stand under it as CSV.
std::string to_page(const Facts& facts, const Evaluation& evaluation);

}  // namespace touchstone::bio
