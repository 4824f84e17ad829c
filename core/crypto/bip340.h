// BIP340 signatures over the Curve border: what the card signs and verifies by itself. Freestanding. Hosts that have
// libsecp256k1 at hand use curve_host's functions; both give the same bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::crypto {

/// x-only public key of a secret one. Errors: kOutOfRange (zero), kDevice.
Result<XOnlyPoint> bip340_public_key(Curve& curve, const Scalar& secret_key);

/// Signs a message of any length. The nonce is hedged: it depends on key, message and `auxiliary_random`, and stays secret
/// when the random bytes are bad. The signature is verified before it leaves, so that a fault in the curve gives no key away.
/// Constant time in the key. Errors: kOutOfRange (the key is zero), kDevice (also when the signature does not verify).
Result<ByteArray<64>> bip340_sign(Curve& curve, const Scalar& secret_key, Bytes message,
                                  const Secret<32>& auxiliary_random);

/// Everything is public. Errors: kNotOnCurve (no such key), kBadSignature, kDevice.
Status bip340_verify(Curve& curve, const XOnlyPoint& public_key, Bytes message, const ByteArray<64>& signature);

}  // namespace touchstone::crypto
