#include "mpc/musig2_sign.h"

#include <algorithm>

#include "base/check.h"
#include "crypto/point.h"
#include "crypto/sha256.h"
#include "mpc/musig2_internal.h"
#include "mpc/musig2_nonce_maker.h"

namespace touchstone::mpc::musig2 {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
using crypto::Sha256;

Result<Session> Session::create(Curve& curve, const KeyAggContext& keys, Bytes untrusted_aggregate_nonce66,
                                Bytes message, Blame* blame) {
  const auto points = blame_on_error(parse_aggregate_nonce(curve, untrusted_aggregate_nonce66), blame,
                                     Contribution::kAggregateNonce, std::nullopt);
  if (!points) return points.error();
  return create(curve, keys, *points, message);
}

Result<Session> Session::create(Curve& curve, const KeyAggContext& keys, const NoncePoints& aggregate_nonce,
                                Bytes message) {
  Session out;
  out.x_only_key_ = keys.x_only_key();
  Sha256 coefficient_hash = Sha256::tagged("MuSig/noncecoef");
  out.nonce_coefficient_ =
      finish_as_scalar(coefficient_hash.update(to_bytes(aggregate_nonce)).update(out.x_only_key_).update(message));
  Point scaled;
  TS_ASSIGN_OR_RETURN(scaled, curve.multiply_vartime(out.nonce_coefficient_, aggregate_nonce.second));
  TS_ASSIGN_OR_RETURN(out.final_nonce_, curve.add(aggregate_nonce.first, scaled));
  // Only a cheating party can bring about infinity; G instead lets the honest go on, so that verification finds the
  // cheat.
  if (out.final_nonce_.infinity) out.final_nonce_ = crypto::generator();
  Sha256 challenge_hash = Sha256::tagged("BIP0340/challenge");
  out.challenge_ = finish_as_scalar(challenge_hash.update(out.final_nonce_.x).update(out.x_only_key_).update(message));
  return out;
}

namespace {

Status check_same_key(const KeyAggContext& keys, const Session& session) {
  if (session.x_only_key() != keys.x_only_key()) return Error{ErrorCode::kMismatch, "session belongs to another key"};
  return {};
}

constexpr Error kForeignKey{ErrorCode::kMismatch, "secret key belongs to none of the public keys"};
constexpr Error kFault{ErrorCode::kDevice, "own computation does not verify"};

Result<Session> session_of_two(Curve& curve, const KeyAggContext& keys, const NoncePoints& a, const NoncePoints& b,
                               Bytes message) {
  const auto aggregate = add(curve, a, b);
  if (!aggregate) return aggregate.error();
  return Session::create(curve, keys, *aggregate, message);
}

}  // namespace

// s = k1 + b*k2 + e*a*d, nonces and key with the signs that make R and Q even.
struct PartialSigner {
  static Result<PartialSignature> run(SecretNonce&& secret_nonce, const KeyPair& key_pair, const KeyAggContext& keys,
                                      const Session& session) {
    const SecretNonce nonce(std::move(secret_nonce));  // gone from the caller even if what follows fails
    if (!nonce.usable()) return Error{ErrorCode::kState, "secret nonce is empty or was used"};
    TS_RETURN_IF_ERROR(check_same_key(keys, session));
    const auto signer = keys.find(key_pair.public_key());
    if (!signer) return kForeignKey;
    if (nonce.public_key_ != key_pair.public_key())
      return Error{ErrorCode::kMismatch, "secret nonce was made for another key"};
    const Scalar& a = keys.coefficient(*signer);
    const Scalar d = key_pair.secret_key().negate_if(keys.negates_keys());
    const Scalar k = nonce.k1_ + session.nonce_coefficient() * nonce.k2_;
    const Scalar s = k.negate_if(!session.final_nonce().has_even_y()) + session.challenge() * a * d;
    return s.to_bytes();
  }
};

Result<PartialSignature> sign(SecretNonce&& secret_nonce, const KeyPair& key_pair, const KeyAggContext& keys,
                              const Session& session) {
  return PartialSigner::run(std::move(secret_nonce), key_pair, keys, session);
}

Result<PartialSignature> sign(Curve& curve, SecretNonce&& secret_nonce, const Scalar& secret_key,
                              const KeyAggContext& keys, const Session& session) {
  SecretNonce nonce(std::move(secret_nonce));
  if (!nonce.usable()) return Error{ErrorCode::kState, "secret nonce is empty or was used"};
  const auto key_pair = KeyPair::create(curve, secret_key);
  if (!key_pair) return key_pair.error();
  return sign(std::move(nonce), *key_pair, keys, session);
}

Status verify_partial(Curve& curve, Bytes untrusted_partial32, Bytes untrusted_nonce66, std::size_t signer,
                      const KeyAggContext& keys, const Session& session, Blame* blame) {
  const auto points =
      blame_on_error(parse_public_nonce(curve, untrusted_nonce66), blame, Contribution::kPublicNonce, signer);
  if (!points) return points.error();
  return verify_partial(curve, untrusted_partial32, *points, signer, keys, session, blame);
}

// s*G == (R1 + b*R2) + e*a*P, with the signs of sign().
Status verify_partial(Curve& curve, Bytes untrusted_partial32, const NoncePoints& nonce, std::size_t signer,
                      const KeyAggContext& keys, const Session& session, Blame* blame) {
  TS_RETURN_IF_ERROR(check_same_key(keys, session));
  const auto refuse = [&] {
    set_blame(blame, Contribution::kPartialSignature, signer);
    return Error{ErrorCode::kBadSignature, "partial signature does not verify"};
  };
  if (untrusted_partial32.size() != 32) return refuse();
  const auto s = Scalar::from_bytes(untrusted_partial32);
  if (!s) return refuse();
  Point left, scaled_nonce, signer_nonce, key_term, right;
  TS_ASSIGN_OR_RETURN(left, curve.multiply_base(*s));
  TS_ASSIGN_OR_RETURN(scaled_nonce, curve.multiply_vartime(session.nonce_coefficient(), nonce.second));
  TS_ASSIGN_OR_RETURN(signer_nonce, curve.add(nonce.first, scaled_nonce));
  const Scalar key_factor = (session.challenge() * keys.coefficient(signer)).negate_if(keys.negates_keys());
  TS_ASSIGN_OR_RETURN(key_term, curve.multiply_vartime(key_factor, keys.point(signer)));
  TS_ASSIGN_OR_RETURN(right,
                      curve.add(crypto::negate_if(!session.final_nonce().has_even_y(), signer_nonce), key_term));
  if (!crypto::equal(left, right)) return refuse();
  return {};
}

Result<Signature> aggregate_partials(const KeyAggContext& keys, const Session& session,
                                     std::span<const PartialSignature> untrusted_partials, Blame* blame) {
  TS_RETURN_IF_ERROR(check_same_key(keys, session));
  if (untrusted_partials.size() != keys.parties()) {
    return Error{ErrorCode::kMismatch, "one partial signature of every party is needed"};
  }
  Scalar sum = session.challenge() * keys.signed_tweak();
  for (std::size_t i = 0; i < untrusted_partials.size(); ++i) {
    const auto s =
        blame_on_error(Scalar::from_bytes(untrusted_partials[i]), blame, Contribution::kPartialSignature, i);
    if (!s) return s.error();
    sum += *s;
  }
  Signature out;
  std::copy(session.final_nonce().x.begin(), session.final_nonce().x.end(), out.begin());
  sum.write_bytes(MutableBytes(out).last(32));
  return out;
}

Result<DeterministicSignature> deterministic_sign(Curve& curve, const Scalar& secret_key,
                                                  Bytes untrusted_aggregate_other_nonce66, const KeyAggContext& keys,
                                                  Bytes message, std::optional<Bytes> random32, Blame* blame) {
  const auto pair = KeyPair::create(curve, secret_key);
  if (!pair) return pair.error();
  const auto signer = keys.find(pair->public_key());
  if (!signer) return kForeignKey;
  // As NonceAgg does with every nonce, infinity is refused.
  const auto others = blame_on_error(parse_public_nonce(curve, untrusted_aggregate_other_nonce66), blame,
                                     Contribution::kAggregateOtherNonce, std::nullopt);
  if (!others) return others.error();
  const Bytes other_bytes = untrusted_aggregate_other_nonce66;
  if (!std::equal(other_bytes.begin(), other_bytes.end(), to_bytes(*others).begin())) return kFault;

  Sha256 hash = Sha256::tagged("MuSig/deterministic/nonce");
  const Secret<32> masked = random32 ? masked_key(secret_key, *random32) : secret_key.to_secret();
  hash.update(masked.expose()).update(untrusted_aggregate_other_nonce66).update(keys.x_only_key());
  hash.update_be64(message.size()).update(message);
  Sha256 second_hash = hash;
  const Scalar k1 = finish_as_scalar(hash.update_u8(0));
  const Scalar k2 = finish_as_scalar(second_hash.update_u8(1));
  auto own = NonceMaker::make(curve, k1, k2, pair->public_key());
  if (!own) return own.error();

  const auto session = session_of_two(curve, keys, own->points, *others, message);
  if (!session) return session.error();
  const auto partial = sign(std::move(own->secret_nonce), *pair, keys, *session);
  if (!partial) return partial.error();
  // Two signatures of one deterministic nonce under different challenges give the key away, and a fault makes the
  // second. So the session is computed anew and the signature verified in it: no single wrong point slips through both.
  const auto session_again = session_of_two(curve, keys, own->points, *others, message);
  if (!session_again) return session_again.error();
  if (!verify_partial(curve, *partial, own->points, *signer, keys, *session_again)) return kFault;
  return DeterministicSignature{to_bytes(own->points), *partial};
}

}  // namespace touchstone::mpc::musig2
