// The vendor of a development build: a key pair that everybody can derive. A product puts the public key of its own vendor
// into the boot ROM and keeps the secret one in a signing service. Host only.
#pragma once

#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::identity {

/// SHA-256 of a fixed label.
crypto::Scalar development_vendor_secret();
crypto::XOnlyPoint development_vendor_key();
/// The x-only public key of a secret one, on the host's curve.
crypto::XOnlyPoint x_only_key(const crypto::Scalar& secret_key);
/// The vendor's BIP340 signature over a device key, as made in production.
ByteArray<64> certify_device(const crypto::XOnlyPoint& device_key, const crypto::Scalar& vendor_secret);

}  // namespace touchstone::identity
