#include "mpc_lindell/range_proof.h"

#include <algorithm>

namespace touchstone::mpc::lindell {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;

namespace {

Transcript statement_transcript(const PaillierPublicKey& key, const EncryptedShare& statement, const Context& context) {
  Transcript out("touchstone/lindell/range");
  out.add(context).add(key.n().to_bytes()).add(statement.ciphertext).add(statement.inverse).add(statement.point);
  return out;
}
bool bit_of(const ByteArray<32>& challenge, std::size_t round) {
  return (challenge[round / 8] >> (round % 8) & 1) != 0;
}

// A number below 2^384 modulo the group order.
Scalar reduced(const Natural<kRangeBits>& x) {
  Secret<64> wide;
  x.write_bytes(wide.expose().last(kRangeBits / 8));
  return Scalar::from_wide_reduce(wide.expose());
}

void absorb(Transcript& transcript, const PaillierPublicKey& key, const PaillierPublicKey::Ciphertext& c,
            const Point& point) {
  transcript.add(key.to_bytes(c)).add(crypto::compress_or_zero(point));
}

}  // namespace

RangeProver::RangeProver(const PaillierKey& key, const Scalar& share, const Natural<2048>& randomness,
                         const Context& context, Bytes seed32)
    : key_(&key), share_(share), randomness_(randomness), random_(seed32, {&share}, context) {}

void RangeProver::draw(std::size_t round, Natural<kRangeBits>& alpha, Natural<2048>& r) const {
  bignum::RandomStream random(
      random_.bytes("touchstone/lindell/range round", static_cast<std::uint32_t>(round)).expose());
  alpha = random.bits<kRangeBits>();
  r = random.below(key_->public_key().n());
}

Result<RangeProver> RangeProver::begin(Curve& curve, const PaillierKey& key, const Scalar& share,
                                       const Natural<2048>& randomness, const EncryptedShare& statement,
                                       const Context& context, Bytes seed32) {
  RangeProver out(key, share, randomness, context, seed32);
  Transcript transcript = statement_transcript(key.public_key(), statement, context);
  for (std::size_t round = 0; round < kProofRounds; ++round) {
    Natural<kRangeBits> alpha;
    Natural<2048> r;
    out.draw(round, alpha, r);
    Point point;
    TS_ASSIGN_OR_RETURN(point, curve.multiply_base(reduced(alpha)));
    absorb(transcript, key.public_key(), key.public_key().encrypt_with(Plaintext::resized(alpha), key.randomness(r)),
           point);
  }
  out.challenge_ = transcript.digest();
  return out;
}

void RangeProver::next(RangeBytes& responses) {
  const auto& ring = key_->public_key().ring().base();
  for (std::size_t i = 0; i < kRoundsPerMessage; ++i, ++round_) {
    Natural<kRangeBits> number;
    Natural<2048> r;
    draw(round_, number, r);
    if (bit_of(challenge_, round_)) {
      Secret<32> share = share_.to_secret();
      // No carry but with a chance of 2^-128; the proof then fails.
      bignum::add(number, number, Natural<kRangeBits>::from_bytes(share.expose()));
      r = ring.leave(ring.multiply(ring.enter(r), ring.enter(randomness_)));
    }
    const MutableBytes out = MutableBytes(responses).subspan(i * kRangeRoundBytes, kRangeRoundBytes);
    number.write_bytes(out.first(kRangeBits / 8));
    r.write_bytes(out.last(256));
  }
}

RangeVerifier::RangeVerifier(Curve& curve, const PaillierPublicKey& key,
                             const PaillierPublicKey::Ciphertext& ciphertext,
                             const PaillierPublicKey::Ciphertext& inverse, const Point& negated,
                             const ByteArray<32>& challenge, const Transcript& transcript)
    : curve_(&curve),
      key_(&key),
      ciphertext_(ciphertext),
      inverse_(inverse),
      negated_point_(negated),
      challenge_(challenge),
      transcript_(transcript) {}

Result<RangeVerifier> RangeVerifier::begin(Curve& curve, const PaillierPublicKey& key,
                                           const EncryptedShare& untrusted_statement, const Context& context,
                                           const ByteArray<32>& untrusted_challenge) {
  const auto ciphertext = key.parse_ciphertext(untrusted_statement.ciphertext);
  if (!ciphertext) return ciphertext.error();
  const auto inverse = key.parse_ciphertext(untrusted_statement.inverse);
  if (!inverse) return inverse.error();
  if (!(key.ring().multiply(*ciphertext, *inverse) == key.ring().one()))
    return Error{ErrorCode::kMismatch, "not the inverse"};
  Point point;
  TS_ASSIGN_OR_RETURN(point, crypto::decompress(curve, untrusted_statement.point));
  return RangeVerifier(curve, key, *ciphertext, *inverse, crypto::negate(point), untrusted_challenge,
                       statement_transcript(key, untrusted_statement, context));
}

Status RangeVerifier::next(const RangeBytes& untrusted_responses) {
  for (std::size_t i = 0; i < kRoundsPerMessage; ++i, ++round_) {
    const Bytes response = Bytes(untrusted_responses).subspan(i * kRangeRoundBytes, kRangeRoundBytes);
    const auto number = Natural<kRangeBits>::from_bytes(response.first(kRangeBits / 8));
    const auto r = Natural<2048>::from_bytes(response.last(256));
    if (!(r < key_->n()) || !is_unit(r, key_->n()))
      return Error{ErrorCode::kOutOfRange, "randomness is no unit modulo N"};
    auto c = key_->encrypt(Plaintext::resized(number), r);
    Point point;
    TS_ASSIGN_OR_RETURN(point, curve_->multiply_base(reduced(number)));
    if (bit_of(challenge_, round_)) {
      c = key_->add(c, inverse_);
      TS_ASSIGN_OR_RETURN(point, curve_->add(point, negated_point_));
    }
    absorb(transcript_, *key_, c, point);
  }
  if (complete() && transcript_.digest() != challenge_)
    return Error{ErrorCode::kMismatch, "no proof of range and logarithm"};
  return {};
}

}  // namespace touchstone::mpc::lindell
