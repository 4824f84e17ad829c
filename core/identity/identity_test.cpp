// The derivations must depend on everything that is measured and on nothing else; certificates on every field.
#include "identity/identity.h"

#include <gtest/gtest.h>

#include "curve_host/host_curve.h"
#include "identity/development_vendor.h"
#include "support/hex.h"

namespace touchstone::identity {
namespace {

Secret<32> secret(std::uint8_t first) {
  Secret<32> out;
  out.expose()[0] = first;
  return out;
}

std::string alias_hex(const Secret<32>& device_secret, const Measurement& m) { return test::hex(alias_secret(device_secret, m).expose()); }

TEST(Identity, EveryDeviceHasItsOwnKey) {
  EXPECT_TRUE(equal_constant_time(device_key(secret(1)), device_key(secret(1))));
  EXPECT_FALSE(equal_constant_time(device_key(secret(1)), device_key(secret(2))));
}

TEST(Identity, TheAliasDependsOnDeviceProgramVersionAndLifecycle) {
  const Measurement m{{7}, 3, Lifecycle::kProduction};
  Measurement other_program = m, other_version = m, other_lifecycle = m;
  other_program.firmware_sha256[31] ^= 1;
  other_version.version = 4;
  other_lifecycle.lifecycle = Lifecycle::kDebug;
  const std::string base = alias_hex(secret(1), m);
  EXPECT_EQ(alias_hex(secret(1), m), base);
  EXPECT_NE(alias_hex(secret(2), m), base);
  EXPECT_NE(alias_hex(secret(1), other_program), base);
  EXPECT_NE(alias_hex(secret(1), other_version), base);
  EXPECT_NE(alias_hex(secret(1), other_lifecycle), base);
  EXPECT_NE(test::hex(alias_certificate_digest(m, {1})), test::hex(alias_certificate_digest(m, {2})));
  EXPECT_NE(test::hex(alias_certificate_digest(m, {1})), test::hex(alias_certificate_digest(other_lifecycle, {1})));
}

TEST(Identity, TheAttestationCoversEveryByteButTheSignature) {
  contract::AttestResponse response;
  response.version = 2;
  response.lifecycle = 1;
  const ByteArray<32> challenge{5}, binding{7};
  const auto base = test::hex(attestation_digest(challenge, binding, response));
  ByteArray<contract::AttestResponse::kMaxBytes> buffer;
  const std::size_t size = response.encode(buffer)->size();
  for (std::size_t i = 1; i < size; ++i) {
    ByteArray<contract::AttestResponse::kMaxBytes> changed = buffer;
    changed[i] ^= 1;
    const auto digest = test::hex(attestation_digest(challenge, binding, *contract::AttestResponse::decode(Bytes(changed).first(size))));
    EXPECT_EQ(digest == base, i >= size - 64) << "byte " << i;
  }
  EXPECT_NE(test::hex(attestation_digest({6}, binding, response)), base);
  EXPECT_NE(test::hex(attestation_digest(challenge, {6}, response)), base);
}

TEST(Identity, TheDevelopmentVendorCertifies) {
  const crypto::XOnlyPoint key = x_only_key(device_key(secret(9)));
  const auto certificate = certify_device(key, development_vendor_secret());
  EXPECT_TRUE(crypto::schnorr_verify(development_vendor_key(), device_certificate_digest(key), certificate));
}

}  // namespace
}  // namespace touchstone::identity
