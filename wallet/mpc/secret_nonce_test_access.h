// Secret nonces as the 97 bytes of BIP327. For tests alone: bytes can be copied, and a nonce used twice gives the key
// away.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "base/result.h"
#include "mpc/musig2_nonce.h"

namespace touchstone::mpc::musig2 {

struct SecretNonceTestAccess {
  static Result<SecretNonce> from_bytes(Bytes bytes97) {
    const auto k1 = crypto::Scalar::from_bytes(bytes97.first(32));
    const auto k2 = crypto::Scalar::from_bytes(bytes97.subspan(32, 32));
    if (!k1) return k1.error();
    if (!k2) return k2.error();
    PublicKey key;
    std::copy_n(bytes97.begin() + 64, key.size(), key.begin());
    return SecretNonce(*k1, *k2, key);
  }
  static ByteArray<97> to_bytes(const SecretNonce& nonce) {
    ByteArray<97> out;
    nonce.k1_.write_bytes(MutableBytes(out).first(32));
    nonce.k2_.write_bytes(MutableBytes(out).subspan(32, 32));
    std::copy(nonce.public_key_.begin(), nonce.public_key_.end(), out.begin() + 64);
    return out;
  }
};

}  // namespace touchstone::mpc::musig2
