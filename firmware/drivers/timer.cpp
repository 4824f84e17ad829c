#include "drivers/timer.h"

#include "drivers/irq.h"

namespace touchstone::firmware {

Timer::Timer(Hal& hal, std::uint32_t wake_lines) : hal_(hal) {
  hal_.write32(contract::intc::kBase + contract::intc::kEnable, wake_lines);
}

void Timer::sleep_until(std::uint64_t deadline_cycles) {
  if (hal_.now_cycles() >= deadline_cycles) return;
  set_timer_compare(hal_, deadline_cycles);
  hal_.wait_for_interrupt();
  set_timer_compare(hal_, kNever);
}

}  // namespace touchstone::firmware
