#include "mpc/musig2_nonce.h"

#include <algorithm>

#include "base/check.h"
#include "base/secret.h"
#include "crypto/point.h"
#include "crypto/sha256.h"
#include "mpc/musig2_internal.h"
#include "mpc/musig2_nonce_maker.h"

namespace touchstone::mpc::musig2 {

using crypto::Curve;
using crypto::Scalar;
using crypto::Sha256;

SecretNonce& SecretNonce::operator=(SecretNonce&& other) noexcept {
  if (this != &other) {
    k1_ = other.k1_;
    k2_ = other.k2_;
    public_key_ = other.public_key_;
    other.k1_ = Scalar();
    other.k2_ = Scalar();
  }
  return *this;
}

namespace {

template <typename ParsePoint>
Result<NoncePoints> parse(Bytes bytes66, ParsePoint parse_point) {
  if (bytes66.size() != 66) return Error{ErrorCode::kBadFormat, "a nonce has 66 bytes"};
  NoncePoints out;
  TS_ASSIGN_OR_RETURN(out.first, parse_point(bytes66.first(33)));
  TS_ASSIGN_OR_RETURN(out.second, parse_point(bytes66.last(33)));
  return out;
}

}  // namespace

Result<NoncePoints> parse_public_nonce(Curve& curve, Bytes untrusted_nonce66) {
  return parse(untrusted_nonce66, [&](Bytes bytes) { return crypto::decompress(curve, bytes); });
}

Result<NoncePoints> parse_aggregate_nonce(Curve& curve, Bytes untrusted_nonce66) {
  return parse(untrusted_nonce66, [&](Bytes bytes) { return crypto::decompress_or_infinity(curve, bytes); });
}

AggregateNonce to_bytes(const NoncePoints& points) {
  AggregateNonce out;
  const auto first = crypto::compress_or_zero(points.first);
  const auto second = crypto::compress_or_zero(points.second);
  std::copy(first.begin(), first.end(), out.begin());
  std::copy(second.begin(), second.end(), out.begin() + 33);
  return out;
}

Result<NoncePoints> add(Curve& curve, const NoncePoints& a, const NoncePoints& b) {
  NoncePoints out;
  TS_ASSIGN_OR_RETURN(out.first, curve.add(a.first, b.first));
  TS_ASSIGN_OR_RETURN(out.second, curve.add(a.second, b.second));
  return out;
}

Result<NonceWithPoints> NonceMaker::make(Curve& curve, const Scalar& k1, const Scalar& k2, const PublicKey& key) {
  if (k1.is_zero() || k2.is_zero()) return Error{ErrorCode::kOutOfRange, "derived nonce is zero"};
  NonceWithPoints out;
  TS_ASSIGN_OR_RETURN(out.points.first, curve.multiply_base(k1));
  TS_ASSIGN_OR_RETURN(out.points.second, curve.multiply_base(k2));
  out.secret_nonce = SecretNonce(k1, k2, key);
  return out;
}

Secret<32> masked_key(const Scalar& secret_key, Bytes random32) {
  TS_CHECK(random32.size() == 32, "MuSig2 takes 32 random bytes");
  ByteArray<32> mask = crypto::tagged_hash("MuSig/aux", random32);
  Secret<32> out = secret_key.to_secret();
  for (std::size_t i = 0; i < 32; ++i) out.expose()[i] ^= mask[i];
  wipe(mask.data(), mask.size());
  return out;
}

Result<NoncePair> generate_nonce(Curve& curve, const NonceGenInput& input) {
  TS_CHECK(input.random32.size() == 32, "MuSig2 takes 32 random bytes");
  Sha256 hash = Sha256::tagged("MuSig/nonce");
  if (input.secret_key != nullptr) {
    const Secret<32> masked = masked_key(*input.secret_key, input.random32);
    hash.update(masked.expose());
  } else {
    hash.update(input.random32);
  }
  hash.update_u8(33).update(input.public_key);
  if (input.aggregate_key) {
    hash.update_u8(32).update(*input.aggregate_key);
  } else {
    hash.update_u8(0);
  }
  if (input.message) {
    hash.update_u8(1).update_be64(input.message->size()).update(*input.message);
  } else {
    hash.update_u8(0);
  }
  const Bytes extra = input.extra.value_or(Bytes());
  hash.update_be32(static_cast<std::uint32_t>(extra.size())).update(extra);
  Sha256 second_hash = hash;
  const Scalar k1 = finish_as_scalar(hash.update_u8(0));
  const Scalar k2 = finish_as_scalar(second_hash.update_u8(1));
  auto made = NonceMaker::make(curve, k1, k2, input.public_key);
  if (!made) return made.error();
  return NoncePair{std::move(made->secret_nonce), to_bytes(made->points), made->points};
}

Result<AggregateNonce> aggregate_nonces(Curve& curve, std::span<const PublicNonce> untrusted_nonces, Blame* blame) {
  if (untrusted_nonces.empty() || untrusted_nonces.size() > kMaxParties) {
    return Error{ErrorCode::kTooLarge, "number of public nonces is not supported"};
  }
  NoncePoints sum;
  for (std::size_t i = 0; i < untrusted_nonces.size(); ++i) {
    const auto points =
        blame_on_error(parse_public_nonce(curve, untrusted_nonces[i]), blame, Contribution::kPublicNonce, i);
    if (!points) return points.error();
    TS_ASSIGN_OR_RETURN(sum, add(curve, sum, *points));
  }
  return to_bytes(sum);
}

}  // namespace touchstone::mpc::musig2
