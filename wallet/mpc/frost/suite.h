// The hashes of FROST (RFC 9591 section 6.5). Two suites: the RFC's own for secp256k1, and one whose signatures are
// BIP340's. Freestanding.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"

namespace touchstone::mpc::frost {

enum class Suite : std::uint8_t {
  kRfc9591,  ///< FROST(secp256k1, SHA-256): 65-byte signatures that no chain takes
  kBip340,   ///< FROST-secp256k1-SHA256-TR: BIP340's challenge, nonce and key with even y, BIP341's tweak
};

/// hash_to_field(m, 1) modulo n of RFC 9380 with expand_message_xmd over SHA-256: uniform, the message in pieces.
/// `purpose` follows the suite's context string: "rho" is H1, "chal" H2, "nonce" H3.
class FieldHash {
 public:
  FieldHash(Suite suite, std::string_view purpose);
  FieldHash& update(Bytes bytes) {
    hash_.update(bytes);
    return *this;
  }
  /// The object must not be used afterwards.
  crypto::Scalar finish();

 private:
  void update_tag(crypto::Sha256& hash) const;

  Suite suite_;
  std::string_view purpose_;
  crypto::Sha256 hash_;
};

/// H4 ("msg") and H5 ("com"): SHA-256 after context string and purpose.
crypto::Sha256 context_hash(Suite suite, std::string_view purpose);

/// The challenge c: H2 over R, key and message, or BIP340's over their x.
crypto::Scalar challenge(Suite suite, const crypto::Point& nonce, const crypto::Point& key, Bytes message);

}  // namespace touchstone::mpc::frost
