// Paillier's cryptosystem (Paillier 1999) with g = 1 + N and N of 2048 bits. Freestanding. Numbers modulo N^2 are
// written in base N, on the wire too.
#pragma once

#include <array>

#include "base/result.h"
#include "bignum/montgomery.h"
#include "bignum/random_stream.h"

namespace touchstone::mpc::lindell {

using bignum::Natural;
using Plaintext = Natural<2048>;
using ModulusBytes = ByteArray<256>;
using CiphertextBytes = ByteArray<512>;

/// True if x and N have no common factor. Public numbers: a proof that takes another for randomness proves nothing, since what a
/// factor of N divides is 0 modulo it whatever it is multiplied with.
bool is_unit(const Natural<2048>& x, const Natural<2048>& n);

class PaillierPublicKey {
 public:
  using Ring = bignum::SquareModulus<2048>;
  using Ciphertext = Ring::Element;

  /// Big-endian N: odd, all 2048 bits. Says nothing of its factors: see modulus_proof.h. Errors: kOutOfRange.
  static Result<PaillierPublicKey> parse(Bytes untrusted256);
  explicit PaillierPublicKey(const Natural<2048>& n) : ring_(n) {}

  const Natural<2048>& n() const { return ring_.number(); }
  const Ring& ring() const { return ring_; }
  /// (1 + N)^m r^N. Constant time. m < N, 0 < r < N.
  Ciphertext encrypt(const Plaintext& m, const Natural<2048>& r) const;
  /// (1 + N)^m randomness, if that already is r^N.
  Ciphertext encrypt_with(const Plaintext& m, const Ciphertext& randomness) const;
  /// Of the sum of two plaintexts modulo N.
  Ciphertext add(const Ciphertext& a, const Ciphertext& b) const { return ring_.multiply(a, b); }
  /// Of k times the plaintext modulo N. Constant time.
  Ciphertext multiply(const Ciphertext& c, bignum::Limbs k) const { return ring_.power(c, k); }

  /// add(encrypt(m, r), multiply(c, k)) for less: one row of squarings.
  Ciphertext evaluate(const Plaintext& m, const Natural<2048>& r, const Ciphertext& c, bignum::Limbs k) const;

  CiphertextBytes to_bytes(const Ciphertext& c) const;
  /// Errors: kOutOfRange: a digit is not below N, or the lower is zero.
  Result<Ciphertext> parse_ciphertext(Bytes untrusted512) const;

 private:
  Ring ring_;
};

/// The factors of N, and what makes their use quick. Everything but N is secret and wiped.
class PaillierKey {
 public:
  using Prime = Natural<1024>;
  using Ciphertext = PaillierPublicKey::Ciphertext;

  /// Two Blum primes from 32 uniform bytes. About 100 candidates are tested. Errors: kDevice.
  static Result<PaillierKey> generate(Bytes random32);
  /// Both from storage. TS_CHECK: odd, two top bits set. Whether they are prime is not looked at.
  static PaillierKey from_primes(const Prime& p, const Prime& q);

  const PaillierPublicKey& public_key() const { return public_key_; }
  const Prime& p() const { return sides_[0].ring.number(); }
  const Prime& q() const { return sides_[1].ring.number(); }

  /// By CRT, constant time. In both rings the lower digit of c^(p-1) must be one (Fermat): a faulty power hardly ever
  /// has it. What the check misses is a wrong plaintext, which no caller may use unverified. Errors: kDevice.
  Result<Plaintext> decrypt(const Ciphertext& c) const;
  /// r^N by CRT, a third of the work. A fault in it tells the factors to whoever learns r and the result (Boneh,
  /// DeMillo, Lipton 1997): for values that are hashed and not sent.
  Ciphertext randomness(const Natural<2048>& r) const;

  /// With p a side: y^d and chi(y), d = 1/(4N) modulo (p-1)/2: the square of the square of its N-th power is chi(y) *
  /// y.
  struct SideRoot {
    bignum::Modulus<1024>::Element root;
    bool is_residue = false;
  };
  /// Modulo p and q. Checked by raising: errors are kDevice (a fault; or y is not prime to N).
  Result<std::array<SideRoot, 2>> roots(const Natural<2048>& y) const;
  const bignum::Modulus<1024>& side_ring(std::size_t side) const { return sides_[side].ring.base(); }
  /// The number modulo N that is these two.
  Natural<2048> combine(const bignum::Modulus<1024>::Element& modulo_p,
                        const bignum::Modulus<1024>::Element& modulo_q) const;
  /// That p * q still is N: a changed p in memory would let a root tell q.
  bool intact() const { return p() * q() == public_key_.n(); }

 private:
  using Ring = bignum::SquareModulus<1024>;
  struct Side {
    Side(const Prime& own, const Prime& other, const Natural<2048>& n);
    Ring::Element enter(const PaillierPublicKey::Ring::Pair& x) const;

    Ring ring;
    Ring::Element radix;                                  // 2^1024
    bignum::Modulus<1024>::Element other, other_inverse;  // q, 1/q modulo p
    Prime minus_one;                                      // p - 1
    Prime other_exponent;                                 // q modulo p - 1
    Prime root_exponent, root_check;                      // d = 1/(4N) modulo (p-1)/2; 4N modulo p - 1
  };
  PaillierKey(const Prime& p, const Prime& q, const Natural<2048>& n);
  /// x_p + p * h with h = (x_q - x_p) / p modulo q; h too where it is asked for.
  Natural<2048> crt(const Prime& x_p, const Prime& x_q, Prime* h) const;

  PaillierPublicKey public_key_;
  std::array<Side, 2> sides_;
};

}  // namespace touchstone::mpc::lindell
