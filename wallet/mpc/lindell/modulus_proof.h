// Proof that N is a Paillier-Blum modulus: a product of two different primes, both 3 modulo 4, and prime to phi(N).
// Freestanding.
//
// After Pi^mod of Canetti, Gennaro, Goldfeder, Makriyannis, Peled (ePrint 2021/060, figure 16), with one root where
// they send two. For each of 128 hashed y the prover names signs and rho with rho^(4N) = +-w^b y, where w = u^N. Be S
// the subgroup of (4N)-th powers. A y passes if it is in one of the four cosets +-w^b S.
//   gcd(N, phi(N)) > 1: -1 and w are N-th powers, so all four lie in the N-th powers, whose index is 3 or more: chance
//   <= 1/3. else N is free of squares and S are the fourth powers: of index >= 8 for three primes or more, and for two
//   of which one is 1 modulo 4: chance <= 1/2. One prime is found by Miller-Rabin.
// So a wrong N passes with 2^-128 a try. Who makes its own challenges by a hash may try often, if only while the
// verifier waits: the context holds the verifier's fresh number.
#pragma once

#include "mpc_lindell/knowledge.h"
#include "mpc_lindell/paillier.h"

namespace touchstone::mpc::lindell {

inline constexpr std::size_t kProofRounds = 128;
/// Rounds travel in messages of so many.
inline constexpr std::size_t kRoundsPerMessage = 8;
inline constexpr std::size_t kRoundMessages = kProofRounds / kRoundsPerMessage;
using RootChoices = ByteArray<kRoundsPerMessage>;
using RootBytes = ByteArray<256 * kRoundsPerMessage>;

class ModulusProver {
 public:
  /// `seed32`: fresh, secret. The key must outlive it. Errors: kDevice.
  static Result<ModulusProver> begin(const PaillierKey& key, const Context& context, Bytes seed32);
  const ModulusBytes& root_base() const { return root_base_; }
  /// The next rounds. Every root is checked before it leaves, for one that is right modulo p and wrong modulo q tells
  /// q. Errors: kDevice (a fault).
  Status next(RootChoices& choices, RootBytes& roots);

 private:
  using Roots = std::array<PaillierKey::SideRoot, 2>;
  ModulusProver(const PaillierKey& key, const ModulusBytes& root_base, const Roots& base, Bytes challenge32);
  const PaillierKey* key_;
  ModulusBytes root_base_;
  Roots base_;
  ByteArray<32> challenge_;
  std::size_t round_ = 0;
};

class ModulusVerifier {
 public:
  /// Errors: kOutOfRange: N has a small factor or is prime, or u is no unit modulo N.
  static Result<ModulusVerifier> begin(const PaillierPublicKey& key, const Context& context,
                                       Bytes untrusted_root_base256);
  /// Errors: kMismatch.
  Status next(const RootChoices& untrusted_choices, const RootBytes& untrusted_roots);
  bool complete() const { return round_ == kProofRounds; }

 private:
  ModulusVerifier(const PaillierPublicKey& key, const bignum::Modulus<2048>::Element& w, Bytes challenge32);
  const PaillierPublicKey* key_;
  bignum::Modulus<2048>::Element w_;
  ByteArray<32> challenge_;
  std::size_t round_ = 0;
};

}  // namespace touchstone::mpc::lindell
