#include "mpc_dkls/randomness.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/chacha20poly1305.h"
#include "crypto/hkdf.h"

namespace touchstone::mpc::dkls {

void stretch(const Seed& seed, Stretch purpose, Bytes nonce, std::uint32_t block, MutableBytes out) {
  ByteArray<crypto::kAeadNonceBytes> full{static_cast<std::uint8_t>(purpose)};
  TS_CHECK(nonce.size() < full.size(), "the first byte is the purpose");
  std::copy(nonce.begin(), nonce.end(), full.begin() + 1);
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  crypto::chacha20_xor(seed, full, block, out, out);
}

Randomness::Randomness(Bytes secret, Bytes bound_to, Bytes purpose) {
  crypto::hkdf_sha256(secret, bound_to, purpose, key_);
}

void Randomness::stir(Bytes more) {
  const Seed before = key_;
  crypto::hkdf_sha256(more, before, label("stir"), key_);
  block_ = 0;
}

void Randomness::fill(MutableBytes out) {
  stretch(key_, Stretch::kStream, {}, block_, out);
  block_ += static_cast<std::uint32_t>((out.size() + 63) / 64);
}

crypto::Scalar Randomness::scalar() {
  Secret<64> wide;
  fill(wide.expose());
  return crypto::Scalar::from_wide_reduce(wide.expose());
}

}  // namespace touchstone::mpc::dkls
