// `touchstone replay RUN`: the run again, from nothing but its folder, and a comparison of the events.
#pragma once

#include <string>
#include <vector>

namespace touchstone::sim {

/// Returns 0 when the events are the same, 1 when not. Throws InputError for a folder that cannot be replayed: unreadable,
/// of another version, changed.
int replay_main(const std::vector<std::string>& arguments);

}  // namespace touchstone::sim
