// How much stack a call takes. For programs that are the only ones in the memory. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" std::uint8_t __heap_start[];

namespace touchstone::rtl_tools {

/// The free memory between objects and stack, painted: what a run has changed of it was stack.
class Stack {
 public:
  Stack() {
    for (volatile std::uint8_t* p = __heap_start; p < pointer() - 256; ++p) *p = kPaint;
  }
  std::size_t used() const {
    const std::uint8_t* p = __heap_start;
    while (p < pointer() && *p == kPaint) ++p;
    return static_cast<std::size_t>(pointer() - p);
  }

 private:
  static std::uint8_t* pointer() {
    std::uint8_t* out;
    asm volatile("mv %0, sp" : "=r"(out));
    return out;
  }
  static constexpr std::uint8_t kPaint = 0xA5;
};

}  // namespace touchstone::rtl_tools
