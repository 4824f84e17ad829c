#include "port/stack.h"

#include "base/check.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

namespace touchstone::firmware {
namespace {

constexpr std::uint32_t kPaint = 0x5AFE57AC;  // as in crt0.S

void print_decimal(SimControl& control, std::uint32_t value) {
  if (value >= 10) print_decimal(control, value / 10);
  const char digit = static_cast<char>('0' + value % 10);
  control.print(std::string_view(&digit, 1));
}

}  // namespace

[[gnu::noinline]] void Stack::scrub() {
  const volatile std::uint32_t* deepest = bottom_;
  while (*deepest == kPaint) ++deepest;
  const auto used_bytes = static_cast<std::uint32_t>(top_ - deepest) * 4;
  const auto reserve_bytes = static_cast<std::uint32_t>(top_ - bottom_) * 4;
  if (used_bytes > deepest_bytes_) {
    deepest_bytes_ = used_bytes;
    RiscvHal hal;
    SimControl control(hal);
    control.print(name_);
    control.print(" stack high-water ");
    print_decimal(control, used_bytes);
    control.print(" of ");
    print_decimal(control, reserve_bytes);
    control.print(" bytes\n");
  }
  TS_CHECK(deepest_bytes_ + kMargin_bytes <= reserve_bytes, "the stack's margin is used up");
  const volatile std::uint32_t* live;
  asm volatile("mv %0, sp" : "=r"(live));
  for (volatile std::uint32_t* p = bottom_; p < live; ++p) *p = kPaint;
}

}  // namespace touchstone::firmware
