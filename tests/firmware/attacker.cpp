// A user mode that has been taken over, in the place of port/user_main.cpp: everything else of the program is the card's own,
// start-up, memory protection and vault included. It tries one thing, chosen by the first word of the free part of the flash,
// and says on the console what it got.
#include <cstring>

#include "attacks.h"
#include "drivers/ble_transport.h"
#include "drivers/display_driver.h"
#include "drivers/sim_control.h"
#include "port/stack.h"
#include "port/user_calls.h"
#include "port/user_hal.h"

extern "C" std::uint32_t __vault_stack_bottom[], __bss_start[], __user_start[], __user_stack_top[], __user_end[];

namespace touchstone::firmware {
namespace {

using testing::Attack;
namespace c = contract;

std::uint32_t read_word(std::uint32_t address) { return *reinterpret_cast<volatile std::uint32_t*>(address); }
void write_word(std::uint32_t address, std::uint32_t value) { *reinterpret_cast<volatile std::uint32_t*>(address) = value; }
std::uint32_t address_of(const void* place) { return reinterpret_cast<std::uint32_t>(place); }
void execute(std::uint32_t address) { reinterpret_cast<void (*)()>(address)(); }

/// One SPI transfer of the display's controller, in either direction. True if it went through.
bool display_moves(std::uint32_t from, std::uint32_t to) {
  namespace spi = c::spi;
  const std::uint32_t base = spi::kDisplaySpiBase;
  write_word(base + spi::kTxAddr, from);
  write_word(base + spi::kRxAddr, to);
  write_word(base + spi::kLenBytes, 16);
  write_word(base + spi::kStart, 1);
  while ((read_word(base + spi::kStatus) & spi::kStatusBusyMask) != 0) {
  }
  return (read_word(base + spi::kStatus) & spi::kStatusBusErrorMask) == 0;
}

bool radio_sends(std::uint32_t from) {
  namespace ble = c::ble;
  write_word(ble::kBase + ble::kTxAddr, from);
  write_word(ble::kBase + ble::kTxLenBytes, 4);
  while ((read_word(ble::kBase + ble::kStatus) & ble::kStatusTxBusyMask) != 0) {
  }
  return (read_word(ble::kBase + ble::kStatus) & ble::kStatusBusErrorMask) == 0;
}

bool radio_receives(std::uint32_t to) {
  namespace ble = c::ble;
  const std::uint8_t reset[4] = {1, 3, 12, 0};
  if (!radio_sends(address_of(reset))) return false;
  while (read_word(ble::kBase + ble::kRxLenBytes) == 0) {
  }
  write_word(ble::kBase + ble::kRxAddr, to);
  return (read_word(ble::kBase + ble::kStatus) & ble::kStatusBusErrorMask) == 0;
}

/// 0 or the ErrorCode of a call with its block at `address`.
std::uint32_t call_at(VaultCall call, std::uint32_t address) { return call_machine(static_cast<std::uint32_t>(call), address); }

[[gnu::section(".user_data")]] ByteArray<4096> random_block;

const char* attack(Attack which) {
  const std::uint32_t vault = address_of(__bss_start);
  ByteArray<16> own{};
  switch (which) {
    case Attack::kReadVaultRam: read_word(vault); break;
    case Attack::kWriteVaultRam: write_word(vault, 0); break;
    case Attack::kReadVaultStack: read_word(address_of(__vault_stack_bottom)); break;
    case Attack::kReadHandover: read_word(address_of(__user_end)); break;
    case Attack::kExecuteVaultRam: execute(vault); break;
    case Attack::kExecuteOwnRam: execute(address_of(__user_start)); break;
    case Attack::kExecuteStagedFlash: execute(c::kFlashBase + c::kFlashUpdateOffset); break;
    case Attack::kWriteFlash: write_word(c::kFlashBase + c::kFlashRecordOffset, 0); break;
    case Attack::kReadAccelerator: read_word(c::secp::kBase + c::secp::kRx); break;
    case Attack::kWriteAccelerator: write_word(c::secp::kBase + c::secp::kOp, 0); break;
    case Attack::kReadRandom: read_word(c::trng::kBase + c::trng::kData); break;
    case Attack::kCommandFlash: write_word(c::nvm::kBase + c::nvm::kCmd, 1); break;
    case Attack::kUseSensor: write_word(c::spi::kSensorSpiBase + c::spi::kStart, 1); break;
    case Attack::kOpenDma: write_word(c::sysctl::kBase + c::sysctl::kDmaUserBase, c::kRamBase); break;
    case Attack::kReset: write_word(c::sysctl::kBase + c::sysctl::kReset, 1); break;
    case Attack::kReadOtp: read_word(c::otp::kBase); break;
    case Attack::kReadRom: read_word(c::kRomBase); break;
    case Attack::kEnd: write_word(c::simctl::kBase + c::simctl::kExit, 0); break;
    case Attack::kReadMachineRegister: asm volatile("csrr t0, mscratch" ::: "t0"); break;
    case Attack::kOpenProtection: asm volatile("csrw pmpcfg0, zero"); break;
    case Attack::kReturnToMachine: asm volatile("mret"); break;
    case Attack::kDisplayVaultRam: return display_moves(vault, 0) ? "moved" : "refused";
    case Attack::kDisplayIntoVaultRam: return display_moves(0, vault) ? "moved" : "refused";
    case Attack::kDisplayOwnRam: return display_moves(address_of(own.data()), 0) ? "moved" : "refused";
    case Attack::kSendVaultRam: return radio_sends(vault) ? "moved" : "refused";
    case Attack::kReceiveIntoVaultRam: return radio_receives(vault) ? "moved" : "refused";
    case Attack::kReceiveIntoOwnRam: {
      ByteArray<300> packet;
      return radio_receives(address_of(packet.data())) ? "moved" : "refused";
    }
    case Attack::kBlockInVaultRam:
    case Attack::kBlockAcrossTheEnd: {
      // Both as the place of the result and of the arguments.
      const std::uint32_t at = which == Attack::kBlockInVaultRam ? vault : address_of(__user_start) - 8;
      const bool refused = call_at(VaultCall::kRecord, at) == static_cast<std::uint32_t>(ErrorCode::kOutOfRange) &&
                           call_at(VaultCall::kCurve, at) == static_cast<std::uint32_t>(ErrorCode::kOutOfRange) &&
                           call_at(VaultCall::kTouched, address_of(__user_end)) == static_cast<std::uint32_t>(ErrorCode::kOutOfRange) &&
                           call_at(VaultCall::kSign, 0xFFFFFFF0) == static_cast<std::uint32_t>(ErrorCode::kOutOfRange);
      return refused ? "refused" : "taken";
    }
    case Attack::kUnknownCall: {
      for (std::uint32_t call = static_cast<std::uint32_t>(VaultCall::kCount); call < 600; ++call) {
        if (call == kEndCall || call == kWaitCall) continue;
        if (call_machine(call, address_of(own.data())) != static_cast<std::uint32_t>(ErrorCode::kUnsupported)) return "taken";
      }
      return "refused";
    }
    case Attack::kSignUntouched: {
      EcallGate gate;
      VaultStub stub(gate);
      return stub.sign({}).ok() ? "signed" : "refused";
    }
    case Attack::kKeepRegisters: {
      // What a call leaves in the registers it may change.
      std::uint32_t sum;
      asm volatile(
          "li a0, 6\n la a1, __user_stack_bottom\n ecall\n"
          "or a1, a1, a2\n or a1, a1, a3\n or a1, a1, a4\n or a1, a1, a5\n or a1, a1, a6\n or a1, a1, a7\n"
          "or a1, a1, t0\n or a1, a1, t1\n or a1, a1, t2\n or a1, a1, t3\n or a1, a1, t4\n or a1, a1, t5\n or %0, a1, t6\n"
          : "=r"(sum)
          :
          : "memory", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6");
      return sum == 0 ? "nothing" : "something";
    }
    case Attack::kRandomCalls: {
      std::uint32_t state = 2463534242;  // Marsaglia 2003, xorshift
      const auto next = [&] {
        state ^= state << 13;
        state ^= state >> 17;
        return state ^= state << 5;
      };
      const std::uint32_t stack = address_of(__user_start), stack_end = address_of(__user_stack_top);
      for (int i = 0; i < 1000; ++i) {
        for (std::uint8_t& byte : random_block) byte = static_cast<std::uint8_t>(next());
        const std::uint32_t call = next() % (static_cast<std::uint32_t>(VaultCall::kCount) + 2);
        // Most in a good place, others anywhere: at odd addresses, across the ends, in the vault.
        std::uint32_t at = address_of(random_block.data()) + (next() % 4 == 0 ? next() % 64 : 0);
        if (next() % 4 == 0) at = next() % 2 == 0 ? next() : c::kRamBase + next() % c::kRamSizeBytes;
        if (at - stack < stack_end - stack) continue;  // a result there would be the attacker's own end
        call_machine(call, at);
      }
      break;
    }
    case Attack::kCount: break;
  }
  return "survived";
}

}  // namespace

extern "C" [[noreturn]] void user_main() {
  UserHal hal;
  SimControl control(hal);
  control.print(attack(static_cast<Attack>(read_word(c::kFlashBase + c::kFlashFreeOffset))));
  control.print("\n");
  for (;;) hal.wait_for_interrupt();
}

}  // namespace touchstone::firmware
