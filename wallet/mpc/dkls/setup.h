// The oblivious-transfer set-up of a pair of parties: made once, independent of any key, used by any number of
// signatures, also at the same time. Freestanding.
//
// Each party is base OT receiver in one direction and sender in the other. As receiver it holds trees with a missing
// leaf (the missing places are Delta) and is OT sender in the extension; as sender it holds whole trees and is OT
// receiver there.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/sha256.h"
#include "mpc_dkls/base_ot.h"
#include "mpc_dkls/tree.h"
#include "mpc_session/fuse.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::dkls {

/// What one party keeps of a set-up: secret, wiped at its end.
///
/// One Fuse goes with each that is stored: a peer that lies about one tree is caught 15 times in 16, and each time
/// learns of Delta; were the set-up loaded again after the power was cut, it would try until it knows Delta. So the
/// fuse is blown before the check of an OT extension and mended once the check has held.
class OtSetup {
 public:
  /// Without a fuse, which must outlive it, it lives in memory only and is neither stored nor loaded.
  explicit OtSetup(Fuse* fuse = nullptr) : fuse_(fuse) {}
  OtSetup(const OtSetup&) = delete;
  OtSetup& operator=(const OtSetup&) = delete;

  /// Serialised size: 6,242 bytes, secret.
  static constexpr std::size_t kBytes = 2 + 32 + 32 + kLambda / 8 + kTrees * (2 + kTreeDepth) * 32 + 16;

  bool ready() const { return state_ == State::kReady; }
  bool burned() const { return state_ == State::kBurned; }
  /// A cheating peer may have learnt bits of Delta: wipes everything, for ever, and blows the fuse. Only a new set-up,
  /// with a new fuse, helps.
  void burn();
  /// Around the check of an extension: blows the fuse before, mends it after a check that has held. Errors: kStorage.
  Status before_check();
  Status after_check();

  PartyId own() const { return own_; }
  PartyId peer() const { return peer_; }
  /// The same on both sides, public.
  const ByteArray<32>& id() const { return id_; }
  const Seed& zero_seed() const { return zero_seed_; }
  /// Digest of what of it the peer does not know: Delta, and a leaf of every whole tree. It hedges the randomness of
  /// sessions; the zero seed, which the peer knows, would not.
  Seed own_secret() const;
  const Row& delta() const { return delta_; }
  const std::array<FullTree, kTrees>& full_trees() const { return full_; }
  const std::array<PuncturedTree, kTrees>& punctured_trees() const { return punctured_; }
  /// Place of the missing leaf.
  std::uint32_t missing(std::size_t tree) const { return delta_[tree / 8] >> (4 * (tree % 8)) & 15; }

  /// Errors: kState (not ready, no fuse), kTooLarge.
  Status store(MutableBytes out) const;
  /// Errors: kBadFormat (size), kMismatch (changed bytes), kState (this one is in use, has no fuse, or it is blown).
  Status load(Bytes stored);

 private:
  friend class SetupSession;
  enum class State : std::uint8_t { kEmpty, kReady, kBurned };
  ByteArray<16> digest(Bytes body) const;
  void clear();

  Fuse* fuse_;
  State state_ = State::kEmpty;
  PartyId own_ = 0, peer_ = 0;
  ByteArray<32> id_{};
  Seed zero_seed_;
  Wiped<Row> delta_;
  std::array<FullTree, kTrees> full_;
  std::array<PuncturedTree, kTrees> punctured_;
};

/// Makes an OtSetup with one peer. Messages: SetupPoints x 4, SetupAnswer x 4, SetupConfirm, in both directions at
/// once.
class SetupSession final : public Session {
 public:
  /// `out` must be empty (its fuse not blown) and outlive the session, as must `curve`; it becomes ready when the
  /// session is done. Both parties say the same `session`, fresh. `random32`: fresh and uniform. `hedge`: at least 32
  /// bytes that nobody else knows: derive_sealing_key (mpc_session/roots.h) of the party's root, and behind it what
  /// never repeats, if there is anything (a boot counter). With it a stuck or known generator does not tell Delta,
  /// which would serve for ever.
  SetupSession(crypto::Curve& curve, const SessionId& session, PartyId own, PartyId peer, Bytes random32, Bytes hedge,
               OtSetup& out);
  ~SetupSession() override { abort(); }

  Status start(Transport& transport) override;
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) override;
  bool done() const override { return stage_ == Stage::kDone; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override;

 private:
  static constexpr std::size_t kBlocks = 4, kOtsPerBlock = kLambda / kBlocks, kTreesPerBlock = kTrees / kBlocks;
  enum class Stage : std::uint8_t { kNew, kRunning, kConfirming, kDone, kFailed };
  enum Direction : std::size_t { kOwn = 0, kTheirs = 1 };  ///< who is base OT receiver

  Result<Delivery> take_points(Bytes untrusted_message, Transport& transport);
  Result<Delivery> take_answer(Bytes untrusted_message, Transport& transport);
  Result<Delivery> take_confirm(Bytes untrusted_message);
  Status confirm_if_complete(Transport& transport);
  ByteArray<32> key_context(Direction direction, std::size_t block, Bytes points) const;
  ByteArray<32> transcript() const;
  Error fail(Error error, bool blame);
  void clear();

  crypto::Curve& curve_;
  SessionId session_;
  PartyId own_, peer_;
  Randomness random_;
  OtSetup& out_;
  Stage stage_ = Stage::kNew;
  std::optional<Failure> failure_;
  std::array<ByteArray<32>, 2> context_;
  std::array<ByteArray<32>, kBlocks> own_key_context_;
  std::array<crypto::Scalar, kLambda> exponents_;
  std::array<crypto::Sha256, 2> points_hash_, answers_hash_;
  std::size_t points_taken_ = 0, answers_taken_ = 0;
  Seed seed_;
  ByteArray<kOtsPerBlock * kAnswerBytes + kTreesPerBlock * kTreeBytes> payload_;
  ByteArray<3200> message_;
};

}  // namespace touchstone::mpc::dkls
