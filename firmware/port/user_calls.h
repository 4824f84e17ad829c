// How user mode calls machine mode: ecall with a number in a0 and, in a1, the address of a block in the user's RAM, which is
// copied in before anything is made of it and copied back if the call succeeds. a0 comes back: 0 or an ErrorCode.
#pragma once

#include <cstdint>

#include "app/vault_calls.h"

namespace touchstone::firmware {

// Beside the calls of the Vault (app/vault_calls.h). kEndCall stands in crt0.S, too.
inline constexpr std::uint32_t kEndCall = 256;   ///< a1: exit code; does not come back
inline constexpr std::uint32_t kWaitCall = 257;  ///< WFI, which in user mode would end in an interrupt

inline std::uint32_t call_machine(std::uint32_t call, std::uint32_t argument) {
  register std::uint32_t a0 asm("a0") = call;
  register std::uint32_t a1 asm("a1") = argument;
  asm volatile("ecall"
               : "+r"(a0), "+r"(a1)
               :
               : "memory", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6");
  return a0;
}

class EcallGate : public VaultGate {
 public:
  std::uint32_t call(VaultCall call, MutableBytes block) override {
    return call_machine(static_cast<std::uint32_t>(call), reinterpret_cast<std::uint32_t>(block.data()));
  }
};

}  // namespace touchstone::firmware
