// What C++ and the project's base expect of a machine.
#include <cstddef>

#include "base/check.h"
#include "guest/measure.h"

namespace {

[[noreturn]] void give_up(const char* what) {
  touchstone::firmware::RiscvHal hal;
  touchstone::rtl_tools::Measure(hal).fail(what);
  for (;;) {
  }
}

}  // namespace

void touchstone::check_failed(const char* condition, const char*, const char*, int) { give_up(condition); }

// Virtual destructors name it; there is no heap.
void operator delete(void*) noexcept { give_up("there is no heap"); }
void operator delete(void*, std::size_t) noexcept { give_up("there is no heap"); }
extern "C" void __cxa_pure_virtual() { give_up("a pure virtual call"); }
extern "C" int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
void* __dso_handle = nullptr;
