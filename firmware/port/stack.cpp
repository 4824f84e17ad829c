#include "port/stack.h"

#include "base/check.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

extern "C" std::uint32_t __stack_bottom[], __stack_top[];

namespace touchstone::firmware {
namespace {

constexpr std::uint32_t kPaint = 0x5AFE57AC;  // as in crt0.S
std::uint32_t deepest_bytes = 0;

void print_decimal(SimControl& control, std::uint32_t value) {
  if (value >= 10) print_decimal(control, value / 10);
  const char digit = static_cast<char>('0' + value % 10);
  control.print(std::string_view(&digit, 1));
}

}  // namespace

std::uint32_t stack_reserve_bytes() { return static_cast<std::uint32_t>(__stack_top - __stack_bottom) * 4; }

std::uint32_t stack_high_water_bytes() {
  const volatile std::uint32_t* p = __stack_bottom;
  while (*p == kPaint) ++p;
  const auto used = static_cast<std::uint32_t>(__stack_top - p) * 4;
  return used > deepest_bytes ? used : deepest_bytes;
}

[[gnu::noinline]] void scrub_stack() {
  const std::uint32_t now_bytes = stack_high_water_bytes();
  if (now_bytes > deepest_bytes) {
    deepest_bytes = now_bytes;
    RiscvHal hal;
    SimControl control(hal);
    control.print("stack high-water ");
    print_decimal(control, now_bytes);
    control.print(" of ");
    print_decimal(control, stack_reserve_bytes());
    control.print(" bytes\n");
  }
  TS_CHECK(deepest_bytes + kStackMarginBytes <= stack_reserve_bytes(), "the stack's margin is used up");
  const volatile std::uint32_t* live;
  asm volatile("mv %0, sp" : "=r"(live));
  for (volatile std::uint32_t* p = __stack_bottom; p < live; ++p) *p = kPaint;
}

void wipe_stack() {
  for (volatile std::uint32_t* p = __stack_bottom; p < __stack_top; ++p) *p = kPaint;
}

}  // namespace touchstone::firmware
