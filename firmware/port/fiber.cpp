#include "port/fiber.h"

#include "base/check.h"

namespace touchstone::firmware {
namespace {

constexpr std::size_t kSavedWords = 16;  // ra, s0 to s11; the psABI aligns stacks to 16 bytes

}  // namespace

/// Keeps the registers on the current stack, its pointer in *from, and takes those from the stack `to`.
extern "C" void switch_stacks(std::uint32_t** from, std::uint32_t* to);
asm(R"(
  .section .text.switch_stacks, "ax"
  .globl switch_stacks
  .type switch_stacks, @function
switch_stacks:
  addi sp, sp, -64
  sw ra, 0(sp)
  sw s0, 4(sp)
  sw s1, 8(sp)
  sw s2, 12(sp)
  sw s3, 16(sp)
  sw s4, 20(sp)
  sw s5, 24(sp)
  sw s6, 28(sp)
  sw s7, 32(sp)
  sw s8, 36(sp)
  sw s9, 40(sp)
  sw s10, 44(sp)
  sw s11, 48(sp)
  sw sp, 0(a0)
  mv sp, a1
  lw ra, 0(sp)
  lw s0, 4(sp)
  lw s1, 8(sp)
  lw s2, 12(sp)
  lw s3, 16(sp)
  lw s4, 20(sp)
  lw s5, 24(sp)
  lw s6, 28(sp)
  lw s7, 32(sp)
  lw s8, 36(sp)
  lw s9, 40(sp)
  lw s10, 44(sp)
  lw s11, 48(sp)
  addi sp, sp, 64
  ret
  .size switch_stacks, . - switch_stacks
  .text
)");

CardFiber* CardFiber::running_ = nullptr;

void CardFiber::begin(MutableBytes stack, Entry entry, void* argument) {
  const auto top = reinterpret_cast<std::uint32_t>(stack.data() + stack.size());
  TS_CHECK(top % 16 == 0, "stacks are aligned to 16");
  entry_ = entry;
  argument_ = argument;
  inside_ = reinterpret_cast<std::uint32_t*>(top) - kSavedWords;
  for (std::size_t i = 0; i < kSavedWords; ++i) inside_[i] = 0;
  inside_[0] = reinterpret_cast<std::uint32_t>(run);
}

void CardFiber::resume() {
  running_ = this;
  switch_stacks(&outside_, inside_);
}

void CardFiber::pause() { switch_stacks(&inside_, outside_); }

void CardFiber::run() {
  CardFiber& self = *running_;
  self.entry_(self.argument_);
  self.pause();
  TS_CHECK(false, "the computation is over");
}

}  // namespace touchstone::firmware
