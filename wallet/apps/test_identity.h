// A card's identity and a signed image as production makes them, for tests.
#pragma once

#include <vector>

#include "curve_host/host_curve.h"
#include "identity/development_vendor.h"
#include "identity/identity.h"
#include "image_builder/image_builder.h"
#include "support/elf_file.h"

namespace touchstone::wallet::test {

using contract::AttestResponse;

inline ByteArray<64> sign(const crypto::Scalar& key, const ByteArray<32>& digest) { return *crypto::schnorr_sign(key, digest, ByteArray<32>{}); }

/// A card as production and boot ROM make it.
struct TestIdentity {
  explicit TestIdentity(std::uint8_t number) { device_secret.expose()[0] = number; }
  Secret<32> device_secret;
  crypto::Scalar vendor = identity::development_vendor_secret();
  identity::Measurement measurement{{0xF1}, 5, AttestResponse::Lifecycle::kProduction};

  AttestResponse respond(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding = {}) const {
    AttestResponse r;
    const crypto::Scalar device = identity::device_key(device_secret);
    const crypto::Scalar alias = identity::alias_key(identity::alias_secret(device_secret, measurement));
    r.device_key = identity::x_only_key(device);
    r.device_certificate = identity::certify_device(r.device_key, vendor);
    r.version = measurement.version;
    r.lifecycle = static_cast<std::uint8_t>(measurement.lifecycle);
    r.firmware_sha256 = measurement.firmware_sha256;
    r.alias_key = identity::x_only_key(alias);
    r.alias_certificate = sign(device, identity::alias_certificate_digest(measurement, r.alias_key));
    r.signature = sign(alias, identity::attestation_digest(challenge, channel_binding, r));
    return r;
  }
};

/// A signed image of version 9.
inline std::vector<std::uint8_t> small_image() {
  const auto elf = ElfImage::parse(touchstone::test::elf_file(firmware::kLoadAddress, ByteArray<5000>{}));
  return std::get<firmware::ImageBytes>(firmware::build_image(std::get<ElfImage>(elf), 9, identity::development_vendor_secret()));
}

}  // namespace touchstone::wallet::test
