// HKDF (RFC 5869) over SHA-256 and SHA-512. Freestanding.
#pragma once

#include "base/bytes.h"

namespace touchstone::crypto {

/// Extract then expand into all of `out`: at most 255 digests (8,160 or 16,320 bytes). An empty salt is allowed. Time
/// depends on the lengths alone; intermediate keys are wiped.
void hkdf_sha256(Bytes ikm, Bytes salt, Bytes info, MutableBytes out);
void hkdf_sha512(Bytes ikm, Bytes salt, Bytes info, MutableBytes out);

/// RFC 5869 section 2.2 and 2.3 by themselves.
ByteArray<32> hkdf_sha256_extract(Bytes salt, Bytes ikm);
void hkdf_sha256_expand(Bytes prk, Bytes info, MutableBytes out);
ByteArray<64> hkdf_sha512_extract(Bytes salt, Bytes ikm);
void hkdf_sha512_expand(Bytes prk, Bytes info, MutableBytes out);

}  // namespace touchstone::crypto
