// Running SystemC from test code that stands outside every process.
#pragma once

#include <systemc.h>

namespace touchstone::test {

/// Lets everything happen that is due at the current time.
inline void settle() {
  while (sc_core::sc_time_to_pending_activity() == sc_core::SC_ZERO_TIME) sc_core::sc_start(sc_core::SC_ZERO_TIME);
}
/// Lets `duration` pass, including what happens at its very end (sc_start alone stops before that).
inline void advance(sc_core::sc_time duration) {
  sc_core::sc_start(duration);
  settle();
}
inline void advance_us(double us) { advance(sc_core::sc_time(us, sc_core::SC_US)); }

}  // namespace touchstone::test
