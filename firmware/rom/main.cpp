// The boot ROM on the card: devices, decision, handover. crt0.S calls it, then wipes the ROM's RAM and jumps.
#include <new>

#include "drivers/nvm.h"
#include "drivers/secp_driver.h"
#include "drivers/sim_control.h"
#include "drivers/trng.h"
#include "port/riscv_hal.h"
#include "rom/boot.h"
#include "rom/otp_fuses.h"

namespace touchstone::firmware {
namespace {

#include "vendor_key.inc"

class Reporter : public BootReport {
 public:
  explicit Reporter(Hal& hal) : hal_(hal) {}
  void report(BootState state, std::uint32_t version) override {
    namespace s = contract::simctl;
    hal_.write32(s::kBase + s::kBootState,
                 static_cast<std::uint32_t>(state) << s::kBootStateShift | version << s::kBootStateVersionShift);
  }

 private:
  Hal& hal_;
};

alignas(4) std::uint8_t page_buffer[contract::kPageBytes];

[[noreturn]] void stop() {
  for (;;) asm volatile("csrw mie, zero\n wfi" ::: "memory");
}

}  // namespace

extern "C" std::uint8_t __rom_ram_end[];

/// Returns where to go on.
extern "C" std::uint32_t rom_main() {
  TS_CHECK(reinterpret_cast<std::uint32_t>(__rom_ram_end) == kHandoverAddress, "rom.ld and handover.h disagree");
  RiscvHal hal;
  Nvm nvm(hal);
  OtpFuses fuses(hal);
  SecpDriver curve(hal);
  Trng trng(hal);
  Reporter reporter(hal);
  const Bytes flash(reinterpret_cast<const std::uint8_t*>(contract::kFlashBase), contract::kFlashSizeBytes);
  BootRom rom(BootBoard{flash, nvm, fuses, curve, trng, reporter, kVendorKey, page_buffer});

  wipe(reinterpret_cast<void*>(kHandoverAddress), kHandoverBytes);
  const auto image = rom.choose_image();
  if (!image) stop();
  Handover& handover = *new (reinterpret_cast<void*>(kHandoverAddress)) Handover;
  if (!rom.hand_over(*image, handover)) {
    wipe(&handover, sizeof handover);
    reporter.report(BootState::kNoImage, 0);
    stop();
  }
  hal.write32(contract::nvm::kBase + contract::nvm::kLock, 1);
  return image->entry;
}

/// Any trap in the ROM: its own mistake, or a fault injected from outside. The card stays dead until the next reset.
extern "C" [[noreturn]] void rom_trap() {
  RiscvHal hal;
  OtpFuses(hal).lock();
  wipe(reinterpret_cast<void*>(kHandoverAddress), kHandoverBytes);
  Reporter(hal).report(BootState::kNoImage, 0);
  stop();
}

}  // namespace touchstone::firmware

namespace touchstone {

void check_failed(const char*, const char* message, const char*, int) {
  firmware::RiscvHal hal;
  firmware::SimControl control(hal);
  control.print("boot ROM: internal error: ");
  control.print(message);
  control.print("\n");
  firmware::rom_trap();
}

}  // namespace touchstone

// Virtual destructors mention these; nothing is ever deleted.
void operator delete(void*) noexcept { TS_CHECK(false, "there is no heap"); }
void operator delete(void*, unsigned int) noexcept { TS_CHECK(false, "there is no heap"); }
extern "C" void __cxa_pure_virtual() { TS_CHECK(false, "a pure virtual function was called"); }
