#include "mpc_weak/w0.h"

#include "crypto/sha256.h"

namespace touchstone::mpc::weak::w0 {

using crypto::Point;
using crypto::Scalar;

namespace {

Scalar weak_challenge(const Point& commitment) { return Scalar::from_bytes_reduce(crypto::sha256(crypto::compress(commitment))); }
Scalar draw_scalar(Random& random) { return scalar(1 + draw(random, order() - 1)); }
Scalar message_of(const ByteArray<32>& digest) { return Scalar::from_bytes_reduce(digest); }
Scalar x_of(const Point& p) { return Scalar::from_bytes_reduce(p.x); }

}  // namespace

Proof prove(crypto::Curve& curve, const Scalar& secret, Random& random) {
  const Scalar nonce = draw_scalar(random);
  const Point commitment = curve.multiply_base(nonce).value();
  return {curve.multiply_base(secret).value(), commitment, nonce + weak_challenge(commitment) * secret};
}

bool verify(crypto::Curve& curve, const Proof& proof) {
  const Point right = curve.add(proof.commitment, curve.multiply(weak_challenge(proof.commitment), proof.statement).value()).value();
  return crypto::equal(curve.multiply_base(proof.response).value(), right);
}

Proof forge_proof(crypto::Curve& curve, Random& random) {
  Proof out;
  out.commitment = curve.multiply_base(draw_scalar(random)).value();
  out.response = draw_scalar(random);
  const Point difference = curve.add(curve.multiply_base(out.response).value(), crypto::negate(out.commitment)).value();
  out.statement = curve.multiply(weak_challenge(out.commitment).inverse(), difference).value();
  return out;
}

WalletDevice::WalletDevice(crypto::Curve& curve, const Scalar& x1, Random random, unsigned paillier_bits)
    : curve_(curve), x1_(x1), random_(random), paillier_(random_, paillier_bits) {}

Opening WalletDevice::opening() {
  return {paillier_.public_key(), curve_.multiply_base(x1_).value(), paillier_.public_key().encrypt(integer(x1_), random_)};
}
Point WalletDevice::answer(const Integer& challenge) const { return curve_.multiply_base(scalar(paillier_.decrypt(challenge))).value(); }

Point WalletDevice::start() {
  k1_ = draw_scalar(random_);
  return curve_.multiply_base(k1_).value();
}
Scalar WalletDevice::r_of(const Point& r2) const { return x_of(curve_.multiply(k1_, r2).value()); }
EcdsaSignature WalletDevice::finish(const Point& r2, const Integer& encrypted) {
  Scalar s = k1_.inverse() * scalar(paillier_.decrypt(encrypted));
  return {r_of(r2), s.negate_if(s.is_high())};
}

ConfirmationDevice::ConfirmationDevice(crypto::Curve& curve, const Scalar& x2, Random random)
    : curve_(curve), x2_(x2), random_(random) {}

Proof ConfirmationDevice::proof_of_share() { return prove(curve_, x2_, random_); }

Integer ConfirmationDevice::challenge(const Opening& opening) {
  opening_ = opening;
  a_ = draw_scalar(random_);
  b_ = draw_scalar(random_);
  const PaillierPublicKey& key = opening.paillier;
  return key.add(key.multiply(opening.encrypted_x1, integer(a_)), key.encrypt(integer(b_), random_));
}

bool ConfirmationDevice::accept(const Point& alpha) {
  const Point expected = curve_.add(curve_.multiply(a_, opening_.q1).value(), curve_.multiply_base(b_).value()).value();
  if (!crypto::equal(alpha, expected)) return false;
  compound_ = curve_.multiply(x2_, opening_.q1).value();
  return true;
}

Scalar ConfirmationDevice::nonce_of(const ByteArray<32>& digest) const {
  return Scalar::from_bytes_reduce(crypto::Sha256().update(x2_.to_bytes()).update(digest).finish());
}
Point ConfirmationDevice::nonce(const ByteArray<32>& digest) const { return curve_.multiply_base(nonce_of(digest)).value(); }

Integer ConfirmationDevice::sign(const Point& r1, const ByteArray<32>& digest) {
  const Scalar k2 = nonce_of(digest), inverse = k2.inverse();
  const Scalar r = x_of(curve_.multiply(k2, r1).value());
  const PaillierPublicKey& key = opening_.paillier;
  const Integer masked = integer(inverse * message_of(digest)) + draw(random_, order()) * order();
  return key.add(key.multiply(opening_.encrypted_x1, integer(inverse * x2_ * r)), key.encrypt(masked, random_));
}

bool ecdsa_verify(crypto::Curve& curve, const EcdsaSignature& signature, const Point& key, const ByteArray<32>& digest) {
  if (signature.r.is_zero() || signature.s.is_zero()) return false;
  const Scalar inverse = signature.s.inverse();
  const Point p = curve.add(curve.multiply_base(inverse * message_of(digest)).value(), curve.multiply(inverse * signature.r, key).value()).value();
  return !p.infinity && equal_constant_time(x_of(p), signature.r);
}

Scalar key_from_two_signatures(crypto::Curve& curve, ConfirmationDevice& victim, const PaillierKey& own, const ByteArray<32>& digest, Random random) {
  // k2^-1 (m + r x) for two r: the victim's nonce is the same.
  Scalar answer[2], r[2];
  for (int i = 0; i < 2; ++i) {
    const Scalar k1 = draw_scalar(random);
    answer[i] = scalar(own.decrypt(victim.sign(curve.multiply_base(k1).value(), digest)));
    r[i] = x_of(curve.multiply(k1, victim.nonce(digest)).value());
  }
  const Scalar slope = (answer[0] - answer[1]) * (r[0] - r[1]).inverse();  // k2^-1 x
  const Scalar offset = answer[0] - slope * r[0];                          // k2^-1 m
  return slope * offset.inverse() * message_of(digest);
}

std::optional<Scalar> share_from_large_plaintext(crypto::Curve& curve, ConfirmationDevice& victim, const PaillierKey& own, const Scalar& x1,
                                                 const ByteArray<32>& digest, Random random) {
  const PaillierPublicKey& key = own.public_key();
  const Integer large = order() << 300, plain = integer(x1) + large;
  const Integer challenge = victim.challenge({key, curve.multiply_base(x1).value(), key.encrypt(plain, random)});
  if (!victim.accept(curve.multiply_base(scalar(own.decrypt(challenge))).value())) return std::nullopt;

  const Scalar k1 = draw_scalar(random);
  const Scalar r = x_of(curve.multiply(k1, victim.nonce(digest)).value());
  const Integer opened = own.decrypt(victim.sign(curve.multiply_base(k1).value(), digest));
  const Integer factor = opened / large;                                      // k2^-1 x2 r: all else is below n 2^300
  const Scalar inverse = scalar(opened - factor * plain) * message_of(digest).inverse();  // k2^-1
  return scalar(factor) * (inverse * r).inverse();
}

Integer bits_from_aborts(crypto::Curve& curve, WalletDevice& victim, const Opening& opening, const Scalar& x2, unsigned bits, Random random) {
  const PaillierPublicKey& key = opening.paillier;
  const Point compound = curve.multiply(x2, opening.q1).value();
  Integer known = 0;
  for (unsigned bit = 0; bit < bits; ++bit) {
    // k2 = 2^l. Divided by 2^l modulo N instead of modulo n, r x2 x1 + m + t n is right exactly if 2^l divides it as an integer; t
    // makes it so if the next bit of x1 is 0.
    const Integer power = Integer(1) << (bit + 1);
    ByteArray<32> digest;
    random.fill(digest);
    const Point r1 = victim.start(), r2 = curve.multiply_base(scalar(power)).value();
    const Scalar r = x_of(curve.multiply(scalar(power), r1).value());
    Integer factor = integer(r * x2);
    if (!bit_test(factor, 0)) factor += order();
    const Integer rest = factor * known + integer(message_of(digest));
    const Integer t = modulo(-rest * inverse(order(), power), power);
    const Integer sum = key.add(key.multiply(opening.encrypted_x1, factor), key.encrypt(integer(message_of(digest)) + t * order(), random));
    const EcdsaSignature out = victim.finish(r2, key.multiply(sum, inverse(power, key.n)));
    if (!ecdsa_verify(curve, out, compound, digest)) known += Integer(1) << bit;
  }
  return known;
}

}  // namespace touchstone::mpc::weak::w0
