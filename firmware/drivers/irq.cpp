#include "drivers/irq.h"

#include "drivers/devices.h"

namespace touchstone::firmware {

void set_timer_compare(Hal& hal, std::uint64_t deadline_cycles) {
  namespace t = contract::timer;
  hal.write32(t::kBase + t::kMtimecmpHi, 0xFFFFFFFF);
  hal.write32(t::kBase + t::kMtimecmpLo, static_cast<std::uint32_t>(deadline_cycles));
  hal.write32(t::kBase + t::kMtimecmpHi, static_cast<std::uint32_t>(deadline_cycles >> 32));
}

WakeMask::WakeMask(Hal& hal, std::uint32_t mask)
    : hal_(hal), former_(hal.read32(contract::intc::kBase + contract::intc::kEnable)) {
  hal_.write32(contract::intc::kBase + contract::intc::kEnable, mask);
}

WakeMask::~WakeMask() { hal_.write32(contract::intc::kBase + contract::intc::kEnable, former_); }

Status wait_for_line(Hal& hal, contract::Irq line, std::uint64_t timeout_cycles) {
  const WakeMask mask(hal, irq_bit(line));
  const auto up = [&] {
    return (hal.read32(contract::intc::kBase + contract::intc::kLines) & irq_bit(line)) != 0;
  };
  if (up()) return {};
  const std::uint64_t deadline = hal.now_cycles() + timeout_cycles;
  set_timer_compare(hal, deadline);
  while (!up() && hal.now_cycles() < deadline) hal.wait_for_interrupt();
  set_timer_compare(hal, kNever);
  return up() ? Status{} : Status{Error{ErrorCode::kDevice, "a device does not answer"}};
}

}  // namespace touchstone::firmware
