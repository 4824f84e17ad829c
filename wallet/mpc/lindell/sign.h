// One ECDSA signature of the two (Lindell, ePrint 2017/552, protocol 3.3), three messages and the result. Freestanding.
//
//   evaluator (wallet, P2)                     owner (card, P1)
//   SignCommit: hash of R2 and proof  --->
//                                     <---  SignNonce: R1, proof
//   SignCipher: R2, proof, c3         --->  blows its fuse, decrypts, verifies, mends its fuse
//                                     <---  SignResult: r, s
//
// In the paper P1 commits and P2 answers. Here the evaluator does: the proof is symmetric in that, a message is saved,
// and the card's nonce is drawn after, and from, what its peer is bound to.
#pragma once

#include <optional>

#include "crypto/ecdsa.h"
#include "mpc_lindell/keys.h"
#include "mpc_lindell/knowledge.h"
#include "mpc_lindell/two_party.h"
#include "mpc_session/fuse.h"

namespace touchstone::mpc::lindell {

struct Signature {
  ByteArray<64> bytes{};         ///< r, s; s <= n/2 (BIP146)
  std::uint8_t recovery_id = 0;  ///< bit 0: R has an odd y, bit 1: its x is not below n
};

struct SignConfig {
  SessionId session{};  ///< of this run alone, agreed on with fresh numbers of both
  PartyId own = 0, peer = 0;
  ByteArray<32> message_hash{};
  ByteArray<32> random32{};
  crypto::EcdsaVerifier verify = crypto::ecdsa_verify;
};

/// c3's plaintext is rho*q + (less than 2^641); rho has 640 bits. It hides |v*x1| < 2^(256+384) that the range proof
/// allows to 2^-256 and stays below 2^897, far from N.
inline constexpr std::size_t kMaskBits = 640;
inline constexpr std::size_t kPlaintextBits = 960;

/// What the two sides have alike.
class Signer : public TwoPartySession {
 public:
  /// TS_CHECK: done.
  const Signature& signature() const {
    TS_CHECK(done(), "there is no signature");
    return signature_;
  }

 protected:
  Signer(crypto::Curve& curve, const SignConfig& config, const crypto::Scalar& secret,
         std::span<const Expected> expected, const Context& context)
      : TwoPartySession(config, secret, expected),
        curve_(curve),
        message_hash_(config.message_hash),
        verify_(config.verify),
        context_(context) {}
  void wipe_secrets() override { nonce_ = KnownPoint{}; }

  crypto::Curve& curve_;
  const ByteArray<32> message_hash_;
  const crypto::EcdsaVerifier verify_;
  const Context context_;
  KnownPoint nonce_;
  Signature signature_;
};

/// The card's side. Errors of receive beside those of parsing: kBadSignature: the ciphertext gave no valid signature,
/// the fuse stays blown and the key is burnt; kState: the fuse is blown; kStorage, kDevice.
class OwnerSigner final : public Signer {
 public:
  /// References must outlive the session. `fuse`: that of the key.
  OwnerSigner(crypto::Curve& curve, const OwnerKey& key, Fuse& fuse, const SignConfig& config);

 private:
  Status begin(Transport& transport) override;
  Status take(std::size_t place, Bytes untrusted_message, Transport& transport) override;
  Status answer(Bytes untrusted_message, Transport& transport);
  Status complete(Bytes untrusted_message, Transport& transport);
  Result<Signature> decrypt(const PaillierPublicKey::Ciphertext& c3, const crypto::Point& nonce_point);

  const OwnerKey& key_;
  Fuse& fuse_;
  ByteArray<32> commitment_{};
};

/// The wallet's side.
class EvaluatorSigner final : public Signer {
 public:
  /// References must outlive the session. `share`: x2.
  EvaluatorSigner(crypto::Curve& curve, const EvaluatorKey& key, const crypto::Scalar& share, const SignConfig& config);

 private:
  Status begin(Transport& transport) override;
  Status take(std::size_t place, Bytes untrusted_message, Transport& transport) override;
  void wipe_secrets() override;
  Status evaluate(Bytes untrusted_message, Transport& transport);
  Status check(Bytes untrusted_message);

  const EvaluatorKey& key_;
  crypto::Scalar share_;
  ByteArray<32> blind_{};
  crypto::Point nonce_point_;
};

}  // namespace touchstone::mpc::lindell
