// Virtual time in whole nanoseconds, as events carry it.
#pragma once

#include <systemc.h>

#include <cstdint>

namespace touchstone::models {

/// Rounds down. Exact integers: sc_time counts picoseconds (SystemC's default resolution, which nobody here changes).
inline std::int64_t to_ns(sc_core::sc_time time) { return static_cast<std::int64_t>(time.value() / 1000); }

}  // namespace touchstone::models
