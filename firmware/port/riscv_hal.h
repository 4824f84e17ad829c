// RiscvHal: the Hal of the card itself, as machine mode has it.
#pragma once

#include "contract/registers.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class RiscvHal : public Hal {
 public:
  // The compiler must have written buffers before a register that starts a DMA, and must read them after one that ends it.
  std::uint32_t read32(std::uint32_t address) override {
    const std::uint32_t value = *reinterpret_cast<volatile std::uint32_t*>(address);
    barrier();
    return value;
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    barrier();
    *reinterpret_cast<volatile std::uint32_t*>(address) = value;
  }
  std::uint32_t bus_address(const void* buffer) override { return reinterpret_cast<std::uint32_t>(buffer); }
  void wait_for_interrupt() override { asm volatile("wfi" ::: "memory"); }
  std::uint64_t now_cycles() override {
    namespace t = contract::timer;
    for (;;) {
      const std::uint32_t high = read32(t::kBase + t::kMtimeHi);
      const std::uint32_t low = read32(t::kBase + t::kMtimeLo);
      if (read32(t::kBase + t::kMtimeHi) == high) return std::uint64_t{high} << 32 | low;
    }
  }

 private:
  static void barrier() { asm volatile("" ::: "memory"); }
};

}  // namespace touchstone::firmware
