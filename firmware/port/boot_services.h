// BootServices: what the program does with what the boot ROM left: attesting, and staging updates for the next start.
#pragma once

#include "app/attestation.h"
#include "app/update.h"
#include "contract/registers.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

struct BootServices {
  /// Takes the handover: the first to be made of all that uses the RAM's end.
  BootServices(Hal& hal, FlashPages& flash, crypto::Curve& curve, Entropy& entropy)
      : attestation(take_handover(reinterpret_cast<void*>(kHandoverAddress)), curve, entropy),
        updates(flash, curve, {attestation.vendor_key(), attestation.version()}, reset, &hal) {}

  Attestation attestation;
  UpdateSlot updates;

 private:
  static void reset(void* hal) {
    static_cast<Hal*>(hal)->write32(contract::sysctl::kBase + contract::sysctl::kReset, 1);
  }
};

}  // namespace touchstone::firmware
