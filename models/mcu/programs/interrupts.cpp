// Works while a timer interrupts it at odd times, then sleeps between interrupts; notes when each one came. What it prints
// and its counters must not depend on how the simulator slices time.
#include "bare.h"

namespace {

constexpr int kInterrupts = 200;
volatile int count = 0;
volatile std::uint32_t hash = 1;
std::uint64_t next = 5000;

void note(std::uint32_t value) { hash = (hash ^ value) * 16777619u; }

}  // namespace

extern "C" [[gnu::interrupt("machine")]] void on_trap() {
  std::uint32_t cause, epc, cycles, instructions;
  asm volatile("csrr %0, mcause" : "=r"(cause));
  asm volatile("csrr %0, mepc" : "=r"(epc));
  asm volatile("csrr %0, mcycle" : "=r"(cycles));
  asm volatile("csrr %0, minstret" : "=r"(instructions));
  note(cause);
  note(epc);
  note(cycles);
  note(instructions);
  if (cause != 0x80000007) {  // the illegal instruction below: step over it
    asm volatile("csrw mepc, %0" ::"r"(epc + 4));
    return;
  }
  count = count + 1;
  if (count % 50 == 0) bare::mark(hash);
  next += 777 + (hash & 8191);
  bare::set_timer(next);
}

int main() {
  asm volatile("csrw mtvec, %0" ::"r"(&on_trap));
  asm volatile("csrw mie, %0" ::"r"(1 << 7));
  bare::set_timer(next);
  asm volatile("csrsi mstatus, 8");
  std::uint32_t busy = 1;
  while (count < kInterrupts / 2) busy = busy * 1664525 + 1013904223 + busy / 7;
  asm volatile(".word 0xFFFFFFFF");
  while (count < kInterrupts) {
    asm volatile("wfi");
    note(static_cast<std::uint32_t>(bare::now_cycles()));
  }
  asm volatile("csrci mstatus, 8");
  note(busy);
  bare::put_hex(hash);
  bare::put('\n');
  return 0;
}
