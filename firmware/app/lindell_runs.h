// LindellRuns: the vault's side of Lindell17 with the wallet: the set-up of a key, and signatures under it. Freestanding.
//
// Both compute for seconds to minutes and need more stack than the vault has, so they run on a fiber whose stack lies in the
// arena: straight code that rests between the windows of its powers (bignum/pause.h) and where it waits for a message. Each
// step() is a piece of some 150 ms on the card.
//
// Between the blow of the key's fuse and its mending a run is not left: whatever ends it then - a lost connection, another
// request - has the decryption come to its end first, in one piece of seconds. Only a loss of power burns the key there, or a
// ciphertext that holds no signature.
#pragma once

#include <optional>

#include "app/fiber.h"
#include "app/message_queue.h"
#include "app/paillier_store.h"
#include "app/run_offer.h"
#include "app/vault.h"
#include "bignum/pause.h"
#include "contract/lindell.h"
#include "crypto/scalar.h"
#include "mpc_lindell/link.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"
#include "mpc_session/roots.h"

namespace touchstone::firmware {

class LindellRuns : private mpc::Transport, private bignum::PausePoint {
 public:
  /// Whose run.
  struct Account {
    mpc::KeyName name;  ///< as it was paired
    crypto::Point key;  ///< X = wallet's point + card's point
  };
  static constexpr std::size_t kStackBytes = 64 * 1024, kQueueBytes = 8 * 1024;
  /// What the run works on; its secrets among it.
  struct Job {
    Account account;
    mpc::lindell::RunNonces nonces;
    Secret<32> random;
    ByteArray<32> salt{};
    crypto::Scalar share;                  // of a set-up: x1, with its offset
    std::uint32_t epoch = 0;               // of the key that is made, or used
    Secret<32> sealing_key, former_sealing_key;
    std::optional<StoredPaillierKey> stored;  // the key that is used, or followed
    crypto::Point address_key;
    ByteArray<32> message_hash{};
  };
  struct Memory {
    alignas(16) ByteArray<kStackBytes> stack;
    ByteArray<contract::lindell::kMaxMessageBytes> inbox;
    Job job;
  };
  static constexpr std::size_t kArenaBytes = sizeof(Memory) + kQueueBytes;

  /// `arena`: kArenaBytes, aligned to 16. All outlive the object.
  LindellRuns(crypto::Curve& curve, Entropy& entropy, PaillierStore& store, Fiber& fiber, MutableBytes arena);

  /// Whether a run goes on: nobody else may write to the arena then.
  bool occupies_arena() const { return job_ != nullptr; }
  bool offered() const { return offer_.made(); }
  /// Of the account's key in flash.
  KeyState key_state();

  // As the vault's calls of the like names.
  Result<ByteArray<32>> offer();
  /// A key for `account` in the place of the one there is; `is_new`: the account has had none. Errors: kState (none was
  /// offered; too many keys have burnt), kStorage (the key before it cannot be read).
  Status begin_key(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account, bool is_new);
  /// Errors: kState (none was offered, no key, a burnt one), kStorage.
  Status begin_sign(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account,
                    const crypto::Point& address_key, const ByteArray<32>& message_hash);
  Status take(Bytes untrusted_piece);
  Result<RunState> step();
  Result<std::size_t> give(MutableBytes out) { return queue_.empty() ? Result<std::size_t>(0) : queue_.take(out); }
  /// How much of a set-up is done.
  std::uint8_t percent() const;
  /// Whether the last run has made and stored a key of that X.
  bool has_made(const crypto::Point& key) const { return made_ && crypto::equal(*made_, key); }

  /// Ends the run and wipes what it had.
  void end();

 private:
  /// Of the run on the fiber alone.
  class RunFuse final : public mpc::Fuse {
   public:
    RunFuse(mpc::Fuse& fuse, bool& open) : fuse_(fuse), open_(open) {}
    bool blown() const override { return fuse_.blown(); }
    Status blow() override {
      open_ = true;
      return fuse_.blow();
    }
    Status mend() override {
      const Status mended = fuse_.mend();
      open_ = false;
      return mended;
    }

   private:
    mpc::Fuse& fuse_;
    bool& open_;
  };

  Status send(mpc::PartyId, Bytes message) override;
  void pause(std::uint32_t cost) override;
  Result<Job*> begin(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account);
  void launch(Status (LindellRuns::*run)());
  static void run_on_fiber(void* self);
  void resume();
  // On the fiber:
  Status announce(const mpc::SessionId& session);
  Status converse(mpc::Session& session);
  Status make_key();
  Status make_signature();
  Result<std::optional<mpc::lindell::FormerKey>> former_key();

  crypto::Curve& curve_;
  Entropy& entropy_;
  PaillierStore& store_;
  Fiber& fiber_;
  const MutableBytes arena_;
  RunOffer offer_;
  MessageQueue queue_;
  Memory* memory_ = nullptr;  // in the arena, while a run goes on
  Job* job_ = nullptr;        // in it
  Status (LindellRuns::*run_)() = nullptr;
  std::optional<mpc::lindell::PieceCollector> inbox_;
  std::optional<Bytes> message_;  // for the run; in the inbox
  bool waits_ = false;            // the run, for a message
  bool full_ = false;             // the run, for room in the queue
  bool finished_ = false;         // the run; what it said may still wait
  bool done_ = false;             // and is given
  bool ending_ = false;           // no more rests
  bool fuse_open_ = false;        // the run has blown its fuse, and not judged what came of it
  Status result_;
  std::int64_t left_ = 0;         // of this piece, in costs
  std::uint64_t spent_ = 0;       // by the run
  std::optional<crypto::Point> made_;
};

}  // namespace touchstone::firmware
