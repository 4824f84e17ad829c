// Running this very program again - SystemC elaborates once a process - and finding processes by their parent.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace touchstone::sim {

/// Runs /proc/self/exe with these arguments and waits; returns its exit code (128 + signal if killed).
int run_self(const std::vector<std::string>& arguments);

/// The processes whose parent is `parent`, those that ended and wait to be reaped among them.
std::vector<pid_t> children_of(pid_t parent);

}  // namespace touchstone::sim
