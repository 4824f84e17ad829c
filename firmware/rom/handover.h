// Handover: what the boot ROM leaves for the program it starts, at a fixed place at the end of the RAM. The firmware takes it
// once, before anything else runs, and wipes the place. Freestanding.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"
#include "contract/registers.h"
#include "crypto/point.h"
#include "identity/identity.h"

namespace touchstone::firmware {

struct Handover {
  static constexpr std::uint32_t kMagic = 0x56484254;

  std::uint32_t magic = kMagic;
  identity::Measurement measurement;
  crypto::XOnlyPoint vendor_key{};  ///< whose images this boot ROM starts
  crypto::XOnlyPoint device_key{};
  ByteArray<64> device_certificate{};  ///< the vendor's, as found in OTP
  crypto::XOnlyPoint alias_key{};
  ByteArray<64> alias_certificate{};  ///< the device key's
  Secret<32> alias_secret;            ///< of this card with this firmware; keys are derived from it (identity.h)
};

inline constexpr std::uint32_t kHandoverBytes = 512;
inline constexpr std::uint32_t kHandoverAddress = contract::kRamBase + contract::kRamSizeBytes - kHandoverBytes;
static_assert(sizeof(Handover) <= kHandoverBytes);

/// Takes what lies at `place` (kHandoverAddress on the card) and wipes it there. Nothing: the program was not started by the
/// boot ROM, or it has been taken.
inline std::optional<Handover> take_handover(void* place) {
  auto& handover = *static_cast<Handover*>(place);
  std::optional<Handover> taken;
  if (handover.magic == Handover::kMagic) taken.emplace(std::move(handover));
  wipe(place, kHandoverBytes);
  return taken;
}

}  // namespace touchstone::firmware
