#include "wallet/agent.h"

#include <algorithm>

#include "base/seed.h"
#include "contract/lockstep.h"
#include "contract/messages.h"
#include "wallet/agent_machine.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {

using contract::lockstep::StoredState;

namespace {

constexpr std::uint8_t kStateVersion = 3;
/// What the card answers by itself takes a second at most.
constexpr std::uint32_t kAnswer_ms = 10'000;
/// It gives its owner 60 s to agree to an update.
constexpr std::uint32_t kUpdateAnswer_ms = 90'000;
/// And 60 s for each page of a payment and each touch of an enrolment.
constexpr std::uint32_t kOwnersAnswer_ms = 600'000;
/// The card that has refused something is busy until it has wiped what that left.
constexpr std::uint32_t kBeforeRefresh_ms = 2'000;
/// Between two messages of a set-up of Lindell17 the card computes for a quarter of an hour.
constexpr std::uint32_t kSetUpAnswer_ms = 1'800'000;
constexpr const char* kOtherCard = "another card than the paired one";

}  // namespace

EntropySource seeded_entropy(std::uint64_t seed, std::string_view purpose, std::uint32_t start_count) {
  auto stream = std::make_shared<Random>(SeedTree(seed).stream("wallet/" + std::string(purpose) + "/" + std::to_string(start_count)));
  return [stream](MutableBytes out) { stream->fill(out); };
}

ByteVector account_part(Bytes untrusted_state) {
  auto state = StoredState::decode(untrusted_state);
  if (!state) return {};
  state->starts = 0;  // the other phone has random streams of its own
  state->record = {};
  state->evaluator_key = {};
  return encoded(*state);
}

Agent::Agent(crypto::Curve& curve, EntropyFactory entropy) : machine_(std::make_unique<Machine>(curve, std::move(entropy))) {}
Agent::~Agent() = default;
Actions Agent::handle(Input input) { return machine_->handle(std::move(input)); }
std::vector<Bytes> Agent::memory() const { return machine_->memory(); }

void Agent::Machine::on(const Start& start) {
  started_ = true;
  account_ = start.account;
  attestation_ = start.attestation;
  vendor_key_ = start.vendor_key;
  usable_ = restore(start.untrusted_state);
  if (!usable_) {
    emit(events::WalletFailed{0, "the stored state cannot be used"});
    return;
  }
  // The count is stored before the first random byte is drawn: whatever ends this start, the next one draws others.
  ++starts_;
  nonces_ = entropy_of_start_(start.seed, "nonces", starts_);
  challenges_ = entropy_of_start_(start.seed, "challenge", starts_);
  save();
}

bool Agent::Machine::restore(Bytes untrusted_state) {
  if (untrusted_state.empty()) return true;
  const auto state = StoredState::decode(untrusted_state);
  if (!state || state->version != kStateVersion) return false;
  if (!state->card_key.empty() && state->card_key.size() != sizeof(crypto::CompressedPoint)) return false;
  if (!state->device_key.empty() && state->device_key.size() != sizeof(crypto::XOnlyPoint)) return false;
  starts_ = state->starts;
  last_session_ = state->last_session;
  card_key_.assign(state->card_key.begin(), state->card_key.end());
  device_key_.assign(state->device_key.begin(), state->device_key.end());
  record_.assign(state->record.begin(), state->record.end());
  evaluator_key_.assign(state->evaluator_key.begin(), state->evaluator_key.end());
  return starts_ < UINT32_MAX;
}

void Agent::Machine::save() {
  StoredState state;
  state.version = kStateVersion;
  state.starts = starts_;
  state.last_session = last_session_;
  state.card_key = card_key_;
  state.device_key = device_key_;
  state.record = record_;
  state.evaluator_key = evaluator_key_;
  act(SaveState{encoded(state)});
}

