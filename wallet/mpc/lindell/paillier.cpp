#include "mpc_lindell/paillier.h"

#include "base/check.h"
#include "base/declassify.h"
#include "bignum/prime.h"

namespace touchstone::mpc::lindell {

using bignum::Limb;
using Element = bignum::Modulus<1024>::Element;

bool is_unit(const Natural<2048>& x, const Natural<2048>& n) {
  Natural<2048> inverse;
  return bignum::invert(inverse, x, n) != 0;
}

Result<PaillierPublicKey> PaillierPublicKey::parse(Bytes untrusted256) {
  if (untrusted256.size() != 256) return Error{ErrorCode::kBadFormat, "a modulus has 256 bytes"};
  const auto n = Natural<2048>::from_bytes(untrusted256);
  if (!n.is_odd() || !n.bit(2047)) return Error{ErrorCode::kOutOfRange, "the modulus must be odd and have 2048 bits"};
  return PaillierPublicKey(n);
}

PaillierPublicKey::Ciphertext PaillierPublicKey::encrypt(const Plaintext& m, const Natural<2048>& r) const {
  return encrypt_with(m, ring_.power(ring_.enter({r, Natural<2048>()}), n()));
}

PaillierPublicKey::Ciphertext PaillierPublicKey::encrypt_with(const Plaintext& m, const Ciphertext& randomness) const {
  // (1 + N)^m = 1 + m N modulo N^2: the digits 1 and m.
  return ring_.multiply(ring_.enter({Natural<2048>(1), m}), randomness);
}

PaillierPublicKey::Ciphertext PaillierPublicKey::evaluate(const Plaintext& m, const Natural<2048>& r,
                                                          const Ciphertext& c, bignum::Limbs k) const {
  return encrypt_with(m, bignum::power_product(ring_, ring_.enter({r, Natural<2048>()}), n(), c, k));
}

CiphertextBytes PaillierPublicKey::to_bytes(const Ciphertext& c) const {
  const auto digits = ring_.leave(c);
  CiphertextBytes out;
  digits.low.write_bytes(MutableBytes(out).first(256));
  digits.high.write_bytes(MutableBytes(out).last(256));
  return out;
}

Result<PaillierPublicKey::Ciphertext> PaillierPublicKey::parse_ciphertext(Bytes untrusted512) const {
  if (untrusted512.size() != 512) return Error{ErrorCode::kBadFormat, "a ciphertext has 512 bytes"};
  const Ring::Pair digits{Natural<2048>::from_bytes(untrusted512.first(256)),
                          Natural<2048>::from_bytes(untrusted512.last(256))};
  if (!(digits.low < n()) || !(digits.high < n()) || digits.low == Natural<2048>())
    return Error{ErrorCode::kOutOfRange, "not a ciphertext"};
  return ring_.enter(digits);
}

PaillierKey::Side::Side(const Prime& own, const Prime& other_prime, const Natural<2048>& n) : ring(own) {
  Prime zero, negated;
  subtract(negated, zero, own);
  radix = ring.enter({negated, Prime(1)});
  minus_one = own;
  minus_one.limbs()[0] -= 1;
  const auto& field = ring.base();
  other = field.enter(other_prime);
  Prime minus_two = own;
  minus_two.limbs()[0] -= 2;  // the last bits are 11: no borrow
  other_inverse = field.power(other, minus_two);
  other_exponent = remainder(other_prime, minus_one);

  Natural<2112> four_n = Natural<2112>::resized(n);
  bignum::twice(four_n, 0);
  bignum::twice(four_n, 0);
  root_check = remainder(four_n, minus_one);
  Prime half = own;
  bignum::halve(half, 0);
  Prime residue = remainder(four_n, half);
  // (p-1)/2 is odd and prime to 4N unless p or q are no primes; then no root passes its check.
  (void)bignum::invert(root_exponent, residue, half);
}

// A ciphertext's digits in base N, each two halves, as digits in base p: its upper digit counts N = p q.
PaillierKey::Ring::Element PaillierKey::Side::enter(const PaillierPublicKey::Ring::Pair& x) const {
  Prime low_half, high_half;
  for (std::size_t i = 0; i < Prime::kLimbs; ++i) {
    low_half.limbs()[i] = x.low.limbs()[i];
    high_half.limbs()[i] = x.low.limbs()[Prime::kLimbs + i];
  }
  const auto& field = ring.base();
  const Ring::Pair upper{Prime(), field.leave(field.multiply(field.enter_wide(x.high), other))};
  Ring::Element out = ring.multiply(ring.enter(ring.split(high_half)), radix);
  out = ring.add(out, ring.enter(ring.split(low_half)));
  return ring.add(out, ring.enter(upper));
}

PaillierKey::PaillierKey(const Prime& p, const Prime& q, const Natural<2048>& n)
    : public_key_(n), sides_{Side(p, q, n), Side(q, p, n)} {}

Result<PaillierKey> PaillierKey::generate(Bytes random32) {
  bignum::RandomStream random(random32);
  const auto p = bignum::generate_blum_prime<1024>(random);
  if (!p) return p.error();
  const auto q = bignum::generate_blum_prime<1024>(random);
  if (!q) return q.error();
  if (*p == *q) return Error{ErrorCode::kDevice, "the same prime twice: the random bytes are not random"};
  return from_primes(*p, *q);
}

PaillierKey PaillierKey::from_primes(const Prime& p, const Prime& q) {
  for (const Prime* prime : {&p, &q})
    TS_CHECK((prime->limbs()[0] & 3) == 3 && prime->bit(1023) && prime->bit(1022), "a Blum prime of full length");
  return PaillierKey(p, q, p * q);
}

Natural<2048> PaillierKey::crt(const Prime& x_p, const Prime& x_q, Prime* h) const {
  const auto& field_q = sides_[1].ring.base();
  const Prime factor = field_q.leave(
      field_q.multiply(field_q.subtract(field_q.enter(x_q), field_q.enter(x_p)), sides_[1].other_inverse));
  Natural<2048> out = p() * factor;
  bignum::add(out, out, Natural<2048>::resized(x_p));
  if (h != nullptr) *h = factor;
  return out;
}

Natural<2048> PaillierKey::combine(const Element& modulo_p, const Element& modulo_q) const {
  return crt(sides_[0].ring.base().leave(modulo_p), sides_[1].ring.base().leave(modulo_q), nullptr);
}

Result<Plaintext> PaillierKey::decrypt(const Ciphertext& c) const {
  const auto digits = public_key_.ring().leave(c);
  std::array<Prime, 2> parts;
  for (std::size_t i = 0; i < 2; ++i) {
    const Side& side = sides_[i];
    const auto& field = side.ring.base();
    const auto power = side.ring.leave(side.ring.power(side.enter(digits), side.minus_one));
    if (!declassify(power.low == Prime(1))) return Error{ErrorCode::kDevice, "a fault in decryption, or no ciphertext"};
    // (1 + N)^(m (p-1)) = 1 - m q p modulo p^2.
    parts[i] = field.leave(field.negate(field.multiply(field.enter(power.high), side.other_inverse)));
  }
  return crt(parts[0], parts[1], nullptr);
}

PaillierKey::Ciphertext PaillierKey::randomness(const Natural<2048>& r) const {
  // r^N modulo p^2 is (r^q mod p)^p. With its digits (a, b), the digits of the whole in base N are c = CRT(a) = a + p h
  // and the number that is (b - h) / q modulo p; and the same with p and q changed over.
  std::array<Ring::Pair, 2> powers;
  for (std::size_t i = 0; i < 2; ++i) {
    const Side& side = sides_[i];
    const auto& field = side.ring.base();
    const Prime inner = field.leave(field.power(field.enter_wide(r), side.other_exponent));
    powers[i] = side.ring.leave(side.ring.power(side.ring.enter({inner, Prime()}), side.ring.number()));
  }
  std::array<Prime, 2> h;
  const Natural<2048> low = crt(powers[0].low, powers[1].low, &h[0]);
  {
    const auto& field = sides_[0].ring.base();
    h[1] = field.leave(field.multiply(field.subtract(field.enter(powers[0].low), field.enter(powers[1].low)),
                                      sides_[0].other_inverse));
  }
  std::array<Prime, 2> upper;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& field = sides_[i].ring.base();
    upper[i] = field.leave(
        field.multiply(field.subtract(field.enter(powers[i].high), field.enter(h[i])), sides_[i].other_inverse));
  }
  return public_key_.ring().enter({low, crt(upper[0], upper[1], nullptr)});
}

Result<std::array<PaillierKey::SideRoot, 2>> PaillierKey::roots(const Natural<2048>& y) const {
  std::array<SideRoot, 2> out;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& field = sides_[i].ring.base();
    const Element own = field.enter_wide(y);
    out[i].root = field.power(own, sides_[i].root_exponent);
    const Element check = field.power(out[i].root, sides_[i].root_check);
    out[i].is_residue = declassify(check == own);  // public with y
    if (!out[i].is_residue && !declassify(check == field.negate(own)))
      return Error{ErrorCode::kDevice, "a fault in a root"};
  }
  return out;
}

}  // namespace touchstone::mpc::lindell
