#include "mpc_weak/paillier.h"

namespace touchstone::mpc::weak {

Integer PaillierPublicKey::encrypt(const Integer& plain, Random& random) const {
  return (1 + modulo(plain, n) * n) % n2() * powm(1 + draw(random, n - 1), n, n2()) % n2();
}

PaillierKey::PaillierKey(Random& random, unsigned bits) {
  const Integer p = draw_prime(random, bits / 2), q = draw_prime(random, bits / 2);
  public_key_.n = p * q;
  lambda_ = (p - 1) * (q - 1);
  mu_ = inverse(lambda_, public_key_.n);
}

Integer PaillierKey::decrypt(const Integer& cipher) const {
  return (powm(cipher, lambda_, public_key_.n2()) - 1) / public_key_.n * mu_ % public_key_.n;
}

}  // namespace touchstone::mpc::weak
