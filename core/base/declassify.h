// Where a secret ends: what is declassified may be branched on or sent, although secrets went into it. Says so to the check of
// constant time (tests/constant_time), which runs the code with its secrets marked as undefined; costs nothing elsewhere.
#pragma once

#ifdef TOUCHSTONE_CHECKS_CONSTANT_TIME
#include <valgrind/memcheck.h>
#endif

namespace touchstone {

/// The same value, public from here on.
template <typename T>
T declassify(T value) {
#ifdef TOUCHSTONE_CHECKS_CONSTANT_TIME
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
#endif
  return value;
}

}  // namespace touchstone
