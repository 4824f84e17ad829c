// A SHA-256 chain and a timer that interrupts it twenty times; prints what does not depend on when the interrupts came.
#include "oracle.h"
#include "sha256_chain.h"

namespace {

volatile std::uint32_t interrupts = 0, causes = 0;

// Ticks from now: the CLINT of the virt machine, the timer here.
void arm(std::uint32_t ticks) {
  if (!oracle::on_qemu()) return bare::set_timer(bare::now_cycles() + ticks);
  const std::uint64_t due = (std::uint64_t{bare::reg(0x0200BFFC)} << 32 | bare::reg(0x0200BFF8)) + ticks;
  bare::reg(0x02004004) = ~0u;
  bare::reg(0x02004000) = static_cast<std::uint32_t>(due);
  bare::reg(0x02004004) = static_cast<std::uint32_t>(due >> 32);
}

}  // namespace

extern "C" [[gnu::interrupt("machine")]] void on_trap() {
  interrupts = interrupts + 1;
  causes = causes | TS_CSR_READ(mcause);
  if (interrupts < 20) arm(1000);
  else TS_CSR_WRITE(mie, 0);
}

int main() {
  oracle::line("chain of 500", load::sha256_chain(500));
  TS_CSR_WRITE(mtvec, reinterpret_cast<std::uint32_t>(&on_trap));
  TS_CSR_WRITE(mie, 1u << 7);
  arm(1000);
  asm volatile("csrsi mstatus, 8");
  std::uint32_t busy = 1;
  for (std::uint32_t i = 0; i < 20000; ++i) busy = busy * 1664525 + 1013904223 + busy / 7;
  while (interrupts < 20) asm volatile("wfi");
  asm volatile("csrci mstatus, 8");
  oracle::line("busy", busy);
  oracle::line("interrupts", interrupts);
  oracle::line("causes", causes);
  return oracle::finish();
}
