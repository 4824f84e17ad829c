// The operating system's random generator, for real secrets. Host only; a simulated run never calls it.
#pragma once

#include "base/bytes.h"

namespace touchstone {

/// Fills `out` with bytes fit for keys (getrandom(2)); blocks until the system has collected enough once after boot.
void fill_from_system(MutableBytes out);

}  // namespace touchstone
