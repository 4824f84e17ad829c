// W0: the two-party ECDSA that the vendor of such a card published in 2018, written afresh from its description (research notes of
// 2018 and 2019; the shape is Lindell's of 2017). The key is x1 x2; the Wallet Device holds x1 and a Paillier key, the Confirmation
// Device x2 and Enc(x1). Four things are wrong with it, and w0_attacks.h uses each:
//   1. the Confirmation Device's nonce is a function of its share and the message alone;
//   2. nothing shows that what Enc(x1) holds is small;
//   3. the Wallet Device gives out what it has decrypted without verifying it, and goes on after a failure;
//   4. the proof of knowledge hashes its commitment alone, not the statement.
// Steps that hide nothing here (the Pedersen commitment around the first message) are left out; what is exchanged is named by step.
#pragma once

#include <optional>

#include "crypto/curve.h"
#include "crypto/point.h"
#include "mpc_weak/paillier.h"
#include "mpc_weak/schnorr.h"

namespace touchstone::mpc::weak::w0 {

/// Knowledge of log of `statement`; the challenge is H(commitment), the fourth mistake.
struct Proof {
  crypto::Point statement, commitment;
  crypto::Scalar response;
};
Proof prove(crypto::Curve& curve, const crypto::Scalar& secret, Random& random);
bool verify(crypto::Curve& curve, const Proof& proof);

/// Third message of the set-up, Wallet Device to Confirmation Device.
struct Opening {
  PaillierPublicKey paillier;
  crypto::Point q1;
  Integer encrypted_x1;
};

/// "Key" side. Its set-up answers a challenge Enc(a x1 + b) with alpha G, alpha being what it decrypts: right for any plaintext that
/// is x1 modulo n, the second mistake.
class WalletDevice {
 public:
  WalletDevice(crypto::Curve& curve, const crypto::Scalar& x1, Random random, unsigned paillier_bits = 1024);
  Opening opening();
  crypto::Point answer(const Integer& challenge) const;

  /// Nonce of a signature; the same object signs one message after another.
  crypto::Point start();
  /// Takes the other's nonce and Enc(k2^-1 (m + r x)); gives out a signature, right or not: the third mistake.
  EcdsaSignature finish(const crypto::Point& r2, const Integer& encrypted);
  /// x of k1 R2.
  crypto::Scalar r_of(const crypto::Point& r2) const;

 private:
  crypto::Curve& curve_;
  crypto::Scalar x1_, k1_;
  Random random_;
  PaillierKey paillier_;
};

/// "Shard" side.
class ConfirmationDevice {
 public:
  ConfirmationDevice(crypto::Curve& curve, const crypto::Scalar& x2, Random random);
  Proof proof_of_share();
  /// Fourth message of the set-up: Enc(a x1 + b).
  Integer challenge(const Opening& opening);
  /// The last: whether alpha G fits. Then the compound key is known.
  bool accept(const crypto::Point& alpha);
  const crypto::Point& compound_key() const { return compound_; }

  /// R2 = k2 G with k2 = H(x2, message), the first mistake.
  crypto::Point nonce(const ByteArray<32>& digest) const;
  /// Answer to the other's R1: Enc(k2^-1 x2 r x1 + k2^-1 m + t n).
  Integer sign(const crypto::Point& r1, const ByteArray<32>& digest);

 private:
  crypto::Scalar nonce_of(const ByteArray<32>& digest) const;
  crypto::Curve& curve_;
  crypto::Scalar x2_, a_, b_;
  Random random_;
  Opening opening_;
  crypto::Point compound_;
};

bool ecdsa_verify(crypto::Curve& curve, const EcdsaSignature& signature, const crypto::Point& key, const ByteArray<32>& digest);

// The attacks: each plays one side against the other's honest code.

/// 1. A Wallet Device that has one message signed twice learns the whole private key.
crypto::Scalar key_from_two_signatures(crypto::Curve& curve, ConfirmationDevice& victim, const PaillierKey& own, const ByteArray<32>& digest,
                                       Random random);

/// 2. A Wallet Device whose set-up encrypts x1 + n 2^300 learns x2 from one signature. Nothing if the set-up is refused.
std::optional<crypto::Scalar> share_from_large_plaintext(crypto::Curve& curve, ConfirmationDevice& victim, const PaillierKey& own,
                                                         const crypto::Scalar& x1, const ByteArray<32>& digest, Random random);

/// 3. A Confirmation Device that watches which signatures come out right learns the low bits of x1, one a session.
Integer bits_from_aborts(crypto::Curve& curve, WalletDevice& victim, const Opening& opening, const crypto::Scalar& x2, unsigned bits, Random random);

/// 4. A proof for a statement nobody knows the logarithm of: statement = (response G - commitment) / H(commitment).
Proof forge_proof(crypto::Curve& curve, Random& random);

}  // namespace touchstone::mpc::weak::w0
