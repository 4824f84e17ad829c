// Paillier's encryption (EUROCRYPT 1999) as W0 uses it: 1,024 bits, no proof that the modulus is well formed.
#pragma once

#include "mpc_weak/number.h"

namespace touchstone::mpc::weak {

struct PaillierPublicKey {
  Integer n;
  Integer n2() const { return n * n; }
  Integer encrypt(const Integer& plain, Random& random) const;
  Integer add(const Integer& a, const Integer& b) const { return a * b % n2(); }
  Integer multiply(const Integer& cipher, const Integer& factor) const { return powm(cipher, modulo(factor, n), n2()); }
};

class PaillierKey {
 public:
  PaillierKey(Random& random, unsigned bits);
  const PaillierPublicKey& public_key() const { return public_key_; }
  Integer decrypt(const Integer& cipher) const;

 private:
  PaillierPublicKey public_key_;
  Integer lambda_, mu_;
};

}  // namespace touchstone::mpc::weak
