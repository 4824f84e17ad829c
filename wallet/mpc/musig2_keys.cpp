#include "mpc/musig2_keys.h"

#include <utility>

#include "base/check.h"
#include "crypto/sha256.h"
#include "mpc/musig2_internal.h"

namespace touchstone::mpc::musig2 {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
using crypto::Sha256;

// Insertion: for sixteen keys std::sort would bring 3 KB of code to the card.
void sort_keys(std::span<PublicKey> keys) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    for (std::size_t j = i; j > 0 && keys[j] < keys[j - 1]; --j) std::swap(keys[j], keys[j - 1]);
  }
}

Result<KeyPair> KeyPair::create(Curve& curve, const Scalar& secret_key) {
  if (secret_key.is_zero()) return Error{ErrorCode::kOutOfRange, "secret key is zero"};
  Point point;
  TS_ASSIGN_OR_RETURN(point, curve.multiply_base(secret_key));
  return KeyPair(secret_key, crypto::compress(point));
}

// A context is large for the card's stack, so it is filled where the caller wants it: one variable is returned on every
// path.
Result<KeyAggContext> KeyAggContext::create(Curve& curve, std::span<const PublicKey> untrusted_keys, Blame* blame) {
  Result<KeyAggContext> out = KeyAggContext();
  if (const Status status = out->aggregate(curve, untrusted_keys, blame); !status) out = status.error();
  return out;
}

Status KeyAggContext::aggregate(Curve& curve, std::span<const PublicKey> untrusted_keys, Blame* blame) {
  if (untrusted_keys.empty() || untrusted_keys.size() > kMaxParties) {
    return Error{ErrorCode::kTooLarge, "number of public keys is not supported"};
  }
  parties_ = untrusted_keys.size();
  Sha256 list = Sha256::tagged("KeyAgg list");
  PublicKey second_key{};  // the first key that differs from key 0; its coefficient is 1
  for (std::size_t i = 0; i < parties_; ++i) {
    const PublicKey& key = untrusted_keys[i];
    const auto point = blame_on_error(crypto::decompress(curve, key), blame, Contribution::kPublicKey, i);
    if (!point) return point.error();
    keys_[i] = key;
    points_[i] = *point;
    list.update(key);
    if (second_key == PublicKey{} && key != untrusted_keys[0]) second_key = key;
  }
  const ByteArray<32> list_hash = list.finish();
  for (std::size_t i = 0; i < parties_; ++i) {
    Point term = points_[i];
    if (keys_[i] == second_key) {
      coefficients_[i] = Scalar::from_u32(1);
    } else {
      Sha256 hash = Sha256::tagged("KeyAgg coefficient");
      coefficients_[i] = finish_as_scalar(hash.update(list_hash).update(keys_[i]));
      TS_ASSIGN_OR_RETURN(term, curve.multiply_vartime(coefficients_[i], term));
    }
    TS_ASSIGN_OR_RETURN(aggregate_, curve.add(aggregate_, term));
  }
  if (aggregate_.infinity) return Error{ErrorCode::kInfinity, "aggregate key is infinity"};
  return {};
}

Status KeyAggContext::apply_tweak(Curve& curve, const Tweak& tweak) {
  const auto t = Scalar::from_bytes(tweak.value);
  if (!t) return t.error();
  const bool negate = tweak.is_xonly && !aggregate_.has_even_y();  // g = -1
  Point shift, sum;
  TS_ASSIGN_OR_RETURN(shift, curve.multiply_base(*t));
  TS_ASSIGN_OR_RETURN(sum, curve.add(crypto::negate_if(negate, aggregate_), shift));
  if (sum.infinity) return Error{ErrorCode::kInfinity, "tweaked key is infinity"};
  aggregate_ = sum;
  key_sign_negative_ = key_sign_negative_ != negate;
  tweak_ = *t + tweak_.negate_if(negate);
  return {};
}

const PublicKey& KeyAggContext::key(std::size_t signer) const {
  TS_CHECK(signer < parties_, "no such signer");
  return keys_[signer];
}

const Point& KeyAggContext::point(std::size_t signer) const {
  TS_CHECK(signer < parties_, "no such signer");
  return points_[signer];
}

const Scalar& KeyAggContext::coefficient(std::size_t signer) const {
  TS_CHECK(signer < parties_, "no such signer");
  return coefficients_[signer];
}

std::optional<std::size_t> KeyAggContext::find(const PublicKey& key) const {
  for (std::size_t i = 0; i < parties_; ++i) {
    if (keys_[i] == key) return i;
  }
  return std::nullopt;
}

Result<KeyAggContext> aggregate_keys(Curve& curve, std::span<const PublicKey> untrusted_keys,
                                     std::span<const Tweak> tweaks, Blame* blame) {
  Result<KeyAggContext> out = KeyAggContext::create(curve, untrusted_keys, blame);
  for (std::size_t i = 0; out && i < tweaks.size(); ++i) {
    if (const Status status = out->apply_tweak(curve, tweaks[i]); !status) out = status.error();
  }
  return out;
}

}  // namespace touchstone::mpc::musig2
