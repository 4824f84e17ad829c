// What C++ and the project's base expect of a machine: failed checks, faults, and the calls that must never come.
#include "base/check.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

namespace touchstone::firmware {
namespace {

constexpr std::uint8_t kExitTrap = 70;
constexpr std::uint8_t kExitCheck = 71;

/// Leaves for crt0.S, which goes on in wipe_and_exit() on the trap stack; from either mode.
extern "C" [[noreturn]] void end_program(std::uint32_t code);

}  // namespace

/// From crt0.S, in machine mode, on the trap stack.
extern "C" [[noreturn]] void trap_report(std::uint32_t mcause, std::uint32_t mepc, std::uint32_t mtval, std::uint32_t mstatus) {
  constexpr std::uint32_t kFormerMode = 0x1800;  // mstatus.MPP; 0 is user mode
  RiscvHal hal;
  SimControl control(hal);
  control.print("trap: mcause ");
  control.print_hex(mcause);
  control.print(" mepc ");
  control.print_hex(mepc);
  control.print(" mtval ");
  control.print_hex(mtval);
  control.print((mstatus & kFormerMode) == 0 ? " in user mode\n" : "\n");
  end_program(kExitTrap);
}

}  // namespace touchstone::firmware

namespace touchstone {

void check_failed(const char* condition, const char* message, const char* file, int line) {
  firmware::RiscvHal hal;
  firmware::SimControl control(hal);
  control.print(file);
  control.print(": line 0x");
  control.print_hex(static_cast<std::uint32_t>(line));
  control.print(": internal error: ");
  control.print(message);
  control.print(" (");
  control.print(condition);
  control.print(")\n");
  firmware::end_program(firmware::kExitCheck);
}

}  // namespace touchstone

// Virtual destructors mention these; nothing is ever deleted.
void operator delete(void*) noexcept { TS_CHECK(false, "there is no heap"); }
void operator delete(void*, unsigned int) noexcept { TS_CHECK(false, "there is no heap"); }
extern "C" void __cxa_pure_virtual() { TS_CHECK(false, "a pure virtual function was called"); }
