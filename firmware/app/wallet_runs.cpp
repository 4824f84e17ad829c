#include "app/wallet_runs.h"

#include "crypto/ecdsa.h"

namespace touchstone::firmware {

using mpc::dkls::Endpoint;

WalletRuns::WalletRuns(crypto::Curve& curve, Entropy& entropy, MutableBytes arena, Bytes hedge)
    : hedge_(hedge),
      endpoint_(mpc::dkls::Role::kCard, curve, crypto::ecdsa_verify, arena.first(sizeof(Endpoint::Memory))),
      queue_(arena.subspan(sizeof(Endpoint::Memory), kQueueBytes)),
      offer_(entropy) {}

bool WalletRuns::occupies_arena() const { return run_ && (endpoint_.occupies_memory() || !queue_.empty() || opening_); }

Result<ByteArray<32>> WalletRuns::offer() {
  end();
  return offer_.make();
}

Result<mpc::dkls::RunNonces> WalletRuns::accept(const ByteArray<32>& wallet_nonce, Secret<32>& random) {
  const auto nonce = offer_.take(random.expose());
  TS_RETURN_IF_ERROR(nonce);
  return mpc::dkls::RunNonces{wallet_nonce, *nonce};
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
  offer_.withdraw();
  run_.reset();
  opening_ = false;
}

void WalletRuns::forget() {
  end();
  endpoint_.forget();
}

}  // namespace touchstone::firmware