void Agent::Machine::begin(Task task) {
  if (!usable_) {
    emit(events::WalletFailed{0, "the wallet did not start"});
    return;
  }
  refresh_is_due_ = false;
  task_ = std::move(task);
  advance();
}

/// Takes the next step towards the task: link, then attestation (on_open), then the record for a borrowed card, then work.
void Agent::Machine::advance() {
  if (!task_) return;
  if (link_ == Link::kDown) {
    link_ = Link::kSearching;
    act(Connect{});
  }
  if (link_ != Link::kReady) return;
  // Not only when it attests: a card that came to be paired or to be borrowed may still be there for the next task.
  if (!is_expected(attested_key_)) return refuse_card(kOtherCard);
  if (borrowed_ && !record_taken_) return bring_record();
  Task task = std::move(*task_);
  task_.reset();
  std::visit([this](auto& t) { perform(t); }, task);
}

void Agent::Machine::on(const LinkOpened& opened) {
  channel_binding_ = opened.channel_binding;
  refresh_is_due_ = false;
  record_taken_ = false;
  wallet_.reset();  // a link that opens twice: it would answer in runs of the one before
  if (account_.scheme == mpc::Scheme::kDkls23) runs_ = std::make_unique<CardRuns>(curve_, [this](MutableBytes out) { nonces_(out); });
  if (account_.scheme == mpc::Scheme::kLindell17 && !lindell_) lindell_ = std::make_unique<LindellRuns>(curve_, [this](MutableBytes out) { nonces_(out); });
  attested_key_.clear();
  if (attestation_ == Attestation::kNone || !usable_) {
    link_ = Link::kReady;
    return advance();
  }
  link_ = Link::kAttesting;
  challenges_(challenge_);
  contract::AttestRequest request;
  request.challenge = challenge_;
  act(Send{encoded(request)});
  await_answer(kAnswer_ms);
}

void Agent::Machine::on(const LinkMessage& message) {
  if (link_ != Link::kReady) awaiting_ = false;  // of the task only its outcome is the answer
  switch (link_) {
    case Link::kDown:
    case Link::kSearching: return;  // of a connection that is over
    case Link::kAttesting: return on_attestation(message.untrusted_message);
    case Link::kBorrowing: return on_borrowing(message.untrusted_message);
    case Link::kUpdating:
      if (!update_) return;  // staged: the card goes down
      return on_updating(message.untrusted_message);
    case Link::kReady:
      if (!wallet_) return emit(events::WalletIgnored{"nobody waits for an answer"});
      report(wallet_->on_message(message.untrusted_message));
  }
}

void Agent::Machine::on(const LinkClosed& closed) {
  // To look on would find the same card.
  if (closed.reason == kNoChannel && task_) refuse_card("no channel to this card opens");
  link_ = Link::kDown;
  awaiting_ = false;
  if (update_) {
    report_update("link_lost");
    update_.reset();
  }
  if (wallet_) {
    if (const std::uint32_t session = wallet_->on_link_lost(); session != 0) emit(events::WalletLinkLost{session});
    wallet_.reset();
  }
  runs_.reset();
  refresh_is_due_ = false;
  advance();  // a task that still waits for the link goes on looking
}

void Agent::Machine::on(const Woke&) {
  if (std::exchange(refresh_is_due_, false)) return refresh();
  if (!awaiting_) return;  // the answer came
  if (update_) {
    report_update("failed");
    update_.reset();
  }
  emit(events::WalletFailed{wallet_ ? wallet_->on_link_lost() : 0, "the card does not answer"});
  give_up();
}

/// Whether the card at hand may have the task: the paired one; one that is borrowed; one to be paired.
bool Agent::Machine::is_expected(Bytes device_key) const {
  if (attestation_ == Attestation::kNone || device_key_.empty() || borrowed_) return true;
  return (task_ && std::holds_alternative<Pair>(*task_)) || std::equal(device_key.begin(), device_key.end(), device_key_.begin(), device_key_.end());
}

