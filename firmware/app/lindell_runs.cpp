#include "app/lindell_runs.h"

#include <algorithm>
#include <limits>
#include <new>

#include "base/check.h"
#include "crypto/point.h"
#include "mpc_session/hedged.h"

namespace touchstone::firmware {
namespace lindell = mpc::lindell;
namespace wire = contract::lindell;

namespace {

/// Of a piece, and of a set-up with its key on the average, as bignum::PausePoint counts; the card does 2.75 million a second.
constexpr std::int64_t kPieceCost = 400'000;
constexpr std::uint64_t kSetUpCost = 3'520'000'000;
/// What must stay untouched at the bottom of the fiber's stack.
constexpr std::size_t kStackMarginBytes = 1024;
constexpr std::uint8_t kPaint = 0x5A;

}  // namespace

LindellRuns::LindellRuns(crypto::Curve& curve, Entropy& entropy, PaillierStore& store, Fiber& fiber, MutableBytes arena)
    : curve_(curve), entropy_(entropy), store_(store), fiber_(fiber), arena_(arena.first(kArenaBytes)), offer_(entropy),
      queue_(arena.subspan(sizeof(Memory), kQueueBytes)) {
  TS_CHECK(reinterpret_cast<std::uintptr_t>(arena.data()) % alignof(Memory) == 0, "the arena is not aligned");
}

KeyState LindellRuns::key_state() {
  if (!store_.has_key()) return KeyState::kNone;
  if (!store_.fuse().blown()) return KeyState::kReady;
  return store_.burns() < lindell::kMaxBurns ? KeyState::kBurnt : KeyState::kRetired;
}

Result<ByteArray<32>> LindellRuns::offer() {
  end();
  return offer_.make();
}

Result<LindellRuns::Job*> LindellRuns::begin(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account) {
  Secret<32> random;
  const auto nonce = offer_.take(random.expose());
  TS_RETURN_IF_ERROR(nonce);
  end();
  made_.reset();
  memory_ = new (arena_.data()) Memory;
  job_ = &memory_->job;
  job_->account = account;
  job_->nonces = {wallet_nonce, *nonce};
  std::copy(random.expose().begin(), random.expose().end(), job_->random.expose().begin());
  const auto prepared = [&]() -> Status {
    TS_RETURN_IF_ERROR(entropy_.fill(job_->salt));
    if (!store_.has_key()) return {};
    const auto stored = store_.load();
    TS_RETURN_IF_ERROR(stored);
    job_->stored = *stored;
    mpc::KeyName name = account.name;
    name.epoch = stored->epoch;
    mpc::derive_sealing_key(root, name, job_->former_sealing_key);
    return {};
  }();
  if (prepared) return job_;
  end();
  return prepared.error();
}

Status LindellRuns::begin_key(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account, bool is_new) {
  const auto begun = begin(wallet_nonce, root, account);
  TS_RETURN_IF_ERROR(begun);
  Job& job = **begun;
  const auto prepared = [&]() -> Status {
    job.epoch = account.name.epoch;
    if (is_new) {
      job.stored.reset();  // of an account that never came to be
    } else {
      if (!job.stored) return Error{ErrorCode::kStorage, "the account's Paillier key is lost"};
      if (store_.burns() >= lindell::kMaxBurns) return Error{ErrorCode::kState, "too many keys of the account have burnt"};
      if (job.stored->epoch == std::numeric_limits<std::uint32_t>::max()) return Error{ErrorCode::kState, "no epoch is left"};
      job.epoch = job.stored->epoch + 1;
    }
    const auto share = mpc::derive_share(root, account.name);
    TS_RETURN_IF_ERROR(share);
    job.share = *share + lindell::share_offset(lindell::setup_session(job.nonces), job.epoch);
    mpc::KeyName name = account.name;
    name.epoch = job.epoch;
    mpc::derive_sealing_key(root, name, job.sealing_key);
    return {};
  }();
  if (!prepared) {
    end();
    return prepared;
  }
  launch(&LindellRuns::make_key);
  return {};
}

Status LindellRuns::begin_sign(const ByteArray<32>& wallet_nonce, const Secret<32>& root, const Account& account,
                               const crypto::Point& address_key, const ByteArray<32>& message_hash) {
  const auto begun = begin(wallet_nonce, root, account);
  TS_RETURN_IF_ERROR(begun);
  Job& job = **begun;
  if (!job.stored || store_.fuse().blown()) {
    end();
    return Error{ErrorCode::kState, "there is no key to sign with, or a burnt one"};
  }
  job.epoch = job.stored->epoch;
  job.address_key = address_key;
  job.message_hash = message_hash;
  launch(&LindellRuns::make_signature);
  return {};
}

void LindellRuns::launch(Status (LindellRuns::*run)()) {
  inbox_.emplace(memory_->inbox);
  run_ = run;
  std::fill(memory_->stack.begin(), memory_->stack.end(), kPaint);
  fiber_.begin(memory_->stack, run_on_fiber, this);
}

void LindellRuns::run_on_fiber(void* self) {
  auto& runs = *static_cast<LindellRuns*>(self);
  runs.result_ = (runs.*runs.run_)();
  runs.finished_ = true;
}

void LindellRuns::resume() {
  left_ = kPieceCost;
  bignum::pause_point = this;
  fiber_.resume();
  bignum::pause_point = nullptr;
  const Bytes margin = Bytes(memory_->stack).first(kStackMarginBytes);
  TS_CHECK(std::all_of(margin.begin(), margin.end(), [](std::uint8_t b) { return b == kPaint; }), "the fiber's stack is too small");
}

void LindellRuns::pause(std::uint32_t cost) {
  spent_ += cost;
  left_ -= cost;
  if (left_ < 0 && !ending_) fiber_.pause();
}

Status LindellRuns::send(mpc::PartyId, Bytes message) {
  for (;;) {
    const Status put = queue_.put(message);
    if (put || queue_.empty()) return put;
    full_ = true;
    fiber_.pause();
    full_ = false;
  }
}

Status LindellRuns::announce(const mpc::SessionId& session) {
  ByteArray<wire::KeyEpoch::kMaxBytes> buffer;
  lindell::PieceSender out(*this);
  return out.send(lindell::kWalletParty, wire::KeyEpoch{session, job_->epoch}.encode(buffer).value());
}

Status LindellRuns::converse(mpc::Session& session) {
  lindell::PieceSender out(*this);
  TS_RETURN_IF_ERROR(session.start(out));
  while (!session.done()) {
    while (!message_) {
      waits_ = true;
      fiber_.pause();
      waits_ = false;
    }
    const auto taken = session.receive(lindell::kWalletParty, *message_, out);
    TS_RETURN_IF_ERROR(taken);
    // The link keeps the order, and each side knows whose turn it is.
    if (*taken != mpc::Delivery::kTaken) return Error{ErrorCode::kBadFormat, "no message of this step"};
    message_.reset();
  }
  return {};
}

Result<std::optional<lindell::FormerKey>> LindellRuns::former_key() {
  if (!job_->stored) return std::optional<lindell::FormerKey>();
  const auto key = lindell::open(curve_, job_->stored->sealed, job_->former_sealing_key.expose(), job_->stored->epoch, job_->account.key);
  TS_RETURN_IF_ERROR(key);
  return std::optional(lindell::former(*key, store_.fuse()));
}

Status LindellRuns::make_key() {
  const auto former = former_key();
  TS_RETURN_IF_ERROR(former);
  const mpc::SessionId session = lindell::setup_session(job_->nonces);
  TS_RETURN_IF_ERROR(announce(session));
  const mpc::HedgedRandom random(job_->random.expose(), {&job_->share}, session);
  const auto paillier = lindell::PaillierKey::generate(random.bytes("touchstone/lindell/card/paillier key").expose());
  TS_RETURN_IF_ERROR(paillier);
  lindell::SetupConfig config{session, lindell::kCardParty, lindell::kWalletParty, job_->epoch, std::nullopt, {}};
  random.fill(config.random32, "touchstone/lindell/card/set-up");
  lindell::OwnerSetup setup(curve_, *paillier, job_->share, config, *former);
  TS_RETURN_IF_ERROR(converse(setup));
  wipe(config.random32.data(), config.random32.size());
  // The confirmation waits in the queue: nobody hears of the key before it is judged and stored.
  const lindell::OwnerKey key = setup.key();
  if (!crypto::equal(key.key, job_->account.key)) return Error{ErrorCode::kMismatch, "the key of another account"};
  TS_RETURN_IF_ERROR(store_.store({crypto::compress(key.key), key.epoch, key.burns, lindell::seal(key, job_->sealing_key.expose(), job_->salt)}));
  made_ = key.key;
  return {};
}

Status LindellRuns::make_signature() {
  auto key = lindell::open(curve_, job_->stored->sealed, job_->former_sealing_key.expose(), job_->epoch, job_->account.key);
  TS_RETURN_IF_ERROR(key);
  key->key = job_->address_key;  // the address's step is in the wallet's share
  lindell::SignConfig config;
  config.session = lindell::sign_session(job_->nonces);
  config.own = lindell::kCardParty;
  config.peer = lindell::kWalletParty;
  config.message_hash = job_->message_hash;
  std::copy(job_->random.expose().begin(), job_->random.expose().end(), config.random32.begin());
  TS_RETURN_IF_ERROR(announce(config.session));
  RunFuse fuse(store_.fuse(), fuse_open_);
  lindell::OwnerSigner signer(curve_, *key, fuse, config);
  return converse(signer);
}

Status LindellRuns::take(Bytes untrusted_piece) {
  if (job_ == nullptr || finished_) return Error{ErrorCode::kState, "no run goes on"};
  if (message_) {
    end();
    return Error{ErrorCode::kState, "the wallet speaks out of turn"};
  }
  const auto taken = inbox_->take(untrusted_piece);
  if (!taken) {
    end();
    return taken.error();
  }
  message_ = *taken;
  return {};
}

Result<RunState> LindellRuns::step() {
  if (job_ == nullptr) return done_ ? RunState::kDone : RunState::kNone;
  const bool can_go_on = !finished_ && !(waits_ && !message_) && !(full_ && !queue_.empty());
  if (can_go_on) resume();
  if (finished_ && !result_) {
    const Error error = result_.error();
    end();
    return error;
  }
  if (finished_ && queue_.empty()) {
    end();
    done_ = true;
    return RunState::kDone;
  }
  return queue_.empty() && !waits_ && !finished_ ? RunState::kComputing : RunState::kGoing;
}

std::uint8_t LindellRuns::percent() const {
  return static_cast<std::uint8_t>(std::min<std::uint64_t>(spent_ * 100 / kSetUpCost, 99));
}

void LindellRuns::end() {
  ending_ = true;
  while (job_ != nullptr && fuse_open_ && !finished_) resume();
  ending_ = false;
  if (memory_ != nullptr) {
    memory_->~Memory();
    wipe(arena_.data(), arena_.size());
  }
  memory_ = nullptr;
  job_ = nullptr;
  queue_.clear();
  offer_.withdraw();
  inbox_.reset();
  message_.reset();
  waits_ = full_ = finished_ = fuse_open_ = done_ = false;
  result_ = {};
  spent_ = 0;
}

}  // namespace touchstone::firmware
