#include "mpc_session/hedged.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc {

using crypto::Scalar;

HedgedRandom::HedgedRandom(Bytes random32, std::initializer_list<const Scalar*> secrets,
                           const ByteArray<32>& bound_to) {
  TS_CHECK(random32.size() == 32, "a session takes 32 random bytes");
  crypto::HmacSha256 extract(bound_to);  // HKDF-Extract with it as salt
  extract.update(random32);
  for (const Scalar* secret : secrets) extract.update(secret->to_secret().expose());
  ByteArray<32> key = extract.finish();
  std::copy(key.begin(), key.end(), key_.expose().begin());
  wipe(key.data(), key.size());
}

void HedgedRandom::fill(MutableBytes out, const crypto::HashTag& purpose, std::uint32_t number, Bytes agreed) const {
  crypto::hkdf_sha256_expand(key_.expose(), Transcript(purpose).add_u32(number).add(agreed).digest(), out);
}

Secret<32> HedgedRandom::bytes(const crypto::HashTag& purpose, std::uint32_t number, Bytes agreed) const {
  Secret<32> out;
  fill(out.expose(), purpose, number, agreed);
  return out;
}

Scalar HedgedRandom::scalar(const crypto::HashTag& purpose, std::uint32_t number, Bytes agreed) const {
  Secret<64> wide;
  fill(wide.expose(), purpose, number, agreed);
  return Scalar::from_wide_reduce(wide.expose());
}

}  // namespace touchstone::mpc
