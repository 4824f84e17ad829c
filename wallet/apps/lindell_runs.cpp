#include "wallet/lindell_runs.h"

#include <algorithm>

#include "contract/messages.h"
#include "crypto/point.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {

namespace lindell = mpc::lindell;
namespace wire = contract::lindell;
using contract::RunBegin;
using contract::RunMessage;

namespace {

/// What is stored of a set-up: epoch, d, P2, X, N, c_key; and a byte more where the card's key is another one.
constexpr std::size_t kStoredBytes = 4 + 32 + 33 + 33 + 256 + 512;

struct StoredKey {
  lindell::EvaluatorKey key;
  crypto::Scalar offset;
};

ByteVector serialize(const lindell::EvaluatorKey& key, const crypto::Scalar& offset) {
  ByteVector out(kStoredBytes);
  ByteWriter w(out);
  w.le32(key.epoch);
  w.put(offset.to_bytes());
  w.put(crypto::compress(key.own_point));
  w.put(crypto::compress(key.key));
  w.put(key.paillier.n().to_bytes());
  w.put(key.paillier.to_bytes(key.share_ciphertext));
  return out;
}

Result<StoredKey> parse(crypto::Curve& curve, Bytes untrusted) {
  ByteReader r(untrusted);
  const std::uint32_t epoch = r.le32();
  const Bytes offset_bytes = r.take(32), own_bytes = r.take(33), key_bytes = r.take(33), n_bytes = r.take(256), cipher_bytes = r.take(512);
  if (!r.complete()) return Error{ErrorCode::kBadFormat, "an evaluator's key of another size"};
  const auto offset = crypto::Scalar::from_bytes(offset_bytes);
  TS_RETURN_IF_ERROR(offset);
  const auto own_point = crypto::decompress(curve, own_bytes), key = crypto::decompress(curve, key_bytes);
  TS_RETURN_IF_ERROR(own_point);
  TS_RETURN_IF_ERROR(key);
  const auto paillier = lindell::PaillierPublicKey::parse(n_bytes);
  TS_RETURN_IF_ERROR(paillier);
  const auto cipher = paillier->parse_ciphertext(cipher_bytes);
  TS_RETURN_IF_ERROR(cipher);
  return StoredKey{{*paillier, *cipher, *own_point, *key, epoch}, *offset};
}

}  // namespace

/// Of the run that may come, and the run.
struct LindellRuns::Expected {
  bool key_only = false;
  crypto::Scalar share;                    // from the root; to sign, that of the address
  std::uint32_t epoch = 0;                 // of the key that signs; of a new one the account's first
  // Not for SetupConfig: a card that is paired again pins X where the wallet cannot yet. Both judge the result themselves.
  std::optional<crypto::Point> pinned;
  std::optional<lindell::EvaluatorKey> key;  // of the address
  ByteArray<32> message_hash{};

  bool begun = false;
  lindell::RunNonces nonces;
  Secret<32> random;
  ByteArray<wire::kMaxMessageBytes> inbox{};
  lindell::PieceCollector collector{inbox};
  crypto::Scalar offset;
  std::optional<lindell::EvaluatorSetup> setup;
  std::optional<lindell::EvaluatorSigner> signer;
};

LindellRuns::LindellRuns(crypto::Curve& curve, EntropySource entropy) : curve_(curve), entropy_(std::move(entropy)) {}
LindellRuns::~LindellRuns() = default;

Status LindellRuns::restore(Bytes untrusted_evaluator_key) {
  stored_.clear();
  if (untrusted_evaluator_key.empty()) return {};
  const bool is_marked = untrusted_evaluator_key.size() == kStoredBytes + 1;
  TS_RETURN_IF_ERROR(parse(curve_, untrusted_evaluator_key.first(untrusted_evaluator_key.size() - (is_marked ? 1 : 0))));
  stored_.assign(untrusted_evaluator_key.begin(), untrusted_evaluator_key.end());
  return {};
}

