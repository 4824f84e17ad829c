// ECDSA verification by libsecp256k1.
#pragma once

#include "crypto/ecdsa.h"

namespace touchstone::crypto {

/// An EcdsaVerifier; `curve` is not used. A high s is refused. Errors: kBadSignature, kNotOnCurve (the key).
Status host_ecdsa_verify(Curve& curve, const Point& public_key, const ByteArray<32>& message_hash,
                         const EcdsaSignature& signature);

}  // namespace touchstone::crypto
