// HMAC (RFC 2104) over SHA-256 and SHA-512. Freestanding.
#pragma once

#include "base/bytes.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"

namespace touchstone::crypto {

/// Streaming HMAC; Hash is Sha256 or Sha512. Keys of any length; time depends on the lengths alone; wiped at its end.
template <typename Hash>
class Hmac {
 public:
  explicit Hmac(Bytes key);
  Hmac& update(Bytes bytes) {
    inner_.update(bytes);
    return *this;
  }
  /// The tag; the object must not be used afterwards.
  ByteArray<Hash::kDigestBytes> finish();

 private:
  Hash inner_;
  Hash outer_;
};
using HmacSha256 = Hmac<Sha256>;
using HmacSha512 = Hmac<Sha512>;

ByteArray<32> hmac_sha256(Bytes key, Bytes message);
ByteArray<64> hmac_sha512(Bytes key, Bytes message);

}  // namespace touchstone::crypto
