// t or more parties make one BIP340 signature, without a coordinator. Freestanding.
//
//   all   Nonces          -> all   commitments to a pair of nonces
//   all   SignatureShare  -> all   when all Nonces are in
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc_frost/rounds.h"
#include "mpc_frost/sign.h"
#include "mpc_session/hedged.h"

namespace touchstone::mpc::frost {

/// BIP340 verification from outside, so that the result is judged by other code than that which made it:
/// crypto::schnorr_verify on a host.
using SignatureVerifier = Status (*)(Bytes public_key32, Bytes message, Bytes signature64);

/// What all signers of a signature must agree on; it makes the session's id.
struct SignPlan {
  Parties signers;
  ByteArray<32> message{};
  ByteArray<32> run{};  ///< a digest over a fresh nonce of every signer

  /// Key and epoch, tweaked key, signers, message, run.
  SessionId session_id(const SigningKey& key) const;
};

/// One party of one signature; 7 KB. Any number may run at once under one key. A signature that does not verify is not
/// released: then every share is checked and its maker blamed. Different nonces to different signers are found by the
/// echoes, and nobody is blamed, as in a KeySession. Errors that end it: kUnsupported (suite), kMismatch (signers;
/// share is not of this key and epoch; echo), kBadFormat, kNotOnCurve, kOutOfRange, kBadSignature (a share), kInfinity,
/// kState, kDevice.
class SignSession final : public Rounds {
 public:
  /// `curve` and `key` must outlive the object. `share`: y_i of the key's epoch. `random32`: fresh and uniform.
  SignSession(crypto::Curve& curve, SignatureVerifier verify, const SigningKey& key, const SignPlan& plan, PartyId own,
              const crypto::Scalar& share, Bytes random32);

  /// Only when done.
  const ByteArray<64>& signature() const;

 private:
  enum Round : unsigned { kNonces = 1, kShares };

  Status begin(Transport& transport) override;
  unsigned round_of(std::uint8_t message_id) const override;
  Result<Delivery> take(std::size_t sender, Bytes untrusted_message) override;
  bool complete() const override { return all_heard(bit(participants_.size()) - 1); }
  Status enter(unsigned round, Transport& transport) override;
  void wipe_secrets() override;

  Status check_input();
  ByteArray<32> echo() const;
  Status sign(Transport& transport);
  Status release();

  crypto::Curve& curve_;
  const SignatureVerifier verify_;
  const SigningKey& key_;
  const SignPlan plan_;
  crypto::Scalar share_;
  HedgedRandom random_;

  SecretNonces nonces_;
  std::array<NonceCommitment, kMaxParties> commitments_;
  ByteArray<32> echo_{};
  std::optional<SigningPackage> package_;
  std::array<crypto::Scalar, kMaxParties> signature_shares_;
  ByteArray<64> signature_{};
};

}  // namespace touchstone::mpc::frost
