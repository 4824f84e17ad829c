#include "identity/identity.h"

#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

namespace touchstone::identity {
namespace {

using crypto::HashTag;
using crypto::Scalar;
using crypto::Sha256;

constexpr HashTag kDeviceCertificateTag("touchstone/device certificate");
constexpr HashTag kAliasCertificateTag("touchstone/alias certificate");
constexpr HashTag kAttestationTag("touchstone/attestation");

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

/// 64 bytes by HKDF-Expand, reduced: the bias is below 2^-250.
Scalar derive_key(const Secret<32>& secret, std::string_view purpose) {
  Secret<64> wide;
  crypto::hkdf_sha256_expand(secret.expose(), bytes_of(purpose), wide.expose());
  return Scalar::from_wide_reduce(wide.expose());
}

/// version, lifecycle, firmware_sha256: 37 bytes.
ByteArray<37> encode(const Measurement& measurement) {
  ByteArray<37> out;
  ByteWriter w(out);
  w.le32(measurement.version);
  w.u8(static_cast<std::uint8_t>(measurement.lifecycle));
  w.put(measurement.firmware_sha256);
  return out;
}

}  // namespace

Scalar device_key(const Secret<32>& device_secret) { return derive_key(device_secret, "touchstone/device key"); }

Secret<32> alias_secret(const Secret<32>& device_secret, const Measurement& measurement) {
  crypto::HmacSha256 hmac(device_secret.expose());
  ByteArray<32> tag = hmac.update(bytes_of("touchstone/alias secret")).update(encode(measurement)).finish();
  Secret<32> out;
  for (std::size_t i = 0; i < tag.size(); ++i) out.expose()[i] = tag[i];
  wipe(tag.data(), tag.size());
  return out;
}

Scalar alias_key(const Secret<32>& alias_secret) { return derive_key(alias_secret, "touchstone/alias key"); }

ByteArray<32> device_certificate_digest(const crypto::XOnlyPoint& device_key) {
  return crypto::tagged_hash(kDeviceCertificateTag, device_key);
}

ByteArray<32> alias_certificate_digest(const Measurement& measurement, const crypto::XOnlyPoint& alias_key) {
  return Sha256::tagged(kAliasCertificateTag).update(encode(measurement)).update(alias_key).finish();
}

ByteArray<32> attestation_digest(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding, const contract::AttestResponse& response) {
  contract::AttestResponse unsigned_response = response;
  unsigned_response.signature = {};
  ByteArray<contract::AttestResponse::kMaxBytes> buffer;
  return Sha256::tagged(kAttestationTag).update(challenge).update(channel_binding).update(unsigned_response.encode(buffer).value()).finish();
}

}  // namespace touchstone::identity
