// An evaluation as one page that needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "bio/evaluation.h"
#include "tools/text_table.h"

namespace touchstone::bio {

/// What a report says of its making, in order.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// What every page begins and ends with: style and title, the facts, pictures with their numbers under them as CSV.
std::string page_begin(const std::string& title, const Facts& facts);
std::string page_table(const tools::Cells& cells);  ///< the first row is the head
std::string page_end(const std::vector<std::pair<std::string, tools::Chart>>& charts);

/// HTML with its style and pictures inside; each picture's numbers stand under it as CSV.
std::string to_page(const Facts& facts, const Evaluation& evaluation);

}  // namespace touchstone::bio
