// Where a result comes from.
#pragma once

#include <string>

namespace touchstone::sim {

extern const char* const kGitRevision;  ///< of the tree the program was built from; "-dirty" when it had changes
std::string machine_name();             ///< architecture and kernel, e.g. "x86_64 Linux 6.1.0"

}  // namespace touchstone::sim
