// Timer: the card's clock and its sleep. Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class Timer : public Clock {
 public:
  /// `wake_lines`: interrupt lines that end a sleep (irq_bit). Enables exactly these.
  Timer(Hal& hal, std::uint32_t wake_lines);
  std::uint64_t now_cycles() override { return hal_.now_cycles(); }
  void sleep_until(std::uint64_t deadline_cycles) override;

 private:
  Hal& hal_;
};

}  // namespace touchstone::firmware
