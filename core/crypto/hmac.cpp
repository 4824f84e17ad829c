#include "crypto/hmac.h"

#include "base/secret.h"

namespace touchstone::crypto {

template <typename Hash>
Hmac<Hash>::Hmac(Bytes key) {
  Secret<Hash::kBlockBytes> pad;
  MutableBytes block = pad.expose();
  if (key.size() > Hash::kBlockBytes) {
    auto digest = Hash().update(key).finish();
    for (std::size_t i = 0; i < digest.size(); ++i) block[i] = digest[i];
    wipe(digest.data(), digest.size());
  } else {
    for (std::size_t i = 0; i < key.size(); ++i) block[i] = key[i];
  }
  for (std::uint8_t& b : block) b ^= 0x36;
  inner_.update(block);
  for (std::uint8_t& b : block) b ^= 0x36 ^ 0x5c;
  outer_.update(block);
}

template <typename Hash>
ByteArray<Hash::kDigestBytes> Hmac<Hash>::finish() {
  auto inner = inner_.finish();
  outer_.update(inner);
  wipe(inner.data(), inner.size());
  return outer_.finish();
}

template class Hmac<Sha256>;
template class Hmac<Sha512>;

ByteArray<32> hmac_sha256(Bytes key, Bytes message) { return HmacSha256(key).update(message).finish(); }
ByteArray<64> hmac_sha512(Bytes key, Bytes message) { return HmacSha512(key).update(message).finish(); }

}  // namespace touchstone::crypto
