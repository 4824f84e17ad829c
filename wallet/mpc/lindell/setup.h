// Making a key of two: X = P1 + P2 with given shares, and the Paillier key that signing needs (Lindell, ePrint
// 2017/552, protocol 3.2; there X = x1*P2). Additive, so that the same shares serve DKLs23 and a sum of zero refreshes
// them. Freestanding.
//
//   evaluator (wallet, P2)                          owner (card, P1)
//   SetupHello: hash of P2, group, its proof   --->
//                                              <---  SetupShare, SetupFactors, SetupRoots x 16, SetupRange x 16
//   SetupOpen: P2, proof                       --->
//                                              <---  SetupConfirm
//
// P2 is committed to before P1 is seen, and P1 proven before P2 is seen: neither can choose its point after the
// other's. The shares are regenerated from roots, so nothing is added to them. X is pinned from the second set-up on.
#pragma once

#include <optional>

#include "mpc_lindell/factor_proof.h"
#include "mpc_lindell/keys.h"
#include "mpc_lindell/range_proof.h"
#include "mpc_lindell/two_party.h"

namespace touchstone::mpc::lindell {

struct SetupConfig {
  SessionId session{};  ///< of this run alone, agreed on with fresh numbers of both
  PartyId own = 0, peer = 0;
  std::uint32_t epoch = 0;
  std::optional<crypto::Point> pinned_key;  ///< X of the epochs before; without it any X is taken
  ByteArray<32> random32{};
};
/// The card's side. Errors beside those of the proofs: kState (at start: the share or epoch of a burnt key, which is
/// known in part; an account of which kMaxBurns keys have burnt; at the end: the former key has burnt meanwhile),
/// kMismatch (X is not the pinned one), kInfinity.
class OwnerSetup final : public TwoPartySession {
 public:
  /// `paillier`: fresh (PaillierKey::generate), for this set-up alone. `share`: x1, not zero. `former`: the owner's
  /// last key of this account, if there has been one, whatever its X: x1 is the same for every evaluator. Nothing signs
  /// under it once this is done: sessions on it are aborted before key() is stored, and while it lies stored as next
  /// (mpc_session/switch.h) none begins; else a burn would not be counted. References must outlive the session.
  OwnerSetup(crypto::Curve& curve, const PaillierKey& paillier, const crypto::Scalar& share, const SetupConfig& config,
             const std::optional<FormerKey>& former = std::nullopt);
  /// For seal(). TS_CHECK: done.
  OwnerKey key() const {
    TS_CHECK(done(), "there is no key");
    return {paillier_, own_point_, key_, epoch_, former_ ? former_->burns : 0};
  }

 private:
  Status begin(Transport& transport) override;
  Status take(std::size_t place, Bytes untrusted_message, Transport& transport) override;
  void wipe_secrets() override { share_ = crypto::Scalar(); }
  Status prove(Bytes untrusted_message, Transport& transport);
  Status complete(Bytes untrusted_message, Transport& transport);

  crypto::Curve& curve_;
  const PaillierKey& paillier_;
  crypto::Scalar share_;
  const std::uint32_t epoch_;
  const std::optional<crypto::Point> pinned_;
  const std::optional<FormerKey> former_;
  Context context_{};
  ByteArray<32> commitment_{};
  crypto::Point own_point_, key_;
};

/// The wallet's side.
class EvaluatorSetup final : public TwoPartySession {
 public:
  /// `share`: x2, not zero. References must outlive the session.
  EvaluatorSetup(crypto::Curve& curve, const PedersenKey& pedersen, const crypto::Scalar& share,
                 const SetupConfig& config);
  /// TS_CHECK: done.
  EvaluatorKey key() const {
    TS_CHECK(done(), "there is no key");
    return {*paillier_, range_->ciphertext(), own_point_, key_, epoch_};
  }

 private:
  Status begin(Transport& transport) override;
  Status take(std::size_t place, Bytes untrusted_message, Transport& transport) override;
  void wipe_secrets() override;
  Status take_share(Bytes untrusted_message);
  Status open(Transport& transport);

  crypto::Curve& curve_;
  const PedersenKey& pedersen_;
  crypto::Scalar share_;
  const std::uint32_t epoch_;
  const std::optional<crypto::Point> pinned_;
  Context context_{}, agreed_{};
  ByteArray<32> blind_{};
  KnownPoint known_;
  std::optional<PaillierPublicKey> paillier_;
  std::optional<ModulusVerifier> modulus_;
  std::optional<RangeVerifier> range_;
  crypto::Point own_point_, key_;
};

}  // namespace touchstone::mpc::lindell
