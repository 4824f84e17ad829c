// touchstone bio codes: what the codes cost on the card's processor. What they can do on vectors drawn from a model: codes.cpp.
#pragma once

#include <string>

namespace touchstone::bio {

/// Runs guest/codes.cpp on the MCU model, prints cycles, stack and work areas, and writes them to `json` unless that is empty. 0, or 1 if
/// a secret takes longer than its goal. Throws std::runtime_error if the program is not built or fails.
int measure_codes_on_card(const std::string& json);

}  // namespace touchstone::bio
