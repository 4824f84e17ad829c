#include "identity/development_vendor.h"

#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "identity/identity.h"

namespace touchstone::identity {

crypto::Scalar development_vendor_secret() {
  constexpr std::string_view kLabel = "touchstone development vendor, not for products";
  return crypto::Scalar::from_bytes_reduce(
      crypto::sha256({reinterpret_cast<const std::uint8_t*>(kLabel.data()), kLabel.size()}));
}

crypto::XOnlyPoint development_vendor_key() { return x_only_key(development_vendor_secret()); }

crypto::XOnlyPoint x_only_key(const crypto::Scalar& secret_key) {
  crypto::HostCurve curve;
  return curve.multiply_base(secret_key).value().x;
}

ByteArray<64> certify_device(const crypto::XOnlyPoint& device_key, const crypto::Scalar& vendor_secret) {
  // Production must be repeatable from the seed: no auxiliary randomness (BIP340 allows it; the nonce stays secret).
  return crypto::schnorr_sign(vendor_secret, device_certificate_digest(device_key), ByteArray<32>{}).value();
}

}  // namespace touchstone::identity
