// Proof that no factor of N is small, over commitments in a group whose order the prover does not know. Freestanding.
//
// Pi^fac of Canetti et al. (ePrint 2021/060, figure 28) with natural numbers throughout: masks are longer than what
// they hide by 128 bits and no response is negative. A prover who knows the group's order could cheat, so the verifier
// makes the group; and the verifier proves (Pi^prm, figure 17) that s is a power of t, or the commitments would not
// hide p and q.
//
// s = t^lambda with lambda of 256 bits: finding a short logarithm costs 2^128, and the proof is a sixth as long as with
// a full one, to the card's relief.
#pragma once

#include "contract/lindell.h"
#include "mpc_lindell/modulus_proof.h"

namespace touchstone::mpc::lindell {

/// N^, s, t: public.
struct PedersenGroup {
  Natural<2048> modulus, s, t;
};

/// The verifier's group with what it keeps to itself. One may serve many set-ups.
class PedersenKey {
 public:
  /// Two safe primes: seconds. Not for the card. Errors: kDevice.
  static Result<PedersenKey> generate(Bytes random32);
  const PedersenGroup& group() const { return group_; }

  /// Fills modulus, s, t, s_inverse, challenge and responses of the message. `seed32`: fresh, secret.
  void prove(contract::lindell::SetupHello& out, const Context& context, Bytes seed32) const;

 private:
  friend struct PedersenTestAccess;  // a group that is made at once; defined by tests alone

  PedersenGroup group_;
  Natural<2048> s_inverse_;
  Natural<256> lambda_;
};
/// Errors: kOutOfRange, kMismatch.
Result<PedersenGroup> verify_pedersen(const contract::lindell::SetupHello& untrusted, const Context& context);

/// Fills everything but the session. `seed32`: fresh, secret.
void prove_factors(contract::lindell::SetupFactors& out, const PaillierKey& key, const PedersenGroup& group,
                   const Context& context, Bytes seed32);
/// That N has no factor below 2^766. Errors: kOutOfRange, kMismatch.
Status verify_factors(const contract::lindell::SetupFactors& untrusted, const PaillierPublicKey& key,
                      const PedersenGroup& group, const Context& context);

}  // namespace touchstone::mpc::lindell
