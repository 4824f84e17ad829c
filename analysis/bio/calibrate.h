// The generator's measuring instrument: how hard generated and real prints are for the classical descriptor, and how alike
// they are. Each returns the exit code: 0 done, 2 wrong use or bad input.
#pragma once

namespace touchstone::bio {

/// calibrate --data DIR|synthetic [--fingers N] [--seed S] [--population FILE] [--threads N] [--crops N]
int calibrate_main(int argc, char** argv);

}  // namespace touchstone::bio
