#include "mpc_frost/suite.h"

#include <algorithm>

#include "base/secret.h"

namespace touchstone::mpc::frost {

using crypto::Scalar;
using crypto::Sha256;

namespace {

constexpr std::uint8_t kExpandedBytes = 48;  // L of RFC 9380 for a 256-bit order

std::string_view context(Suite suite) {
  return suite == Suite::kRfc9591 ? "FROST-secp256k1-SHA256-v1" : "FROST-secp256k1-SHA256-TR-v1";
}

// A byte at a time: a view of char is no view of uint8_t.
void update_text(Sha256& hash, std::string_view text) {
  for (const char c : text) hash.update_u8(static_cast<std::uint8_t>(c));
}

}  // namespace

FieldHash::FieldHash(Suite suite, std::string_view purpose) : suite_(suite), purpose_(purpose) {
  const ByteArray<Sha256::kBlockBytes> padding{};
  hash_.update(padding);
}

// DST_prime
void FieldHash::update_tag(Sha256& hash) const {
  update_text(hash, context(suite_));
  update_text(hash, purpose_);
  hash.update_u8(static_cast<std::uint8_t>(context(suite_).size() + purpose_.size()));
}

Scalar FieldHash::finish() {
  hash_.update_u8(0).update_u8(kExpandedBytes).update_u8(0);
  update_tag(hash_);
  ByteArray<32> b0 = hash_.finish(), block{};
  ByteArray<64> wide{};  // 48 uniform bytes behind 16 zeros
  for (std::uint8_t i = 1; i <= 2; ++i) {
    for (std::size_t k = 0; k < block.size(); ++k) block[k] ^= b0[k];
    Sha256 hash;
    hash.update(block).update_u8(i);
    update_tag(hash);
    block = hash.finish();
    const std::size_t at = i == 1 ? 16 : 48;
    std::copy(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(std::min(block.size(), wide.size() - at)),
              wide.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const Scalar out = Scalar::from_wide_reduce(wide);
  wipe(b0.data(), b0.size());
  wipe(block.data(), block.size());
  wipe(wide.data(), wide.size());
  return out;
}

Sha256 context_hash(Suite suite, std::string_view purpose) {
  Sha256 out;
  update_text(out, context(suite));
  update_text(out, purpose);
  return out;
}

Scalar challenge(Suite suite, const crypto::Point& nonce, const crypto::Point& key, Bytes message) {
  if (suite == Suite::kRfc9591) {
    FieldHash hash(suite, "chal");
    return hash.update(crypto::compress(nonce)).update(crypto::compress(key)).update(message).finish();
  }
  Sha256 hash = Sha256::tagged("BIP0340/challenge");
  return Scalar::from_bytes_reduce(hash.update(nonce.x).update(key.x).update(message).finish());
}

}  // namespace touchstone::mpc::frost
