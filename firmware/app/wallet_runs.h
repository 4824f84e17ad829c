// WalletRuns: the vault's side of DKLs23 with the wallet: the runs, and the messages that wait to be given out. Freestanding.
//
// What it computes with lies in the vault's arena, where images and features lie at other times: a run occupies it until its
// signature is prepared, and in every call after that.
#pragma once

#include <optional>

#include "app/message_queue.h"
#include "app/run_offer.h"
#include "app/vault.h"
#include "crypto/scalar.h"
#include "drivers/devices.h"
#include "mpc_dkls/endpoint.h"

namespace touchstone::firmware {

class WalletRuns : private mpc::Transport {
 public:
  /// The most that waits at once: a party's points and answers of a set-up.
  static constexpr std::size_t kQueueBytes = 22 * 1024;
  static constexpr std::size_t kArenaBytes = sizeof(mpc::dkls::Endpoint::Memory) + kQueueBytes;

  /// `arena`: kArenaBytes, aligned to 8. `hedge`: a secret of the card. All outlive the object.
  WalletRuns(crypto::Curve& curve, Entropy& entropy, MutableBytes arena, Bytes hedge);

  bool has_setup() const { return endpoint_.has_setup(); }
  /// Whether a run needs the arena over the end of a call: nobody else may write there then.
  bool occupies_arena() const;

  /// Whether a run was offered that has not begun.
  bool offered() const { return offer_.made(); }

  // As the vault's calls of the like names.
  Result<ByteArray<32>> offer();
  Status begin_setup(const ByteArray<32>& wallet_nonce);
  Status begin_key(const ByteArray<32>& wallet_nonce, const crypto::Scalar& share, const crypto::Point& wallet_point, std::uint32_t epoch);
  Status begin_sign(const ByteArray<32>& wallet_nonce, const mpc::dkls::SigningKey& key, const ByteArray<32>& message_hash);
  Status take(Bytes untrusted_message);
  Result<RunState> step();
  Result<std::size_t> give(MutableBytes out) { return queue_.empty() ? Result<std::size_t>(0) : queue_.take(out); }
  bool prepared() const { return run_ == Run::kSign && endpoint_.prepared() && queue_.empty() && !opening_; }
  /// Opens the signature that is prepared.
  Status open(const crypto::Scalar& share);
  /// The key of the wallet's and the card's share, once its run is done.
  const mpc::dkls::SigningKey* key() const { return endpoint_.key(); }

  /// Ends the run; the set-up stays.
  void end();
  void forget();

 private:
  Status send(mpc::PartyId, Bytes message) override { return queue_.put(message); }
  /// Both nonces of the run that was offered, once, and randomness for it. Errors: kState (none was), kDevice.
  Result<mpc::dkls::RunNonces> accept(const ByteArray<32>& wallet_nonce, Secret<32>& random);
  Status ended_by(const Status& status);

  const Bytes hedge_;
  mpc::dkls::Endpoint endpoint_;
  MessageQueue queue_;
  RunOffer offer_;
  std::optional<Run> run_;
  bool opening_ = false;  // the signature, until the run ends
  ByteArray<32> message_hash_{};
};

}  // namespace touchstone::firmware
