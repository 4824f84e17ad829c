// Physical memory protection of the card (RISC-V privileged architecture 1.12, section 3.7). User mode may execute the running
// image, read the flash, read and write its part of the RAM, and use console, phase and marks of the test bench, timer, interrupt lines,
// display and radio. What no entry names is machine mode's alone: the vault's RAM, accelerator, random numbers, flash
// controller, sensor, system control, ROM and OTP.
//
// All entries are locked until reset, and so bind machine mode too: it cannot execute what user mode can write - its RAM, and
// the flash outside the verified image, where updates are staged - nor write to the flash's window. That the vault's own RAM cannot be executed would need Smepmp.
#pragma once

#include <bit>
#include <cstdint>

#include "contract/registers.h"

namespace touchstone::firmware {

namespace pmp {

inline constexpr std::uint32_t kRead = 1, kWrite = 2, kExecute = 4, kTor = 1 << 3, kNapot = 3 << 3, kLocked = 0x80;

constexpr std::uint32_t napot(std::uint32_t base, std::uint32_t size_bytes) { return (base | (size_bytes / 2 - 1)) >> 2; }

}  // namespace pmp

/// [user_start, user_end): the user's part of the RAM, aligned to 4. Once after every reset.
inline void protect_memory(std::uint32_t user_start, std::uint32_t user_end) {
  using namespace pmp;
  namespace c = contract;
  constexpr std::uint32_t kDevice = 0x1000;  // blocks lie this far apart at least
  static_assert(std::has_single_bit(c::kFlashSizeBytes) && c::kFlashBase % c::kFlashSizeBytes == 0);
  static_assert(c::intc::kBase == c::timer::kBase + kDevice);
  const auto set_address = []<int kEntry>(std::uint32_t value) {
    asm volatile("csrw %0, %1" ::"i"(0x3B0 + kEntry), "r"(value));
  };
  // A TOR entry begins where the address before it ends.
  set_address.operator()<0>(user_start >> 2);
  set_address.operator()<1>(user_end >> 2);
  set_address.operator()<2>(0);
  set_address.operator()<3>((c::simctl::kBase + c::simctl::kConsole) >> 2);
  set_address.operator()<4>((c::simctl::kBase + c::simctl::kMark + 4) >> 2);
  set_address.operator()<5>(c::timer::kBase >> 2);
  set_address.operator()<6>((c::timer::kBase + 2 * kDevice) >> 2);
  set_address.operator()<7>(napot(c::spi::kDisplaySpiBase, kDevice));
  set_address.operator()<8>(napot(c::ble::kBase, kDevice));
  // The lower entry counts: only the first 0x70000 bytes of the flash can be executed.
  constexpr std::uint32_t kHalf = c::kFlashSizeBytes / 2, kRest = kHalf - c::kFlashUpdateOffset;
  static_assert(c::kFlashFirmwareOffset == 0 && c::kFlashUpdateOffset == c::kFlashFirmwareSizeBytes);
  static_assert(std::has_single_bit(kRest) && c::kFlashUpdateOffset % kRest == 0);
  set_address.operator()<9>(napot(c::kFlashBase + c::kFlashUpdateOffset, kRest));
  set_address.operator()<10>(napot(c::kFlashBase + kHalf, kHalf));
  set_address.operator()<11>(napot(c::kFlashBase, c::kFlashSizeBytes));
  constexpr std::uint32_t kOff = 0;
  constexpr std::uint32_t kMemory = kLocked | kTor | kRead | kWrite, kCode = kLocked | kNapot | kRead | kExecute,
                          kData = kLocked | kNapot | kRead, kBlock = kLocked | kNapot | kRead | kWrite;
  asm volatile("csrw pmpcfg0, %0" ::"r"(kOff | kMemory << 8 | kOff << 16 | kOff << 24));
  asm volatile("csrw pmpcfg1, %0" ::"r"(kMemory | kOff << 8 | kMemory << 16 | kBlock << 24));
  asm volatile("csrw pmpcfg2, %0" ::"r"(kBlock | kData << 8 | kData << 16 | kCode << 24));
}

}  // namespace touchstone::firmware