void Agent::Machine::refuse_card(const char* why) {
  emit(events::WalletUnattested{why});
  give_up();
}

/// Nothing more is said to this card; the task is dropped.
void Agent::Machine::give_up() {
  task_.reset();
  wallet_.reset();
  awaiting_ = refresh_is_due_ = false;
  link_ = Link::kDown;
  act(Disconnect{});
}

void Agent::Machine::on_attestation(Bytes untrusted_message) {
  const auto response = contract::AttestResponse::decode(untrusted_message);
  const Result<AttestedCard> card = response ? verify_attestation(*response, challenge_, channel_binding_, vendor_key_)
                                             : Result<AttestedCard>(Error{ErrorCode::kBadFormat, "the card answered with something else"});
  if (!card) return refuse_card(card.error().what);
  if (!is_expected(card->device_key)) return refuse_card(kOtherCard);
  attested_key_.assign(card->device_key.begin(), card->device_key.end());
  link_ = Link::kReady;
  emit(events::WalletAttested{to_hex(card->device_key), to_hex(card->firmware_sha256), card->version});
  advance();
}

void Agent::Machine::bring_record() {
  if (record_.empty()) {
    task_.reset();
    borrowed_ = false;
    emit(events::WalletFailed{0, "no record for a borrowed card: pair with a card first"});
    return;
  }
  if (account_.scheme == mpc::Scheme::kLindell17) {
    task_.reset();
    borrowed_ = false;
    emit(events::WalletFailed{0, "an account of Lindell17 signs on its own card only: that has the Paillier key"});
    return;
  }
  contract::GuestRequest request;
  request.record = record_;
  link_ = Link::kBorrowing;
  act(Send{encoded(request)});
  await_answer(kAnswer_ms);
}

void Agent::Machine::on_borrowing(Bytes untrusted_message) {
  link_ = Link::kReady;
  if (const auto refusal = contract::Refusal::decode(untrusted_message); refusal.ok()) {
    task_.reset();
    borrowed_ = false;
    emit(events::WalletRefused{0, refusal_reason(refusal->reason)});
    return;
  }
  const auto accepted = contract::GuestAccepted::decode(untrusted_message);
  if (!accepted || !std::equal(accepted->card_public_key.begin(), accepted->card_public_key.end(), card_key_.begin(), card_key_.end())) {
    emit(events::WalletFailed{0, accepted ? "the borrowed card answers for another record" : accepted.error().what});
    return give_up();
  }
  record_taken_ = true;
  emit(events::WalletGuestAccepted{to_hex(accepted->card_public_key)});
  advance();
}

void Agent::Machine::on(const Update& update) {
  auto sender = UpdateSender::create(update.image);
  if (!sender) {
    emit(events::WalletFailed{0, sender.error().what});
    return;
  }
  begin(std::move(sender).value());
}

void Agent::Machine::report_update(const char* state) { emit(events::WalletUpdate{state, update_->version(), update_->sent_bytes()}); }

void Agent::Machine::perform(UpdateSender& sender) {
  update_ = std::move(sender);
  link_ = Link::kUpdating;
  act(Send{update_->begin()});
  await_answer(kUpdateAnswer_ms);
  report_update("begun");
}

void Agent::Machine::on_updating(Bytes untrusted_message) {
  ByteVector next = update_->on_message(untrusted_message);
  if (!next.empty()) {
    act(Send{std::move(next)});
    return await_answer(kAnswer_ms);
  }
  using State = UpdateSender::State;
  report_update(update_->state() == State::kStaged ? "staged" : update_->state() == State::kRefused ? "refused" : "failed");
  // A staged card restarts and takes the connection down; until then nothing is to be said to it.
  const bool staged = update_->state() == State::kStaged;
  update_.reset();
  if (staged) return;
  link_ = Link::kReady;
  advance();
}

