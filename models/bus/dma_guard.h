// DmaGuard: a bus master's way to the bus that ends at a window. DMA does not pass the processor's memory protection, so a
// controller that untrusted code programs is held to the memory of that code.
#pragma once

#include <cstdint>

#include "bus/ports.h"

namespace touchstone::models {

/// [base, end) in bus addresses; empty when closed.
struct DmaWindow {
  std::uint32_t base = 0, end = 0;
  bool holds(std::uint32_t address, std::size_t size_bytes) const {
    return address >= base && address <= end && size_bytes <= end - address;
  }
};

class DmaGuard : public DmaPort {
 public:
  /// Both outlive the guard; `window` may change at any time.
  DmaGuard(DmaPort& bus, const DmaWindow& window) : bus_(bus), window_(window) {}
  bool read(std::uint32_t address, MutableBytes out) override {
    return window_.holds(address, out.size()) && bus_.read(address, out);
  }
  bool write(std::uint32_t address, Bytes in) override {
    return window_.holds(address, in.size()) && bus_.write(address, in);
  }

 private:
  DmaPort& bus_;
  const DmaWindow& window_;
};

}  // namespace touchstone::models
