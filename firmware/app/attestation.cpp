#include "app/attestation.h"

#include "crypto/bip340.h"
#include "crypto/hkdf.h"

namespace touchstone::firmware {

Result<contract::AttestResponse> Attestation::attest(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding) {
  if (!handover_) return Error{ErrorCode::kState, "not started by the boot ROM"};
  const identity::Measurement& measured = handover_->measurement;
  contract::AttestResponse response;
  response.device_key = handover_->device_key;
  response.device_certificate = handover_->device_certificate;
  response.version = measured.version;
  response.lifecycle = static_cast<std::uint8_t>(measured.lifecycle);
  response.firmware_sha256 = measured.firmware_sha256;
  response.alias_key = handover_->alias_key;
  response.alias_certificate = handover_->alias_certificate;
  Secret<32> fresh;
  TS_RETURN_IF_ERROR(entropy_.fill(fresh.expose()));
  const auto digest = identity::attestation_digest(challenge, channel_binding, response);
  const auto signature = crypto::bip340_sign(curve_, identity::alias_key(handover_->alias_secret), digest, fresh);
  TS_RETURN_IF_ERROR(signature);
  response.signature = *signature;
  return response;
}

void Attestation::derive(std::string_view purpose, Secret<32>& out) const {
  out.wipe_now();
  if (!handover_) return;
  const Bytes info(reinterpret_cast<const std::uint8_t*>(purpose.data()), purpose.size());
  crypto::hkdf_sha256(handover_->alias_secret.expose(), {}, info, out.expose());
}

}  // namespace touchstone::firmware
