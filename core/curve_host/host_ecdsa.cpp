#include "curve_host/host_ecdsa.h"

#include <secp256k1.h>

#include <algorithm>

namespace touchstone::crypto {

Status host_ecdsa_verify(Curve&, const Point& public_key, const ByteArray<32>& message_hash,
                         const EcdsaSignature& signature) {
  ByteArray<65> bytes{4};
  std::copy(public_key.x.begin(), public_key.x.end(), bytes.begin() + 1);
  std::copy(public_key.y.begin(), public_key.y.end(), bytes.begin() + 33);
  secp256k1_pubkey key;
  if (public_key.infinity || secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, bytes.data(), bytes.size()) != 1)
    return Error{ErrorCode::kNotOnCurve, "not a point of secp256k1"};
  secp256k1_ecdsa_signature parsed;
  if (secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &parsed, signature.data()) != 1 ||
      secp256k1_ecdsa_verify(secp256k1_context_static, &parsed, message_hash.data(), &key) != 1)
    return Error{ErrorCode::kBadSignature, "the ECDSA signature does not verify"};
  return {};
}

}  // namespace touchstone::crypto
