// The wallet's side of Lindell17 with a card: it answers the runs that the card begins (mpc_lindell/link.h), a set-up or a
// signature. The card owns the Paillier key; what the wallet keeps of a set-up is no secret.
//
// A share is here only from expect_key() or expect_signature() to end().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mpc_lindell/link.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"
#include "wallet/card_runs.h"

namespace touchstone::wallet {

class LindellRuns : private mpc::Transport {
 public:
  LindellRuns(crypto::Curve& curve, EntropySource entropy);
  ~LindellRuns() override;

  /// The wallet's group for the card's proofs. Else one is made for the first set-up, which takes seconds.
  void use_group(const mpc::lindell::PedersenKey& group) { group_ = group; }

  /// What the last set-up has shown, to be stored; empty: there was none. A byte behind it: a card has named another epoch since.
  const ByteVector& evaluator_key() const { return stored_; }
  /// From storage. Errors: kBadFormat, kOutOfRange, kNotOnCurve.
  Status restore(Bytes untrusted_evaluator_key);

  /// Whether there is a key to sign with; else it must be made or renewed.
  bool has_key() const;

  /// The card may make a key of its share and this one, both as they come from the roots; of the account whose X is
  /// `pinned`, or any. Of any epoch from `epoch` on: which key there was before a card can only claim, and no claim may lock an honest
  /// one out. A key of the wrong epoch signs nothing (the proofs of a signature name it), and every set-up has shares of its own.
  void expect_key(const crypto::Scalar& share, std::uint32_t epoch, const std::optional<crypto::Point>& pinned);
  /// The card may sign. `tweak`: the sum of the address's BIP32 steps, which counts as the wallet's. Errors: kState (there is no
  /// key, or not of this account's `key`), those of the curve.
  Status expect_signature(const crypto::Scalar& share, const crypto::Scalar& tweak, const crypto::Point& key,
                          const ByteArray<32>& message_hash);
  /// What was expected is over; wipes the share.
  void end();

  /// As CardRuns::on_message().
  Result<std::vector<ByteVector>> on_message(Bytes untrusted_message);

  /// X of the set-up that is done, and its epoch; null before. evaluator_key() is then the new one.
  const crypto::Point* key() const { return made_ ? &made_->key : nullptr; }
  std::uint32_t epoch() const { return made_ ? made_->epoch : 0; }
  /// The result, verified with libsecp256k1; null before.
  const mpc::lindell::Signature* signature() const { return signature_ ? &*signature_ : nullptr; }

  /// The object's memory besides itself, for a search.
  std::vector<Bytes> memory() const;

 private:
  struct Expected;
  Status send(mpc::PartyId, Bytes message) override;
  Status begin(Bytes untrusted_message);
  Status take(Bytes untrusted_message);
  Status make_group();
  Status take_epoch(Bytes untrusted_message);
  Status begin_setup();
  Status begin_signature();
  Status take_setup(Bytes untrusted_message);
  Status take_signature(Bytes untrusted_message);

  crypto::Curve& curve_;
  EntropySource entropy_;
  std::optional<mpc::lindell::PedersenKey> group_;
  ByteVector stored_;
  std::unique_ptr<Expected> expected_;
  std::optional<mpc::lindell::EvaluatorKey> made_;
  std::optional<mpc::lindell::Signature> signature_;
  std::vector<ByteVector> answers_;
};

}  // namespace touchstone::wallet
