// Machine mode: the vault with its devices, the protection of both, and what user mode may call.
#include <cstring>
#include <new>

#include "app/card_vault.h"
#include "app/vault_calls.h"
#include "base/secret.h"
#include "drivers/board_lines.h"
#include "drivers/fingerprint_driver.h"
#include "drivers/irq.h"
#include "drivers/nvm.h"
#include "drivers/secp_driver.h"
#include "drivers/sim_control.h"
#include "drivers/timer.h"
#include "drivers/trng.h"
#include "port/boot_services.h"
#include "port/fiber.h"
#include "port/protection.h"
#include "port/riscv_hal.h"
#include "port/stack.h"
#include "port/user_calls.h"

extern "C" std::uint32_t __vault_stack_bottom[], __vault_stack_top[], __bss_start[], __trap_stack_bottom[], __user_start[],
    __user_end[];

namespace touchstone::firmware {
namespace {

/// Enough for the largest image the extractor takes, 320x320 px (CardVault::arena_bytes(), checked at start).
constexpr std::size_t kVaultArenaBytes = 164 * 1024;
alignas(16) std::uint8_t vault_arena[kVaultArenaBytes];

struct VaultDomain {
  static void scrub_stack();

  Stack stack{"vault", __vault_stack_bottom, __vault_stack_top};
  RiscvHal hal;
  SimControl control{hal};
  BoardLines lines{hal};
  Timer timer{hal, 0};
  SpiBus sensor_spi{hal, contract::spi::kSensorSpiBase, contract::Irq::kSensorSpi, FingerprintDriver::kSpiClock_hz};
  FingerprintDriver sensor{hal, sensor_spi};
  Nvm nvm{hal};
  Trng trng{hal};
  SecpDriver curve{hal};
  BootServices boot{hal, nvm, curve, trng};
  Secret<32> hedge = derived_hedge();
  CardFiber fiber;
  CardVault vault{VaultBoard{timer, sensor, nvm, trng, curve, lines, control, vault_arena, boot.attestation, boot.updates,
                             hedge.expose(), fiber, scrub_stack}};

 private:
  Secret<32> derived_hedge() const {
    Secret<32> out;
    boot.attestation.derive("touchstone/card/vault-hedge", out);
    return out;
  }
};

// Made in place by vault_main(): no static constructor, and its size shows among the statics.
alignas(VaultDomain) std::uint8_t domain_storage[sizeof(VaultDomain)];

VaultDomain& domain() { return *std::launder(reinterpret_cast<VaultDomain*>(domain_storage)); }

void VaultDomain::scrub_stack() { domain().stack.scrub(); }

std::uint32_t address_of(const void* place) { return reinterpret_cast<std::uint32_t>(place); }

}  // namespace

extern "C" void vault_main() {
  VaultDomain& vault = *new (domain_storage) VaultDomain;
  vault.lines.lock_user_dma(address_of(__user_start), address_of(__user_end));
  protect_memory(address_of(__user_start), address_of(__user_end));
}

/// From crt0.S, on the vault's stack.
extern "C" std::uint32_t user_call(std::uint32_t untrusted_call, std::uint32_t untrusted_address) {
  if (untrusted_call == kWaitCall) {
    domain().hal.wait_for_interrupt();
    return 0;
  }
  const auto size = vault_block_bytes(untrusted_call);
  if (!size) return static_cast<std::uint32_t>(ErrorCode::kUnsupported);
  const std::uint32_t start = address_of(__user_start), end = address_of(__user_end);
  const bool inside = untrusted_address >= start && untrusted_address <= end && *size <= end - untrusted_address;
  if (*size > 0 && !inside) return static_cast<std::uint32_t>(ErrorCode::kOutOfRange);
  // What is looked at is the copy alone: user mode does not run meanwhile, but its radio may write.
  alignas(8) ByteArray<kMaxVaultBlockBytes> block;
  auto* const place = reinterpret_cast<std::uint8_t*>(untrusted_address);
  if (*size > 0) std::memcpy(block.data(), place, *size);
  const std::uint32_t code = dispatch(domain().vault, untrusted_call, MutableBytes(block).first(*size));
  if (code == 0 && *size > 0) std::memcpy(place, block.data(), *size);
  return code;
}

/// Nothing will be computed any more: the RAM may hold an image, features or a share. Runs on the trap stack, which alone is
/// left as it is; from crt0.S.
extern "C" [[noreturn]] void wipe_and_exit(std::uint32_t code) {
  const auto wipe_range = [](std::uint32_t* from, std::uint32_t* to) {
    wipe(from, static_cast<std::size_t>(to - from) * sizeof(*from));
  };
  wipe_range(__vault_stack_bottom, __vault_stack_top);
  wipe_range(__bss_start, __trap_stack_bottom);
  wipe_range(__user_start, __user_end);
  RiscvHal hal;
  SimControl(hal).exit(static_cast<std::uint8_t>(code));
  for (;;) asm volatile("wfi");
}

}  // namespace touchstone::firmware
