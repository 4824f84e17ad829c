// Proof that c_key encrypts a small number that is the logarithm of P1. Freestanding.
//
// Cut and choose, as the range proof of Lindell (ePrint 2017/552, appendix A), with the proof of logarithm in the same
// rounds. Each of 128 rounds encrypts a random alpha < 2^384, with A = alpha*G, and opens either alpha or z = alpha +
// x1, with the randomness. Who can answer both has z - alpha = x in (-2^384, 2^384), c_key = Enc(x) and x*G = P1; who
// cannot passes with 2^-128. z hides x1 < 2^256 to 2^-128. Commitments are computed from the answers and only hashed:
// 304 bytes a round.
#pragma once

#include "mpc_lindell/modulus_proof.h"
#include "mpc_session/hedged.h"

namespace touchstone::mpc::lindell {

inline constexpr std::size_t kRangeBits = 384;
inline constexpr std::size_t kRangeRoundBytes = kRangeBits / 8 + 256;
using RangeBytes = ByteArray<kRangeRoundBytes * kRoundsPerMessage>;

/// c_key, its inverse and what they are about.
struct EncryptedShare {
  CiphertextBytes ciphertext{}, inverse{};
  crypto::CompressedPoint point{};
};

class RangeProver {
 public:
  /// c_key = Enc(share, randomness). `seed32`: fresh, secret. References must outlive it. Computes all commitments.
  /// Errors: kDevice.
  static Result<RangeProver> begin(crypto::Curve& curve, const PaillierKey& key, const crypto::Scalar& share,
                                   const Natural<2048>& randomness, const EncryptedShare& statement,
                                   const Context& context, Bytes seed32);
  const ByteArray<32>& challenge() const { return challenge_; }
  /// The next rounds' answers.
  void next(RangeBytes& responses);

 private:
  RangeProver(const PaillierKey& key, const crypto::Scalar& share, const Natural<2048>& randomness,
              const Context& context, Bytes seed32);
  /// alpha and r of a round, always the same.
  void draw(std::size_t round, Natural<kRangeBits>& alpha, Natural<2048>& r) const;

  const PaillierKey* key_;
  crypto::Scalar share_;
  Natural<2048> randomness_;
  HedgedRandom random_;
  ByteArray<32> challenge_{};
  std::size_t round_ = 0;
};

class RangeVerifier {
 public:
  /// References must outlive it. Errors: kOutOfRange, kMismatch (inverse), kNotOnCurve, kDevice.
  static Result<RangeVerifier> begin(crypto::Curve& curve, const PaillierPublicKey& key,
                                     const EncryptedShare& untrusted_statement, const Context& context,
                                     const ByteArray<32>& untrusted_challenge);
  /// Errors: kOutOfRange, kDevice; with the last rounds kMismatch: no proof.
  Status next(const RangeBytes& untrusted_responses);
  bool complete() const { return round_ == kProofRounds; }
  const PaillierPublicKey::Ciphertext& ciphertext() const { return ciphertext_; }

 private:
  RangeVerifier(crypto::Curve& curve, const PaillierPublicKey& key, const PaillierPublicKey::Ciphertext& ciphertext,
                const PaillierPublicKey::Ciphertext& inverse, const crypto::Point& negated,
                const ByteArray<32>& challenge, const Transcript& transcript);
  crypto::Curve* curve_;
  const PaillierPublicKey* key_;
  PaillierPublicKey::Ciphertext ciphertext_, inverse_;
  crypto::Point negated_point_;
  ByteArray<32> challenge_;
  Transcript transcript_;
  std::size_t round_ = 0;
};

}  // namespace touchstone::mpc::lindell
