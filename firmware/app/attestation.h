// The card proves what it is: the alias key that the boot ROM made for this card with this very firmware signs a challenge.
// Freestanding.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "contract/messages.h"
#include "crypto/curve.h"
#include "drivers/devices.h"
#include "rom/handover.h"

namespace touchstone::firmware {

/// Who can prove it: beside the secret, or a door to where it lies.
class Attester {
 public:
  virtual ~Attester() = default;
  /// Errors: kState (the program was not started by the boot ROM), kDevice.
  virtual Result<contract::AttestResponse> attest(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding) = 0;
};

class Attestation : public Attester {
 public:
  /// Takes the handover over. Without one every challenge is kState.
  Attestation(std::optional<Handover> handover, crypto::Curve& curve, Entropy& entropy)
      : handover_(std::move(handover)), curve_(curve), entropy_(entropy) {}
  Result<contract::AttestResponse> attest(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding) override;
  /// Of the running firmware; 0 without a handover.
  std::uint32_t version() const { return handover_ ? handover_->measurement.version : 0; }
  /// A secret of this card and firmware, for `purpose`; zeros without a handover. For the vault: what a random generator that
  /// fails cannot take away.
  void derive(std::string_view purpose, Secret<32>& out) const;
  /// Whose images the boot ROM starts; no point of the curve without a handover.
  crypto::XOnlyPoint vendor_key() const { return handover_ ? handover_->vendor_key : crypto::XOnlyPoint{}; }

 private:
  std::optional<Handover> handover_;
  crypto::Curve& curve_;
  Entropy& entropy_;
};

}  // namespace touchstone::firmware
