// Traps, user mode and PMP, as cause, value and status of each: what QEMU prints must be printed here.
#include "oracle.h"

extern "C" std::uint32_t snippets[], snippet_load[], snippet_store[], snippet_byte[], snippet_jump[], snippet_ecall[], snippet_cycle[], snippet_mret[], snippet_mstatus[],
    snippet_illegal[];

namespace {

using namespace oracle;

alignas(4096) std::uint32_t arena[1024];

std::uint32_t address(const std::uint32_t* p) { return reinterpret_cast<std::uint32_t>(p); }

// mstatus.MPP, MPIE and MIE after the trap; other fields differ between machines.
std::uint32_t status() { return TS_CSR_READ(mstatus) & 0x1888; }

void show(const char* name, const std::uint32_t* code, std::uint32_t mode, std::uint32_t argument, bool with_value) {
  line(name, oracle_run(address(code), mode, argument));
  line(" epc", TS_CSR_READ(mepc) - address(snippets));
  line(" status", status());
  if (with_value) line(" value", TS_CSR_READ(mtval));
}

void traps(std::uint32_t mode) {
  line("mode", mode);
  // QEMU's processor has a supervisor mode, whose register must open the counters as well.
  if (on_qemu()) asm volatile("csrw 0x106, %0" ::"r"(~0u));
  show("ecall", snippet_ecall, mode, 0, false);
  show("illegal", snippet_illegal, mode, 0, true);
  show("mstatus", snippet_mstatus, mode, 0, false);
  show("load", snippet_load, mode, address(arena), false);
  show("load nowhere", snippet_load, mode, 0x08000000, true);
  show("store nowhere", snippet_store, mode, 0x08000000, true);
  show("jump nowhere", snippet_jump, mode, 0x08000000, false);
  for (std::uint32_t open : {0u, 1u, 5u}) {
    TS_CSR_WRITE(mcounteren, open);
    show("cycle", snippet_cycle, mode, 0, false);
  }
}

void write_entry(unsigned i, std::uint32_t value) {
  switch (i) {
    case 1: return TS_CSR_WRITE(pmpaddr1, value);
    case 2: return TS_CSR_WRITE(pmpaddr2, value);
    case 3: return TS_CSR_WRITE(pmpaddr3, value);
    case 4: return TS_CSR_WRITE(pmpaddr4, value);
    case 5: return TS_CSR_WRITE(pmpaddr5, value);
    case 6: return TS_CSR_WRITE(pmpaddr6, value);
    default: return TS_CSR_WRITE(pmpaddr7, value);
  }
}

// A byte of pmpcfg without L, and without the reserved W alone.
std::uint32_t random_config(Numbers& numbers) {
  std::uint32_t config = numbers.below(32);
  if ((config & 3) == 2) config |= 1;
  return config;
}

void protection() {
  Numbers numbers(12345);
  std::uint32_t hash = 1, faults = 0;
  for (unsigned configuration = 0; configuration < 300; ++configuration) {
    for (unsigned i = 1; i < 8; ++i) {
      const std::uint32_t place = (address(arena) + 4 * numbers.below(64)) >> 2;
      write_entry(i, numbers.below(2) == 0 ? place : place | ((1u << numbers.below(7)) - 1));
    }
    std::uint32_t low = 0, high = 0;
    for (unsigned i = 1; i < 4; ++i) low |= random_config(numbers) << 8 * i;
    for (unsigned i = 0; i < 4; ++i) high |= random_config(numbers) << 8 * i;
    TS_CSR_WRITE(pmpcfg0, low | 0x1C);  // entry 0: the snippets, NAPOT, execute only
    TS_CSR_WRITE(pmpcfg1, high);
    for (unsigned access = 0; access < 12; ++access) {
      const std::uint32_t where = address(arena) + 4 * numbers.below(72);
      const std::uint32_t* const kinds[] = {snippet_load, snippet_store, snippet_byte, snippet_jump};
      const std::uint32_t kind = numbers.below(4);
      const std::uint32_t mode = numbers.below(5) == 0 ? kMachine : kUser;
      arena[(where - address(arena)) / 4] = 0x00000073;  // ECALL, for the jumps
      const std::uint32_t cause = oracle_run(address(kinds[kind]), mode, where + (kind == 2 ? numbers.below(4) : 0));
      mix(hash, cause);
      mix(hash, TS_CSR_READ(mepc));
      if (cause < 8) mix(hash, TS_CSR_READ(mtval));
      faults += cause < 8;
    }
    if (configuration % 20 == 19) line("pmp", hash);
  }
  line("faults", faults);
  line("cfg0", TS_CSR_READ(pmpcfg0));
}

// A locked entry binds machine mode and holds its values.
void lock() {
  TS_CSR_WRITE(pmpaddr7, address(arena) >> 2);
  TS_CSR_WRITE(pmpcfg1, 0x91000000);  // entry 7: L, NA4, read only
  TS_CSR_WRITE(pmpcfg1, 0);
  TS_CSR_WRITE(pmpaddr7, 0);
  line("locked", TS_CSR_READ(pmpcfg1));
  line("address", TS_CSR_READ(pmpaddr7) - (address(arena) >> 2));
  show("read", snippet_load, kMachine, address(arena), false);
  show("write", snippet_store, kMachine, address(arena), true);
  show("beside", snippet_store, kMachine, address(arena) + 4, false);
}

}  // namespace

int main() {
  TS_CSR_WRITE(pmpaddr0, ~0u);
  TS_CSR_WRITE(pmpcfg0, 0x1F);
  traps(kMachine);
  traps(kUser);
  show("mret in user mode", snippet_mret, kUser, 0, false);
  TS_CSR_WRITE(pmpaddr0, address(snippets) >> 2 | 31);
  protection();
  lock();
  return finish();
}
