// What a measured call costs on the card's processor, as a line on the console: a name, then numbers in hex.
// Freestanding.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

namespace touchstone::rtl_tools {

class Measure {
 public:
  explicit Measure(firmware::Hal& hal) : console_(hal) {}

  /// Prints the call's cycles, those of them in which the processor was awake, and its instructions. Below 2^32 each.
  template <typename Call>
  void operator()(std::string_view name, const Call& call) {
    const std::uint32_t begin = now(), awake = awake_cycles(), instructions = retired();
    call();
    const std::uint32_t instructions_after = retired(), awake_after = awake_cycles(), end = now();
    console_.print(name);
    number(end - begin);
    number(awake_after - awake);
    number(instructions_after - instructions);
  }
  void number(std::uint32_t value) {
    console_.print(" ");
    console_.print_hex(value);
  }
  /// A coordinate, word by word.
  void number(const ByteArray<32>& big_endian) {
    for (std::size_t i = 0; i < 32; i += 4) number(load_be32(&big_endian[i]));
  }
  void end_line() { console_.print("\n"); }
  void fail(std::string_view what) {
    console_.print(what);
    end_line();
    console_.exit(1);
  }

  /// Clock cycles, also those asleep.
  static std::uint32_t now() { return firmware::RiscvHal().read32(contract::timer::kBase + contract::timer::kMtimeLo); }

 private:
  static std::uint32_t awake_cycles() {
    std::uint32_t out;
    asm volatile("csrr %0, mcycle" : "=r"(out)::"memory");
    return out;
  }
  static std::uint32_t retired() {
    std::uint32_t out;
    asm volatile("csrr %0, minstret" : "=r"(out)::"memory");
    return out;
  }

  firmware::SimControl console_;
};

}  // namespace touchstone::rtl_tools
