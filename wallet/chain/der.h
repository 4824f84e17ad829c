// ECDSA signatures as Bitcoin's scripts take them: strict DER (BIP66) with low s (BIP146). Host only: protocols and the
// card speak of (r, s) in 64 bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/ecdsa.h"

namespace touchstone::chain {

/// SEQUENCE of two INTEGERs, without hash type.
struct DerSignature {
  static constexpr std::size_t kMaxBytes = 71;  ///< s is low, so only r may need a zero in front
  ByteArray<kMaxBytes> bytes{};
  std::size_t size = 0;
  Bytes view() const { return Bytes(bytes.data(), size); }
};

/// Errors: kOutOfRange (r or s zero or not below the order, s high).
Result<DerSignature> der_encode(const crypto::EcdsaSignature& signature);
/// Takes only what der_encode gives. Errors: kBadFormat (not strict DER), kOutOfRange (as above).
Result<crypto::EcdsaSignature> der_decode(Bytes untrusted_bytes);

}  // namespace touchstone::chain
