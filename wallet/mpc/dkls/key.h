// What a signature is made under: the public key, who signs, and the points of their shares. Freestanding.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "mpc_session/hedged.h"
#include "mpc_session/knowledge.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::dkls {

enum class Sharing : std::uint8_t {
  kAdditive = 1,  ///< the shares of the signers add up to the key
  kShamir = 2,    ///< Lagrange interpolation at 0 over the signers' numbers does
};

struct SigningKey {
  crypto::Point public_key;
  Sharing sharing = Sharing::kAdditive;
  /// Who signs together, 2..16: all parties, or for Shamir shares any threshold of them.
  Parties signers;
  /// Point of each signer's share, in their order.
  std::array<crypto::Point, kMaxParties> share_points;
  std::uint32_t epoch = 0;
};

/// What the share of signers[index] counts in the sum: 1, or its Lagrange coefficient.
crypto::Scalar share_weight(const SigningKey& key, std::size_t index);
/// The weighted points of the signers' shares; they must add up to the public key. Errors: kOutOfRange (number of
/// signers), kInfinity (a share or the key is zero), kMismatch, kNotOnCurve, kDevice.
Status weigh_points(crypto::Curve& curve, const SigningKey& key, std::array<crypto::Point, kMaxParties>& out);

/// Makes the key of two parties from given shares, X = x_1 G + x_2 G; nothing is added to the shares, so that they can
/// be regenerated. Messages: KeyCommit, KeyOpen. A commitment first and a proof of knowledge then keep either from
/// choosing its share by the other's (rogue key).
class KeySession final : public Session {
 public:
  struct Config {
    SessionId session;  ///< the same on both sides, fresh
    PartyId own, peer;
    std::uint32_t epoch;
    /// Recovery and re-pairing: these points or nothing. With both, the own share is checked at the start, before it
    /// is used; with the key alone nobody can be named when it is another.
    std::optional<crypto::Point> pinned_public_key, pinned_peer_point;
  };
  KeySession(crypto::Curve& curve, const Config& config, const crypto::Scalar& share, Bytes random32);
  ~KeySession() override { abort(); }

  Status start(Transport& transport) override;
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) override;
  bool done() const override { return stage_ == Stage::kDone; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override;
  /// Once done.
  const SigningKey& key() const;

 private:
  enum class Stage : std::uint8_t { kNew, kCommitted, kOpened, kDone, kFailed };
  struct Opening {
    crypto::CompressedPoint share_point{};
    KnowledgeProof proof;
    ByteArray<32> blinding{};
  };
  Status run_start(Transport& transport);
  Status take_commit(Bytes untrusted_message);
  Status say_open(Transport& transport);
  Status take_open(Bytes untrusted_message, crypto::Point& their_point);
  Status make_key(const crypto::Point& their_point);
  ByteArray<32> commitment(PartyId of, const Opening& opening) const;
  Transcript proof_context(PartyId of) const;
  Error fail(Error error, bool blame);

  crypto::Curve& curve_;
  Config config_;
  crypto::Scalar share_;
  HedgedRandom random_;
  Stage stage_ = Stage::kNew;
  std::optional<Failure> failure_;
  Opening opening_;
  ByteArray<32> their_commitment_{};
  SigningKey key_;
};

}  // namespace touchstone::mpc::dkls