Status LindellRuns::make_group() {
  if (group_) return {};
  Secret<32> random;
  entropy_(random.expose());
  auto group = lindell::PedersenKey::generate(random.expose());
  TS_RETURN_IF_ERROR(group);
  group_.emplace(std::move(*group));
  return {};
}

bool LindellRuns::has_key() const { return stored_.size() == kStoredBytes; }

void LindellRuns::expect_key(const crypto::Scalar& share, std::uint32_t epoch, const std::optional<crypto::Point>& pinned) {
  end();
  static_cast<void>(make_group());  // now, while no card waits for it; the set-up says what went wrong
  expected_ = std::make_unique<Expected>();
  expected_->key_only = true;
  expected_->share = share;
  expected_->epoch = epoch;
  expected_->pinned = pinned;
}

Status LindellRuns::expect_signature(const crypto::Scalar& share, const crypto::Scalar& tweak, const crypto::Point& key,
                                     const ByteArray<32>& message_hash) {
  end();
  if (!has_key()) return Error{ErrorCode::kState, "there is no Paillier key: the account must be paired, or its key renewed"};
  auto stored = parse(curve_, stored_);
  TS_RETURN_IF_ERROR(stored);
  if (!crypto::equal(stored->key.key, key)) return Error{ErrorCode::kState, "the Paillier key is another account's"};
  crypto::Point step;
  TS_ASSIGN_OR_RETURN(step, curve_.multiply_base(tweak));
  TS_ASSIGN_OR_RETURN(stored->key.own_point, curve_.add(stored->key.own_point, step));
  TS_ASSIGN_OR_RETURN(stored->key.key, curve_.add(stored->key.key, step));
  if (stored->key.own_point.infinity || stored->key.key.infinity) return Error{ErrorCode::kInfinity, "the address has no key"};
  expected_ = std::make_unique<Expected>();
  expected_->share = share - stored->offset + tweak;
  expected_->epoch = stored->key.epoch;
  expected_->key = stored->key;
  expected_->message_hash = message_hash;
  return {};
}

void LindellRuns::end() {
  expected_.reset();
  made_.reset();
  signature_.reset();
  answers_.clear();
}

std::vector<Bytes> LindellRuns::memory() const {
  if (!expected_) return {};
  return {Bytes(reinterpret_cast<const std::uint8_t*>(expected_.get()), sizeof *expected_)};
}

Status LindellRuns::send(mpc::PartyId, Bytes message) {
  answers_.push_back(encoded(RunMessage{message}));
  return {};
}

Result<std::vector<ByteVector>> LindellRuns::on_message(Bytes untrusted_message) {
  if (!expected_) return Error{ErrorCode::kState, "the card begins what nobody asked for"};
  answers_.clear();
  const bool begins = !untrusted_message.empty() && untrusted_message[0] == RunBegin::kId;
  const Status done = begins ? begin(untrusted_message) : take(untrusted_message);
  if (!done) {
    end();
    return done.error();
  }
  return std::move(answers_);
}

Status LindellRuns::begin(Bytes untrusted_message) {
  const auto offered = RunBegin::decode(untrusted_message);
  TS_RETURN_IF_ERROR(offered);
  Expected& run = *expected_;
  const auto due = run.key_only ? RunBegin::Run::kKey : RunBegin::Run::kSign;
  if (run.begun || offered->run != static_cast<std::uint8_t>(due))
    return Error{ErrorCode::kState, "the card begins another run than the one that is due"};
  run.begun = true;
  run.nonces.card = offered->nonce;
  entropy_(run.nonces.wallet);
  entropy_(run.random.expose());
  answers_.push_back(encoded(RunBegin{offered->run, run.nonces.wallet}));
  return {};  // the card says first which key it is about
}

