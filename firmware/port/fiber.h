// Fiber on the card: two stacks and the registers that a call keeps (RISC-V psABI: ra, sp, s0 to s11).
#pragma once

#include <cstdint>

#include "app/fiber.h"

namespace touchstone::firmware {

class CardFiber final : public Fiber {
 public:
  void begin(MutableBytes stack, Entry entry, void* argument) override;
  void resume() override;
  void pause() override;

 private:
  [[noreturn]] static void run();

  static CardFiber* running_;  // for run(), which has no arguments
  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  std::uint32_t *inside_ = nullptr, *outside_ = nullptr;  // stack pointers of who does not run
};

}  // namespace touchstone::firmware
