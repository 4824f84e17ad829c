// ECDSA by one key, for tests: libsecp256k1 in the place of the two parties.
#pragma once

#include <secp256k1.h>

#include "base/result.h"
#include "crypto/ecdsa.h"
#include "crypto/scalar.h"

namespace touchstone::chain::test {

/// Deterministic (RFC6979), s is low.
inline crypto::EcdsaSignature ecdsa_sign(const crypto::Scalar& secret, const ByteArray<32>& hash) {
  secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  secp256k1_ecdsa_signature parsed;
  crypto::EcdsaSignature signature;
  const bool made = secp256k1_ecdsa_sign(context, &parsed, hash.data(), secret.to_bytes().data(), nullptr, nullptr) == 1;
  TS_CHECK(made, "the test's key signs");
  secp256k1_ecdsa_signature_serialize_compact(context, signature.data(), &parsed);
  secp256k1_context_destroy(context);
  return signature;
}

}  // namespace touchstone::chain::test
