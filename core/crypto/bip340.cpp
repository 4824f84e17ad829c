#include "crypto/bip340.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace touchstone::crypto {
namespace {

constexpr HashTag kAuxTag("BIP0340/aux");
constexpr HashTag kNonceTag("BIP0340/nonce");
constexpr HashTag kChallengeTag("BIP0340/challenge");

constexpr Error kRefused{ErrorCode::kBadSignature, "the signature does not verify"};

// e of "Default Signing" and "Verification".
Scalar challenge(Bytes r, const XOnlyPoint& public_key, Bytes message) {
  return Scalar::from_bytes_reduce(Sha256::tagged(kChallengeTag).update(r).update(public_key).update(message).finish());
}

}  // namespace

Result<XOnlyPoint> bip340_public_key(Curve& curve, const Scalar& secret_key) {
  if (secret_key.is_zero()) return Error{ErrorCode::kOutOfRange, "the secret key is zero"};
  const Result<Point> point = curve.multiply_base(secret_key);
  TS_RETURN_IF_ERROR(point);
  return point->x;
}

Result<ByteArray<64>> bip340_sign(Curve& curve, const Scalar& secret_key, Bytes message,
                                  const Secret<32>& auxiliary_random) {
  if (secret_key.is_zero()) return Error{ErrorCode::kOutOfRange, "the secret key is zero"};
  const Result<Point> key_point = curve.multiply_base(secret_key);
  TS_RETURN_IF_ERROR(key_point);
  const Scalar d = secret_key.negate_if(!key_point->has_even_y());

  // t = bytes(d) xor hash_aux(a); k' = hash_nonce(t || P || m).
  Secret<32> t = d.to_secret();
  ByteArray<32> mask = tagged_hash(kAuxTag, auxiliary_random.expose());
  for (std::size_t i = 0; i < 32; ++i) t.expose()[i] = static_cast<std::uint8_t>(t.expose()[i] ^ mask[i]);
  wipe(mask.data(), mask.size());
  ByteArray<32> nonce = Sha256::tagged(kNonceTag).update(t.expose()).update(key_point->x).update(message).finish();
  const Scalar k_prime = Scalar::from_bytes_reduce(nonce);
  wipe(nonce.data(), nonce.size());
  if (k_prime.is_zero()) return Error{ErrorCode::kOutOfRange, "the nonce is zero"};  // probability 2^-256
  const Result<Point> nonce_point = curve.multiply_base(k_prime);
  TS_RETURN_IF_ERROR(nonce_point);
  const Scalar k = k_prime.negate_if(!nonce_point->has_even_y());

  ByteArray<64> signature;
  std::copy_n(nonce_point->x.begin(), 32, signature.begin());
  (k + challenge(nonce_point->x, key_point->x, message) * d).write_bytes(MutableBytes(signature).subspan(32));
  if (!bip340_verify(curve, key_point->x, message, signature)) {
    wipe(signature.data(), signature.size());
    return Error{ErrorCode::kDevice, "the own signature does not verify"};
  }
  return signature;
}

Status bip340_verify(Curve& curve, const XOnlyPoint& public_key, Bytes message, const ByteArray<64>& signature) {
  const Result<Point> key_point = curve.lift_x(public_key);
  TS_RETURN_IF_ERROR(key_point);
  const Bytes r = Bytes(signature).first(32);
  const Result<Scalar> s = Scalar::from_bytes(Bytes(signature).subspan(32));
  if (!s) return kRefused;
  const Result<Point> left = curve.multiply_base(*s);
  TS_RETURN_IF_ERROR(left);
  const Result<Point> right = curve.multiply_vartime(-challenge(r, public_key, message), *key_point);
  TS_RETURN_IF_ERROR(right);
  const Result<Point> nonce_point = curve.add(*left, *right);
  TS_RETURN_IF_ERROR(nonce_point);
  // r >= p needs no test of its own: no x coordinate is.
  if (nonce_point->infinity || !nonce_point->has_even_y() || !std::equal(r.begin(), r.end(), nonce_point->x.begin()))
    return kRefused;
  return {};
}

}  // namespace touchstone::crypto
