// What there is to run: `touchstone list [DIR]` and `touchstone schema`.
#pragma once

#include <string>
#include <vector>

namespace touchstone::sim {

int list_main(const std::vector<std::string>& arguments);
/// JSON Schema (draft 2020-12) of a scenario, from the reader's own table. It describes structure, units and ranges of one
/// file; that events, fingers and files exist, and what a base must bring, only the reader knows.
std::string scenario_schema();

}  // namespace touchstone::sim
