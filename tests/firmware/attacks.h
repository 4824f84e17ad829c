// What the taken-over user mode of attacker.cpp can be told to try.
#pragma once

#include <cstdint>

namespace touchstone::firmware::testing {

enum class Attack : std::uint32_t {
  kReadVaultRam, kWriteVaultRam, kReadVaultStack, kReadHandover, kExecuteVaultRam, kExecuteOwnRam, kExecuteStagedFlash, kWriteFlash,
  kReadAccelerator, kWriteAccelerator, kReadRandom, kCommandFlash, kUseSensor, kOpenDma, kReset, kReadOtp, kReadRom, kEnd,
  kReadMachineRegister, kOpenProtection, kReturnToMachine,
  kDisplayVaultRam, kDisplayIntoVaultRam, kDisplayOwnRam, kSendVaultRam, kReceiveIntoVaultRam, kReceiveIntoOwnRam,
  kBlockInVaultRam, kBlockAcrossTheEnd, kUnknownCall, kSignUntouched, kKeepRegisters, kRandomCalls,
  kCount,
};

}  // namespace touchstone::firmware::testing
