// ECDSA signatures over secp256k1 (SEC 1, section 4.1), as far as protocols need them that make one together.
// Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace touchstone::crypto {

/// r, s big-endian.
using EcdsaSignature = ByteArray<64>;

/// How a protocol has a signature judged by other code than that which made it: ecdsa_verify on the card,
/// libsecp256k1's on a host (curve_host/host_ecdsa.h).
using EcdsaVerifier = Status (*)(Curve& curve, const Point& public_key, const ByteArray<32>& message_hash,
                                 const EcdsaSignature& signature);

/// Everything is public; a high s is refused (BIP146). Errors: kBadSignature, kInfinity (the key), kNotOnCurve (the
/// key), kDevice.
Status ecdsa_verify(Curve& curve, const Point& public_key, const ByteArray<32>& message_hash,
                    const EcdsaSignature& signature);

}  // namespace touchstone::crypto
