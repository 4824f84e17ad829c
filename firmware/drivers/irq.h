// Interrupt lines as wake-up sources. Interrupts are never taken (mstatus.MIE stays 0): an enabled line only ends WFI, and
// whoever waits reads the level. That leaves nothing to race with. Freestanding.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "contract/registers.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

constexpr std::uint32_t irq_bit(contract::Irq line) { return std::uint32_t{1} << static_cast<std::uint32_t>(line); }

/// Sets the timer compare; kNever disarms it. Write order of the contract: no false wake-up in between.
void set_timer_compare(Hal& hal, std::uint64_t deadline_cycles);

/// While it lives, only the lines of `mask` can wake the core; then the former ones again.
class WakeMask {
 public:
  WakeMask(Hal& hal, std::uint32_t mask);
  ~WakeMask();
  WakeMask(const WakeMask&) = delete;
  WakeMask& operator=(const WakeMask&) = delete;

 private:
  Hal& hal_;
  std::uint32_t former_;
};

/// Sleeps until `line` is up. Errors: kDevice after `timeout_cycles`.
Status wait_for_line(Hal& hal, contract::Irq line, std::uint64_t timeout_cycles);

}  // namespace touchstone::firmware
