#include "mpc_frost/hedged.h"

#include <algorithm>

#include "base/check.h"
#include "base/declassify.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

namespace touchstone::mpc::frost {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

HedgedRandom::HedgedRandom(Bytes random32, std::initializer_list<const Scalar*> secrets, const SessionId& session) {
  TS_CHECK(random32.size() == 32, "a session takes 32 random bytes");
  crypto::HmacSha256 extract(session);  // HKDF-Extract with the id as salt
  extract.update(random32);
  for (const Scalar* secret : secrets) extract.update(secret->to_secret().expose());
  ByteArray<32> key = extract.finish();
  std::copy(key.begin(), key.end(), key_.expose().begin());
  wipe(key.data(), key.size());
}

Secret<32> HedgedRandom::bytes(const crypto::HashTag& purpose, std::uint32_t number, Bytes agreed) const {
  Secret<32> out;
  crypto::hkdf_sha256_expand(key_.expose(), Transcript(purpose).add_u32(number).add(agreed).digest(), out.expose());
  return out;
}

Scalar HedgedRandom::scalar(const crypto::HashTag& purpose, std::uint32_t number, Bytes agreed) const {
  Secret<64> wide;
  crypto::hkdf_sha256_expand(key_.expose(), Transcript(purpose).add_u32(number).add(agreed).digest(), wide.expose());
  return Scalar::from_wide_reduce(wide.expose());
}

Scalar derive_scalar(const Scalar& secret, const crypto::HashTag& purpose, Bytes context) {
  const Secret<32> key = secret.to_secret();
  Secret<64> wide;
  crypto::hkdf_sha256(key.expose(), {}, Transcript(purpose).add(context).digest(), wide.expose());
  return Scalar::from_wide_reduce(wide.expose());
}

Result<Proof> prove(Curve& curve, Transcript context, const Scalar& secret, const Point& point, const Scalar& nonce) {
  Point r;
  TS_ASSIGN_OR_RETURN(r, curve.multiply_base(nonce));
  if (r.infinity || point.infinity) return Error{ErrorCode::kInfinity, "a proof needs points other than infinity"};
  Proof out{crypto::compress(r), {}};
  const Scalar challenge = context.add(crypto::compress(point)).add(out.nonce).scalar();
  out.response = declassify((nonce + challenge * secret).to_bytes());
  return out;
}

// R == z*G - c*P
Status verify(Curve& curve, Transcript context, const Point& point, const Proof& untrusted_proof) {
  constexpr Error kRefused{ErrorCode::kBadSignature, "proof of possession does not verify"};
  const auto response = Scalar::from_bytes(untrusted_proof.response);
  if (!response || point.infinity) return kRefused;
  const Scalar challenge = context.add(crypto::compress(point)).add(untrusted_proof.nonce).scalar();
  Point base_term, key_term, nonce;
  TS_ASSIGN_OR_RETURN(base_term, curve.multiply_base(*response));
  TS_ASSIGN_OR_RETURN(key_term, curve.multiply(-challenge, point));
  TS_ASSIGN_OR_RETURN(nonce, curve.add(base_term, key_term));
  if (nonce.infinity || crypto::compress(nonce) != untrusted_proof.nonce) return kRefused;
  return {};
}

}  // namespace touchstone::mpc::frost
