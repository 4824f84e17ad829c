// `touchstone play`: the live card in a terminal. The same world as every run, with a person's keys instead of steps.
#pragma once

#include <string>
#include <vector>

namespace touchstone::sim {

int play_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::sim
