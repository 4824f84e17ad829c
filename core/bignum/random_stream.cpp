#include "bignum/random_stream.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/chacha20poly1305.h"

namespace touchstone::bignum {

RandomStream::RandomStream(Bytes key32) {
  TS_CHECK(key32.size() == 32, "a stream's key has 32 bytes");
  std::copy(key32.begin(), key32.end(), key_.expose().begin());
}

void RandomStream::fill(MutableBytes out) {
  ByteArray<crypto::kAeadNonceBytes> nonce{};
  store_le64(nonce.data(), messages_++);
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  crypto::chacha20_xor(key_.expose(), nonce, 0, out, out);
}

}  // namespace touchstone::bignum
