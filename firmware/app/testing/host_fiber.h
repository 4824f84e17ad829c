// Fiber for tests, on the host's own context switching. The stack that is given is too small for the host's frames: another is used.
#pragma once

#include <ucontext.h>

#include <vector>

#include "app/fiber.h"
#include "base/check.h"

namespace touchstone::firmware::testing {

class HostFiber final : public Fiber {
 public:
  void begin(MutableBytes, Entry entry, void* argument) override {
    entry_ = entry;
    argument_ = argument;
    // Never the memory of the stack before: a sanitizer still watches what was left on that.
    stack_ = std::vector<std::uint8_t>(kStackBytes);
    TS_CHECK(getcontext(&inside_) == 0, "a context");
    inside_.uc_stack.ss_sp = stack_.data();
    inside_.uc_stack.ss_size = stack_.size();
    inside_.uc_link = &outside_;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    makecontext(&inside_, reinterpret_cast<void (*)()>(run), 2, static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
  }
  void resume() override {
    ++resumed;
    swapcontext(&outside_, &inside_);
  }
  void pause() override { swapcontext(&inside_, &outside_); }

  int resumed = 0;

 private:
  static constexpr std::size_t kStackBytes = 1024 * 1024;
  static void run(unsigned high, unsigned low) {
    auto* const self = reinterpret_cast<HostFiber*>(static_cast<std::uintptr_t>(high) << 32 | low);
    self->entry_(self->argument_);
  }
  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  std::vector<std::uint8_t> stack_;
  ucontext_t inside_{}, outside_{};
};

}  // namespace touchstone::firmware::testing
