// A place to rest. Freestanding.
//
// A power of 2048 bits takes a slow processor seconds. Who computes it on a stack of its own may leave it between two
// windows and come back later: what is computed and how long it takes do not change. Which windows those are depends on
// lengths alone, never on values.
#pragma once

#include <cstdint>

namespace touchstone::bignum {

class PausePoint {
 public:
  virtual ~PausePoint() = default;
  /// Called after every window of a power; returns when the power may go on. `cost`: of the window, in products of
  /// 32-bit limbs, roughly.
  virtual void pause(std::uint32_t cost) = 0;
};

/// Null: nobody rests. One for the program: whoever sets it computes nothing else meanwhile, and takes it back before
/// others compute.
inline PausePoint* pause_point = nullptr;

inline void may_pause(std::uint32_t cost) {
  if (pause_point != nullptr) pause_point->pause(cost);
}

}  // namespace touchstone::bignum