Status Agent::Machine::open_wallet(const Secret<32>& secret_a) {
  refresh_is_due_ = false;
  auto made = Wallet::create(account_, secret_a, curve_, [this](MutableBytes out) { nonces_(out); }, runs_.get(), lindell_.get());
  if (!made) return made.error();
  if (lindell_) TS_RETURN_IF_ERROR(lindell_->restore(evaluator_key_));
  if (!card_key_.empty()) {
    crypto::CompressedPoint key{};
    std::copy(card_key_.begin(), card_key_.end(), key.begin());
    TS_RETURN_IF_ERROR((*made)->restore_pairing(key));
  }
  wallet_ = std::move(made).value();
  wallet_->continue_after(last_session_);
  return {};
}

void Agent::Machine::perform(const Pair& pair) {
  if (const Status opened = open_wallet(pair.secret_a); !opened) return fail(opened.error());
  act(Send{wallet_->pair_request(pair.touches, pair.fingers, pair.any_order)});
  await_answer(kOwnersAnswer_ms);
}

void Agent::Machine::perform(const Sign& sign) {
  if (const Status opened = open_wallet(sign.secret_a); !opened) return fail(opened.error());
  if (wallet_->needs_refresh()) return refresh();  // the owner pays once more when it is done
  const auto request = wallet_->sign_request(sign.payment);
  if (!request) return fail(request.error());
  last_session_ = request->session;
  save();
  act(Send{request->message});
  await_answer(kOwnersAnswer_ms);
  emit(events::WalletRequestSent{request->session, static_cast<std::int64_t>(request->message.size())});
}

void Agent::Machine::refresh() {
  const auto request = wallet_->refresh_request();
  if (!request) return fail(request.error());
  act(Send{*request});
  await_answer(kOwnersAnswer_ms);
}

void Agent::Machine::report(const Outcome& outcome) {
  // Before anything that follows from it leaves.
  if (lindell_ && lindell_->evaluator_key() != evaluator_key_ && !std::holds_alternative<Answers>(outcome)) {
    evaluator_key_ = lindell_->evaluator_key();
    save();
  }
  if (const auto* paired = std::get_if<Paired>(&outcome)) {
    card_key_.assign(paired->card_key.begin(), paired->card_key.end());
    device_key_ = attested_key_;
    record_ = paired->record;
    save();
    emit(events::WalletPaired{to_hex(paired->public_key)});
  } else if (const auto* done = std::get_if<Signed>(&outcome)) {
    emit(events::WalletResponse{done->session});
    emit(events::WalletSignatureVerified{done->session, to_hex(done->signature), done->txid});
    act(Publish{done->signature, done->public_key, done->message_hash, done->raw_transaction});
  } else if (const auto* refused = std::get_if<Refused>(&outcome)) {
    emit(events::WalletRefused{refused->session, refused->reason});
    // The owner is asked on the card; the share is at hand now.
    if (refused->session != 0 && refused->reason == refusal_reason(static_cast<std::uint8_t>(contract::Refusal::Reason::kKeyBurnt))) {
      refresh_is_due_ = true;
      return act(WakeAfter{kBeforeRefresh_ms});
    }
  } else if (const auto* refreshed = std::get_if<Refreshed>(&outcome)) {
    emit(events::WalletRefreshed{refreshed->epoch});
  } else if (const auto* failed = std::get_if<Failed>(&outcome)) {
    emit(events::WalletFailed{failed->session, failed->error.what});
    // A run that broke off has no end that both know: only another connection begins anew.
    if (account_.scheme != mpc::Scheme::kMusig2) return give_up();
  } else if (const auto* answers = std::get_if<Answers>(&outcome)) {
    for (const ByteVector& message : answers->messages) act(Send{message});
    if (lindell_ && wallet_->is_making_key()) await_answer(kSetUpAnswer_ms);
    return;
  } else {
    return emit(events::WalletIgnored{std::get<Ignored>(outcome).error.what});
  }
  wallet_.reset();  // with the share
  awaiting_ = false;
}

}  // namespace touchstone::wallet
