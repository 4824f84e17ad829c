// A group whose modulus is no product of safe primes: made at once, where its order is of no matter. Tests only.
#pragma once

#include "base/check.h"
#include "bignum/prime.h"
#include "mpc_lindell/factor_proof.h"

namespace touchstone::mpc::lindell {

struct PedersenTestAccess {
  /// t = 4 and s = t^3.
  static PedersenKey of_modulus(const Natural<2048>& modulus) {
    PedersenKey out;
    out.group_ = {modulus, Natural<2048>(64), Natural<2048>(4)};
    out.lambda_ = Natural<256>(3);
    TS_CHECK(bignum::invert(out.s_inverse_.limbs(), out.group_.s.limbs(), modulus.limbs()), "an odd modulus");
    return out;
  }
};

}  // namespace touchstone::mpc::lindell
