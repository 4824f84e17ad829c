// What a program needs that runs both here and on QEMU's virt machine: output, end, timer, and a way to run a few instructions in
// a mode and learn how they trapped. The machine is told apart by marchid, which is 0 here and QEMU's version there.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "bare.h"

/// Runs `code`, which must end in a trap, in the mode of `mpp` (3 << 11: machine, 0: user) with a0 = argument. Returns mcause;
/// mtval and mepc are readable afterwards. oracle_run.S
extern "C" std::uint32_t oracle_run(std::uint32_t code, std::uint32_t mpp, std::uint32_t argument);

namespace oracle {

inline constexpr std::uint32_t kMachine = 3u << 11, kUser = 0;

#define TS_CSR_READ(name) ([] { std::uint32_t value; asm volatile("csrr %0, " #name : "=r"(value)); return value; }())
#define TS_CSR_WRITE(name, value) ([](std::uint32_t word) { asm volatile("csrw " #name ", %0" ::"r"(word)); }(value))

inline bool on_qemu() { return TS_CSR_READ(marchid) != 0; }

inline void put(char c) {
  if (on_qemu()) *reinterpret_cast<volatile std::uint8_t*>(0x10000000) = static_cast<std::uint8_t>(c);  // the UART's data register
  else bare::put(c);
}
inline void put(const char* text) {
  while (*text != 0) put(*text++);
}
inline void line(const char* name, std::uint32_t value) {
  put(name);
  put(' ');
  for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
  put('\n');
}
/// Ends the program on both machines.
inline int finish() {
  put("end\n");
  if (on_qemu()) bare::reg(0x00100000) = 0x5555;  // the test finisher: pass
  return 0;
}

/// A linear congruential generator; its high bits are used.
class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : state_(seed) {}
  std::uint32_t word() { return half() << 16 | half(); }
  std::uint32_t below(std::uint32_t bound) { return half() % bound; }

 private:
  std::uint32_t half() { return (state_ = state_ * 1664525 + 1013904223) >> 16; }
  std::uint32_t state_;
};

inline void mix(std::uint32_t& hash, std::uint32_t value) { hash = (hash ^ value) * 16777619u; }

}  // namespace oracle
