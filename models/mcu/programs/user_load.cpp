// The compute load of sha256_chain in user mode: the PMP lets it execute and read flash, use three quarters of RAM and reach the
// test-bench window. For the speed measurement, and an example of how machine mode starts a user program.
#include "bare.h"
#include "sha256_chain.h"

namespace {

constexpr std::uint32_t kUserRamBytes = touchstone::contract::kRamSizeBytes / 4 * 3;
constexpr std::uint32_t kRead = 1, kWrite = 2, kExecute = 4, kTor = 1 << 3, kNapot = 3 << 3;

// NAPOT: the address without its low bits, then ones up to the size.
constexpr std::uint32_t napot(std::uint32_t base, std::uint32_t size_bytes) { return base >> 2 | (size_bytes / 8 - 1); }

[[noreturn]] void user_main() {
  bare::put_hex(load::sha256_chain(200));
  bare::put('\n');
  for (volatile std::uint32_t value = 0;;) value = value + load::sha256_chain(1000);
}

}  // namespace

int main() {
  namespace c = touchstone::contract;
  asm volatile("csrw pmpaddr0, %0" ::"r"(napot(c::kFlashBase, c::kFlashSizeBytes)));
  asm volatile("csrw pmpaddr1, %0" ::"r"(c::kRamBase >> 2));
  asm volatile("csrw pmpaddr2, %0" ::"r"((c::kRamBase + kUserRamBytes) >> 2));
  asm volatile("csrw pmpaddr3, %0" ::"r"(napot(c::simctl::kBase, c::simctl::kSizeBytes)));
  asm volatile("csrw pmpcfg0, %0" ::"r"((kNapot | kRead | kExecute) | (kTor | kRead | kWrite) << 16 | (kNapot | kRead | kWrite) << 24));
  asm volatile("csrc mstatus, %0" ::"r"(3 << 11));  // MPP: user
  asm volatile("csrw mepc, %0\n mv sp, %1\n mret" ::"r"(&user_main), "r"(c::kRamBase + kUserRamBytes));
  __builtin_unreachable();
}
