// The generator's measuring instrument: how hard generated and real prints are for the classical descriptor, and how alike
// they are. Each returns the exit code: 0 done, 2 wrong use or bad input.
#pragma once

#include <string>
#include <vector>

#include "prints/population.h"

namespace touchstone::bio {

/// calibrate --data DIR|synthetic [--fingers N] [--seed S] [--population FILE] [--threads N] [--crops N]
int calibrate_main(const std::vector<std::string>& arguments);
/// lifelike [--data DIR] [--fingers N] [--seed S] [--population FILE] [--threads N]: a table, also of real prints under DIR
int lifelike_main(const std::vector<std::string>& arguments);

/// The built-in population where `file` is empty. Throws BadInput.
prints::Population read_population(const std::string& file);

}  // namespace touchstone::bio
