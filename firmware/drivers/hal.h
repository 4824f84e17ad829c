// Hal: how drivers reach the hardware. The card's port is a handful of volatile accesses; host tests bind the very same
// drivers to the models. Freestanding.
#pragma once

#include <cstdint>

namespace touchstone::firmware {

class Hal {
 public:
  virtual ~Hal() = default;
  virtual std::uint32_t read32(std::uint32_t address) = 0;
  virtual void write32(std::uint32_t address, std::uint32_t value) = 0;
  /// Bus address of a buffer, for DMA registers.
  virtual std::uint32_t bus_address(const void* buffer) = 0;
  /// Sleeps until an enabled interrupt line (contract::Irq, intc.ENABLE) or the timer compare is up; returns at once if one is.
  virtual void wait_for_interrupt() = 0;
  /// Core clock cycles since reset (timer.MTIME).
  virtual std::uint64_t now_cycles() = 0;
};

}  // namespace touchstone::firmware
