#include "app/wallet_runs.h"

#include <algorithm>
#include <cstring>

#include "crypto/ecdsa.h"

namespace touchstone::firmware {

using mpc::dkls::Endpoint;

Status MessageQueue::put(Bytes message) {
  if (first_ == end_) clear();
  if (end_ + kHeadBytes + message.size() > place_.size()) {
    std::memmove(place_.data(), place_.data() + first_, end_ - first_);
    end_ -= first_;
    first_ = 0;
  }
  if (end_ + kHeadBytes + message.size() > place_.size()) return Error{ErrorCode::kTooLarge, "too many messages wait"};
  store_le16(place_.data() + end_, static_cast<std::uint16_t>(message.size()));
  std::copy(message.begin(), message.end(), place_.begin() + static_cast<std::ptrdiff_t>(end_ + kHeadBytes));
  end_ += kHeadBytes + message.size();
  return {};
}

Result<std::size_t> MessageQueue::take(MutableBytes out) {
  if (empty()) return Error{ErrorCode::kState, "no message waits"};
  const std::size_t size = load_le16(place_.data() + first_);
  TS_CHECK(first_ + kHeadBytes + size <= end_, "the queue is whole");
  if (size > out.size()) return Error{ErrorCode::kTooLarge, "a message of the queue"};
  std::copy_n(place_.begin() + static_cast<std::ptrdiff_t>(first_ + kHeadBytes), size, out.begin());
  first_ += kHeadBytes + size;
  return size;
}

WalletRuns::WalletRuns(crypto::Curve& curve, Entropy& entropy, MutableBytes arena, Bytes hedge)
    : entropy_(entropy),
      hedge_(hedge),
      endpoint_(mpc::dkls::Role::kCard, curve, crypto::ecdsa_verify, arena.first(sizeof(Endpoint::Memory))),
      queue_(arena.subspan(sizeof(Endpoint::Memory), kQueueBytes)) {}

bool WalletRuns::occupies_arena() const { return run_ && (endpoint_.occupies_memory() || !queue_.empty() || opening_); }

Result<ByteArray<32>> WalletRuns::offer() {
  end();
  offered_.emplace();
  const Status drawn = entropy_.fill(*offered_);
  if (!drawn) {
    offered_.reset();
    return drawn.error();
  }
  return *offered_;
}

Result<mpc::dkls::RunNonces> WalletRuns::accept(const ByteArray<32>& wallet_nonce, Secret<32>& random) {
  if (!offered_) return Error{ErrorCode::kState, "no run was offered"};
  const mpc::dkls::RunNonces nonces{wallet_nonce, *offered_};
  offered_.reset();
  TS_RETURN_IF_ERROR(entropy_.fill(random.expose()));
  return nonces;
}

/// An error ends the run, whichever step it came from.
Status WalletRuns::ended_by(const Status& status) {
  if (!status) end();
  return status;
}

Status WalletRuns::begin_setup(const ByteArray<32>& wallet_nonce) {
  Secret<32> random;
  const auto nonces = accept(wallet_nonce, random);
  TS_RETURN_IF_ERROR(nonces);
  run_ = Run::kSetUp;
  return ended_by(endpoint_.begin_setup(*nonces, random.expose(), hedge_, *this));
}

Status WalletRuns::begin_key(const ByteArray<32>& wallet_nonce, const crypto::Scalar& share, const crypto::Point& wallet_point,
                             std::uint32_t epoch) {
  Secret<32> random;
  const auto nonces = accept(wallet_nonce, random);
  TS_RETURN_IF_ERROR(nonces);
  run_ = Run::kKey;
  return ended_by(endpoint_.begin_key(*nonces, share, wallet_point, epoch, random.expose(), *this));
}

Status WalletRuns::begin_sign(const ByteArray<32>& wallet_nonce, const mpc::dkls::SigningKey& key, const ByteArray<32>& message_hash) {
  Secret<32> random;
  const auto nonces = accept(wallet_nonce, random);
  TS_RETURN_IF_ERROR(nonces);
  run_ = Run::kSign;
  message_hash_ = message_hash;
  return ended_by(endpoint_.begin_sign(*nonces, key, random.expose(), *this));
}

Status WalletRuns::take(Bytes untrusted_message) {
  if (!run_) return Error{ErrorCode::kState, "no run goes on"};
  // An image may lie in the arena, and nothing is to be said before the owner has held.
  if (prepared()) return ended_by(Error{ErrorCode::kState, "the wallet speaks out of turn"});
  const auto taken = endpoint_.take(untrusted_message, *this);
  if (!taken) return ended_by(taken.error());
  // The link keeps the order and each side knows whose turn it is: there is nothing to keep for later, and nothing to repeat.
  if (*taken != mpc::Delivery::kTaken) return ended_by(Error{ErrorCode::kBadFormat, "no message of this step"});
  return {};
}

Result<RunState> WalletRuns::step() {
  if (!run_) return RunState::kNone;
  if (queue_.empty()) {
    const auto worked = endpoint_.work(*this);
    if (!worked) {
      end();
      return worked.error();
    }
  }
  if (prepared()) return RunState::kPrepared;
  return endpoint_.done() && queue_.empty() ? RunState::kDone : RunState::kGoing;
}

Status WalletRuns::open(const crypto::Scalar& share) {
  if (!prepared()) return Error{ErrorCode::kState, "no signature is prepared"};
  opening_ = true;
  return ended_by(endpoint_.open(share, message_hash_, *this));
}

void WalletRuns::end() {
  endpoint_.end();
  queue_.clear();
  offered_.reset();
  run_.reset();
  opening_ = false;
}

void WalletRuns::forget() {
  end();
  endpoint_.forget();
}

}  // namespace touchstone::firmware
