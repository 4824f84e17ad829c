#include "mpc_frost/sign.h"

#include <algorithm>

#include "base/check.h"
#include "base/secret.h"

namespace touchstone::mpc::frost {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
using crypto::Sha256;

namespace {

/// SerializeScalar of an identifier.
ByteArray<32> encode(PartyId id) { return Scalar::from_u32(id).to_bytes(); }

Scalar nonce_generate(Suite suite, Bytes random32, const Scalar& share) {
  TS_CHECK(random32.size() == 32, "a nonce takes 32 random bytes");
  const Secret<32> secret = share.to_secret();
  FieldHash hash(suite, "nonce");
  return hash.update(random32).update(secret.expose()).finish();
}

}  // namespace

SecretNonces& SecretNonces::operator=(SecretNonces&& other) noexcept {
  if (this != &other) {
    hiding_ = other.hiding_;
    binding_ = other.binding_;
    commitment_ = other.commitment_;
    other.hiding_ = Scalar();
    other.binding_ = Scalar();
  }
  return *this;
}

Result<SecretNonces> generate_nonces(Curve& curve, Suite suite, Bytes hiding_random32, Bytes binding_random32,
                                     const Scalar& share) {
  SecretNonces out;
  out.hiding_ = nonce_generate(suite, hiding_random32, share);
  out.binding_ = nonce_generate(suite, binding_random32, share);
  if (!out.usable()) return Error{ErrorCode::kOutOfRange, "derived nonce is zero"};
  TS_ASSIGN_OR_RETURN(out.commitment_.hiding, curve.multiply_base(out.hiding_));
  TS_ASSIGN_OR_RETURN(out.commitment_.binding, curve.multiply_base(out.binding_));
  return out;
}

Result<SigningPackage> SigningPackage::create(Curve& curve, const SigningKey& key, const Parties& signers,
                                              std::span<const NonceCommitment> commitments, Bytes message) {
  if (signers.size() < key.group().threshold) return Error{ErrorCode::kMismatch, "fewer signers than the threshold"};
  for (const PartyId id : signers)
    if (!key.group().parties.contains(id)) return Error{ErrorCode::kMismatch, "a signer is not of the group"};
  if (commitments.size() != signers.size())
    return Error{ErrorCode::kMismatch, "one commitment of every signer is needed"};
  // Large for the card's stack: one variable is returned on every path.
  Result<SigningPackage> out = SigningPackage();
  out->key_ = &key;
  out->signers_ = signers;
  if (const Status status = out->fill(curve, commitments, message); !status) out = status.error();
  return out;
}

// compute_binding_factors and compute_group_commitment (sections 4.4, 4.5).
Status SigningPackage::fill(Curve& curve, std::span<const NonceCommitment> commitments, Bytes message) {
  const Suite suite = key_->suite();
  std::copy(commitments.begin(), commitments.end(), commitments_.begin());
  const ByteArray<32> message_hash = context_hash(suite, "msg").update(message).finish();
  Sha256 list = context_hash(suite, "com");
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    if (commitments[i].hiding.infinity || commitments[i].binding.infinity) {
      return Error{ErrorCode::kInfinity, "nonce commitment is infinity"};
    }
    list.update(encode(signers_[i]))
        .update(crypto::compress(commitments[i].hiding))
        .update(crypto::compress(commitments[i].binding));
  }
  const ByteArray<32> list_hash = list.finish();
  const auto key = crypto::compress(key_->point());
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    FieldHash hash(suite, "rho");
    binding_factors_[i] = hash.update(key).update(message_hash).update(list_hash).update(encode(signers_[i])).finish();
    Point scaled;
    TS_ASSIGN_OR_RETURN(scaled, curve.multiply_vartime(binding_factors_[i], commitments[i].binding));
    TS_ASSIGN_OR_RETURN(nonces_[i], curve.add(commitments[i].hiding, scaled));
    TS_ASSIGN_OR_RETURN(group_nonce_, curve.add(group_nonce_, nonces_[i]));
  }
  if (group_nonce_.infinity) return Error{ErrorCode::kInfinity, "group nonce is infinity"};
  challenge_ = frost::challenge(suite, group_nonce_, key_->point(), message);
  return {};
}

Scalar SigningPackage::share_factor(PartyId signer) const {
  return (lagrange_coefficient(signers_, signer) * challenge_).negate_if(key_->negates_shares());
}

// z = d + e*rho + lambda*s*c, nonces and share with the signs that make R and the key even.
Result<Scalar> SigningPackage::sign(SecretNonces&& untaken_nonces, PartyId own, const Scalar& share) const {
  const SecretNonces nonces(std::move(untaken_nonces));  // gone from the caller even if what follows fails
  if (!nonces.usable()) return Error{ErrorCode::kState, "nonces are empty or were used"};
  const auto index = signers_.index_of(own);
  if (!index) return Error{ErrorCode::kMismatch, "own party does not sign"};
  if (!crypto::equal(nonces.commitment_.hiding, commitments_[*index].hiding) ||
      !crypto::equal(nonces.commitment_.binding, commitments_[*index].binding)) {
    return Error{ErrorCode::kMismatch, "own commitment is not in the package"};
  }
  const Scalar nonce = nonces.hiding_ + nonces.binding_ * binding_factors_[*index];
  return nonce.negate_if(negates_nonces()) + share_factor(own) * share;
}

Status SigningPackage::verify_share(Curve& curve, PartyId signer, const Scalar& untrusted_share) const {
  const auto index = signers_.index_of(signer);
  TS_CHECK(index.has_value(), "share of a party that does not sign");
  const Point& verification_share = key_->group().verification_shares[*key_->group().parties.index_of(signer)];
  Point left, key_term, right;
  TS_ASSIGN_OR_RETURN(left, curve.multiply_base(untrusted_share));
  TS_ASSIGN_OR_RETURN(key_term, curve.multiply_vartime(share_factor(signer), verification_share));
  TS_ASSIGN_OR_RETURN(right, curve.add(crypto::negate_if(negates_nonces(), nonces_[*index]), key_term));
  if (!crypto::equal(left, right)) return Error{ErrorCode::kBadSignature, "signature share does not verify"};
  return {};
}

Signature SigningPackage::aggregate(std::span<const Scalar> shares) const {
  TS_CHECK(shares.size() == signers_.size(), "one share of every signer is needed");
  Signature out{crypto::negate_if(negates_nonces(), group_nonce_), challenge_ * key_->tweak()};
  for (const Scalar& share : shares) out.s += share;
  return out;
}

ByteArray<64> Signature::bip340() const {
  ByteArray<64> out;
  std::copy(nonce.x.begin(), nonce.x.end(), out.begin());
  s.write_bytes(MutableBytes(out).last(32));
  return out;
}

ByteArray<65> Signature::rfc9591() const {
  ByteArray<65> out;
  const auto point = crypto::compress(nonce);
  std::copy(point.begin(), point.end(), out.begin());
  s.write_bytes(MutableBytes(out).last(32));
  return out;
}

}  // namespace touchstone::mpc::frost
