// Making a shared key, refreshing its shares, or moving them to other parties: verifiable secret sharing (Feldman 1987,
// Pedersen 1991) by several dealers, one session for all three. Freestanding.
//
//   dealers    Commit   -> all       digest of what follows
//   dealers    Open     -> all       commitments to a polynomial f_j, proof of possession
//   dealers    Share    -> receiver  f_j(i)
//   receivers  Verdict  -> all       echo of all Commits; whose share does not fit
//   all        Echo     -> all       digest of all Verdicts
//   dealers    Answer   -> all       only the accused: the share in public
//   receivers  Confirm  -> all       proof that the new share is held
#pragma once

#include <array>

#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc_frost/key_plan.h"
#include "mpc_frost/rounds.h"
#include "mpc_session/hedged.h"
#include "mpc_session/knowledge.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::frost {

/// What a party brings to a run; copied.
struct KeyInput {
  /// Receivers: x_i, a scalar from the party's root for the new epoch. It makes the mask of the stored offset and, in a
  /// generation, the party's part of the key, by derivations of their own: an offset that leaks to the others, who know
  /// points of f_i, must not give them f_i(0).
  crypto::Scalar pad;
  /// Parties of a refresh, and dealers of a resharing: the share of the epoch before.
  crypto::Scalar old_share;
  /// Fresh and uniform.
  Bytes random32;
};

/// One party of one run; 22 KB, so let it lie in an arena or a static. A dealer whose share does not fit gives it in
/// public, where all can judge it: the run goes on, or all blame the same dealer. Who commits or accuses differently to
/// different parties is found by the echoes, and then nobody is blamed: without signatures a liar and a slanderer look
/// alike. Errors that end it: kBadFormat, kNotOnCurve, kBadSignature (a proof), kMismatch (commitment, echo, old
/// share), kOutOfRange (bad input; a share), kInfinity, kState, kDevice.
class KeySession final : public Rounds {
 public:
  /// `curve` must outlive the object.
  KeySession(crypto::Curve& curve, const KeyPlan& plan, PartyId own, const KeyInput& input);

  /// The results; only when done. Share and offset: receivers only. Keep the old share's offset beside the new one
  /// until mpc_session/switch.h says which goes.
  const GroupKey& key() const;
  const crypto::Scalar& share() const;
  StoredOffset offset() const;

 private:
  enum Round : unsigned { kCommit = 1, kOpen, kShare, kVerdict, kEcho, kAnswer, kConfirm };

  Status begin(Transport& transport) override;
  unsigned round_of(std::uint8_t message_id) const override;
  Result<Delivery> take(std::size_t sender, Bytes untrusted_message) override;
  bool complete() const override;
  Status enter(unsigned round, Transport& transport) override;
  void wipe_secrets() override;

  /// Who speaks in the present round.
  std::uint32_t speakers() const;
  Status check_input();
  Status deal();
  Status send_shares(Transport& transport);
  Status judge(Transport& transport);
  Status repeat_verdicts(Transport& transport);
  Status answer(Transport& transport);
  Status confirm(Transport& transport);

  Result<Delivery> take_open(std::size_t dealer, Bytes untrusted_message);
  Result<Delivery> take_verdict(std::size_t receiver, Bytes untrusted_message);
  Result<Delivery> take_echo(std::size_t sender, Bytes untrusted_message);
  Result<Delivery> take_answer(std::size_t dealer, Bytes untrusted_message);
  Status check_constant(std::size_t dealer);

  /// Lowest coefficient that is sent: 1 in a refresh, whose polynomials are 0 at 0.
  std::size_t first_coefficient() const { return plan_.purpose == KeyPlan::Purpose::kRefresh ? 1 : 0; }
  Transcript proof_context(std::size_t prover, Round round) const;
  ByteArray<32> open_digest(std::size_t dealer, Bytes commitments, const KnowledgeProof& proof) const;
  ByteArray<32> digest_of_commits() const;
  ByteArray<32> digest_of_verdicts() const;
  crypto::Scalar evaluate(PartyId at) const;
  /// The point at `at` of the polynomial to which the points commit.
  Result<crypto::Point> evaluate(const std::array<crypto::Point, kMaxParties>& commitments, PartyId at);
  Result<bool> share_fits(std::size_t dealer, PartyId receiver, const crypto::Scalar& share);
  Status compute_key();
  /// The sum of all shares; whether it fits the key.
  Result<bool> sum_shares();

  crypto::Curve& curve_;
  const KeyPlan plan_;
  const std::uint32_t dealers_, receivers_;  // bits among the participants
  crypto::Scalar pad_, old_share_;
  HedgedRandom random_;

  // By participant.
  std::array<ByteArray<32>, kMaxParties> digests_{};
  std::array<std::array<crypto::Point, kMaxParties>, kMaxParties> commitments_;
  std::array<crypto::Scalar, kMaxParties> shares_;
  std::array<std::uint32_t, kMaxParties> accusations_{};  // of a receiver: bits of dealers; from kAnswer on, open ones

  std::array<crypto::Scalar, kMaxParties> polynomial_;
  std::array<std::uint8_t, 33 * kMaxParties> own_commitments_{};
  KnowledgeProof own_proof_;
  std::uint32_t misfits_ = 0;  // dealers whose share is bad
  GroupKey key_;
  crypto::Scalar share_;
  StoredOffset offset_;
};

}  // namespace touchstone::mpc::frost
