// The host's calendar, for lines a person keeps. Host only; a simulated run never asks it.
#pragma once

#include <string>

namespace touchstone {

/// Today in UTC: "2026-11-23".
std::string utc_date();

}  // namespace touchstone
