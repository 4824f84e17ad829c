// Running this very program again: SystemC elaborates once a process.
#pragma once

#include <string>
#include <vector>

namespace touchstone::sim {

/// Runs /proc/self/exe with these arguments and waits; returns its exit code (128 + signal if killed).
int run_self(const std::vector<std::string>& arguments);

}  // namespace touchstone::sim
