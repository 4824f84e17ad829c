#include "crypto/hkdf.h"

#include <algorithm>

#include "base/check.h"
#include "base/secret.h"
#include "crypto/hmac.h"

namespace touchstone::crypto {
namespace {

template <typename Hash>
void expand(Bytes prk, Bytes info, MutableBytes out) {
  TS_CHECK(out.size() <= 255 * Hash::kDigestBytes, "HKDF output too long");
  Secret<Hash::kDigestBytes> block;
  for (std::uint8_t counter = 1; !out.empty(); ++counter) {
    Hmac<Hash> hmac(prk);
    if (counter > 1) hmac.update(block.expose());
    auto digest = hmac.update(info).update(Bytes(&counter, 1)).finish();
    std::copy(digest.begin(), digest.end(), block.expose().begin());
    wipe(digest.data(), digest.size());
    const std::size_t size = std::min(out.size(), Hash::kDigestBytes);
    std::copy_n(block.expose().begin(), size, out.begin());
    out = out.subspan(size);
  }
}

template <typename Hash>
void derive(Bytes ikm, Bytes salt, Bytes info, MutableBytes out) {
  auto prk = Hmac<Hash>(salt).update(ikm).finish();
  expand<Hash>(prk, info, out);
  wipe(prk.data(), prk.size());
}

}  // namespace

// RFC 5869 wants a salt of zeros where none is given; HMAC pads an empty key with zeros to the same.
ByteArray<32> hkdf_sha256_extract(Bytes salt, Bytes ikm) { return hmac_sha256(salt, ikm); }
ByteArray<64> hkdf_sha512_extract(Bytes salt, Bytes ikm) { return hmac_sha512(salt, ikm); }
void hkdf_sha256_expand(Bytes prk, Bytes info, MutableBytes out) { expand<Sha256>(prk, info, out); }
void hkdf_sha512_expand(Bytes prk, Bytes info, MutableBytes out) { expand<Sha512>(prk, info, out); }
void hkdf_sha256(Bytes ikm, Bytes salt, Bytes info, MutableBytes out) { derive<Sha256>(ikm, salt, info, out); }
void hkdf_sha512(Bytes ikm, Bytes salt, Bytes info, MutableBytes out) { derive<Sha512>(ikm, salt, info, out); }

}  // namespace touchstone::crypto
