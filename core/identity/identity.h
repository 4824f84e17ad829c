// Who a card is: keys derived from the device secret, and what is signed from the vendor's key down to a challenge. One
// definition for boot ROM, firmware and wallet. Layered as DICE is (TCG, "DICE Layering Architecture" 1.0): every layer
// hands the next one a secret that depends on the measurement of that next layer, and forgets its own. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "contract/messages.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::identity {

using Lifecycle = contract::AttestResponse::Lifecycle;

/// What the boot ROM knows about the program it starts.
struct Measurement {
  ByteArray<32> firmware_sha256{};
  std::uint32_t version = 0;
  Lifecycle lifecycle = Lifecycle::kDebug;
};

/// The device key: a function of the device secret alone. Zero with probability 2^-256, which no caller looks for.
crypto::Scalar device_key(const Secret<32>& device_secret);
/// HMAC-SHA256(device secret, measurement): another program, version or lifecycle gives an unrelated one.
Secret<32> alias_secret(const Secret<32>& device_secret, const Measurement& measurement);
/// The key that attests, of a card with one firmware.
crypto::Scalar alias_key(const Secret<32>& alias_secret);

/// BIP340 messages (tagged hashes). The vendor signs a device's x-only key,
ByteArray<32> device_certificate_digest(const crypto::XOnlyPoint& device_key);
/// the device key what was measured and the alias key,
ByteArray<32> alias_certificate_digest(const Measurement& measurement, const crypto::XOnlyPoint& alias_key);
/// the alias key the challenge, the channel it was asked on (mpc_channel: noise::Keys::channel_binding; zeros without one: so an
/// answer is of no use to who passes it on) and every field of the response but the signature itself.
ByteArray<32> attestation_digest(const ByteArray<32>& challenge, const ByteArray<32>& channel_binding, const contract::AttestResponse& response);

}  // namespace touchstone::identity
