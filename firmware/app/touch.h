// The user's gestures: what a finger on the sensor means before any image is taken. Freestanding.
#pragma once

#include <cstdint>

#include "drivers/devices.h"

namespace touchstone::firmware {

inline constexpr std::uint64_t kTapMax_cycles = 600 * kCyclesPerMs;   ///< shorter is a tap
inline constexpr std::uint64_t kHoldMin_cycles = 700 * kCyclesPerMs;  ///< this long is a hold, the finger still down
/// A finger that has just arrived is still rolling down; the image is better a little later.
inline constexpr std::uint64_t kSettle_cycles = 150 * kCyclesPerMs;
inline constexpr std::uint64_t kPoll_cycles = 15 * kCyclesPerMs;      ///< how often a finger's presence is asked

enum class Gesture : std::uint8_t {
  kTap,      ///< lifted within kTapMax
  kBetween,  ///< lifted between kTapMax and kHoldMin: neither
  kHold,     ///< held for kHoldMin and still there
};

/// How to wait: keeps radio and display going and sleeps until something happens or `deadline_cycles`.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Errors: kAborted when what is waited for has lost its point (the link is gone).
  virtual Status wait(std::uint64_t deadline_cycles) = 0;
};

class TouchReader {
 public:
  TouchReader(Clock& clock, TouchSensor& sensor, Waiter& waiter) : clock_(clock), sensor_(sensor), waiter_(waiter) {}

  /// Sleeps until a finger comes. Errors: kTimeout after `timeout_cycles`, kAborted, kDevice.
  Status wait_touch(std::uint64_t timeout_cycles);
  /// The same for a touch that has its whole life before it: a finger that lies there already must leave first, and one
  /// that comes before `not_before_cycles` counts for nothing. Errors: as wait_touch() and wait_lift().
  Status wait_new_touch(std::uint64_t not_before_cycles, std::uint64_t timeout_cycles);
  /// After a wait for a touch: what the finger does. Errors: kAborted, kDevice.
  Result<Gesture> read_gesture();
  /// Until no finger lies on the sensor. Errors: kTimeout, kAborted, kDevice.
  Status wait_lift(std::uint64_t timeout_cycles);
  /// Lets `cycles` pass. Errors: kAborted.
  Status pause(std::uint64_t cycles);

 private:
  Clock& clock_;
  TouchSensor& sensor_;
  Waiter& waiter_;
  std::uint64_t touched_cycles_ = 0;
};

}  // namespace touchstone::firmware