Status LindellRuns::take_epoch(Bytes untrusted_message) {
  Expected& run = *expected_;
  const auto message = wire::KeyEpoch::decode(untrusted_message);
  TS_RETURN_IF_ERROR(message);
  if (message->session != (run.key_only ? lindell::setup_session(run.nonces) : lindell::sign_session(run.nonces)))
    return Error{ErrorCode::kBadFormat, "the epoch of another run"};
  if (run.key_only) {
    if (message->epoch < run.epoch) return Error{ErrorCode::kMismatch, "an epoch before the account's first"};
    run.epoch = message->epoch;
    return begin_setup();
  }
  if (message->epoch == run.epoch) return begin_signature();
  // One of the two did not hear the other's last word of a set-up - or so the card says: the key stays, in case it is wrong.
  stored_.resize(kStoredBytes + 1);
  return Error{ErrorCode::kMismatch, "the card's key is another one: it must be renewed"};
}

Status LindellRuns::begin_signature() {
  Expected& run = *expected_;
  lindell::SignConfig config;
  config.session = lindell::sign_session(run.nonces);
  config.own = lindell::kWalletParty;
  config.peer = lindell::kCardParty;
  config.message_hash = run.message_hash;
  std::copy(run.random.expose().begin(), run.random.expose().end(), config.random32.begin());
  config.verify = crypto::host_ecdsa_verify;
  run.signer.emplace(curve_, *run.key, run.share, config);
  lindell::PieceSender out(*this);
  return run.signer->start(out);
}

Status LindellRuns::take(Bytes untrusted_message) {
  const auto message = RunMessage::decode(untrusted_message);
  TS_RETURN_IF_ERROR(message);
  if (!expected_->begun) return Error{ErrorCode::kState, "no run goes on"};
  const auto whole = expected_->collector.take(message->payload);
  TS_RETURN_IF_ERROR(whole);
  if (!*whole) return {};
  if (!expected_->setup && !expected_->signer) return take_epoch(**whole);
  if (!expected_->key_only) return take_signature(**whole);
  return take_setup(**whole);
}

Status LindellRuns::begin_setup() {
  Expected& run = *expected_;
  lindell::SetupConfig config;
  config.session = lindell::setup_session(run.nonces);
  config.own = lindell::kWalletParty;
  config.peer = lindell::kCardParty;
  config.epoch = run.epoch;
  std::copy(run.random.expose().begin(), run.random.expose().end(), config.random32.begin());
  run.offset = lindell::share_offset(config.session, config.epoch);
  TS_RETURN_IF_ERROR(make_group());
  run.setup.emplace(curve_, *group_, run.share - run.offset, config);
  lindell::PieceSender out(*this);
  return run.setup->start(out);
}

Status LindellRuns::take_setup(Bytes untrusted_message) {
  lindell::EvaluatorSetup& setup = *expected_->setup;
  lindell::PieceSender out(*this);
  const auto taken = setup.receive(lindell::kCardParty, untrusted_message, out);
  TS_RETURN_IF_ERROR(taken);
  if (*taken != mpc::Delivery::kTaken) return Error{ErrorCode::kBadFormat, "no message of this step"};
  if (!setup.done()) return {};
  auto made = setup.key();
  if (expected_->pinned && !crypto::equal(made.key, *expected_->pinned)) return Error{ErrorCode::kMismatch, "another key than the pinned one"};
  made_ = std::move(made);
  stored_ = serialize(*made_, expected_->offset);
  return {};
}

Status LindellRuns::take_signature(Bytes untrusted_message) {
  lindell::EvaluatorSigner& signer = *expected_->signer;
  lindell::PieceSender out(*this);
  const auto taken = signer.receive(lindell::kCardParty, untrusted_message, out);
  TS_RETURN_IF_ERROR(taken);
  if (*taken != mpc::Delivery::kTaken) return Error{ErrorCode::kBadFormat, "no message of this step"};
  if (signer.done()) signature_ = signer.signature();
  return {};
}

}  // namespace touchstone::wallet
