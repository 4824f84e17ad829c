#include "app/touch.h"

namespace touchstone::firmware {

Status TouchReader::wait_touch(std::uint64_t timeout_cycles) {
  TS_RETURN_IF_ERROR(sensor_.arm_touch());
  const std::uint64_t deadline = clock_.now_cycles() + timeout_cycles;
  for (;;) {
    const auto touched = sensor_.touched();
    TS_RETURN_IF_ERROR(touched);
    touched_cycles_ = clock_.now_cycles();
    if (*touched) return {};
    if (touched_cycles_ >= deadline) return Error{ErrorCode::kTimeout, "no touch"};
    TS_RETURN_IF_ERROR(waiter_.wait(deadline));
  }
}

Status TouchReader::wait_new_touch(std::uint64_t not_before_cycles, std::uint64_t timeout_cycles) {
  for (;;) {
    TS_RETURN_IF_ERROR(wait_lift(timeout_cycles));
    TS_RETURN_IF_ERROR(wait_touch(timeout_cycles));
    if (touched_cycles_ >= not_before_cycles) return {};
  }
}

Result<Gesture> TouchReader::read_gesture() {
  for (;;) {
    const auto present = sensor_.finger_present();
    TS_RETURN_IF_ERROR(present);
    const std::uint64_t down_cycles = clock_.now_cycles() - touched_cycles_;
    if (!*present) return down_cycles < kTapMax_cycles ? Gesture::kTap : Gesture::kBetween;
    if (down_cycles >= kHoldMin_cycles) return Gesture::kHold;
    TS_RETURN_IF_ERROR(pause(kPoll_cycles));
  }
}

Status TouchReader::wait_lift(std::uint64_t timeout_cycles) {
  const std::uint64_t deadline = clock_.now_cycles() + timeout_cycles;
  for (;;) {
    const auto present = sensor_.finger_present();
    TS_RETURN_IF_ERROR(present);
    if (!*present) return {};
    if (clock_.now_cycles() >= deadline) return Error{ErrorCode::kTimeout, "the finger stays"};
    TS_RETURN_IF_ERROR(pause(kPoll_cycles));
  }
}

Status TouchReader::pause(std::uint64_t cycles) {
  const std::uint64_t deadline = clock_.now_cycles() + cycles;
  while (clock_.now_cycles() < deadline) TS_RETURN_IF_ERROR(waiter_.wait(deadline));
  return {};
}

}  // namespace touchstone::firmware
