// What a program alone on the MCU needs to speak with the test bench and its timer. Register addresses: the contract.
#pragma once

#include <cstdint>

#include "contract/registers.h"

namespace bare {

namespace contract = touchstone::contract;

inline volatile std::uint32_t& reg(std::uint32_t address) { return *reinterpret_cast<volatile std::uint32_t*>(address); }

inline void put(char character) { reg(contract::simctl::kBase + contract::simctl::kConsole) = static_cast<std::uint8_t>(character); }
inline void put(const char* text) {
  while (*text != 0) put(*text++);
}
inline void put_hex(std::uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}
inline void mark(std::uint32_t value) { reg(contract::simctl::kBase + contract::simctl::kMark) = value; }

/// Cycles since reset.
inline std::uint64_t now_cycles() {
  for (;;) {
    const std::uint32_t high = reg(contract::timer::kBase + contract::timer::kMtimeHi);
    const std::uint32_t low = reg(contract::timer::kBase + contract::timer::kMtimeLo);
    if (reg(contract::timer::kBase + contract::timer::kMtimeHi) == high) return std::uint64_t{high} << 32 | low;
  }
}
inline void set_timer(std::uint64_t cycles) {
  reg(contract::timer::kBase + contract::timer::kMtimecmpHi) = 0xFFFFFFFF;
  reg(contract::timer::kBase + contract::timer::kMtimecmpLo) = static_cast<std::uint32_t>(cycles);
  reg(contract::timer::kBase + contract::timer::kMtimecmpHi) = static_cast<std::uint32_t>(cycles >> 32);
}

}  // namespace bare
