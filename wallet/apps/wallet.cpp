#include "wallet/wallet.h"

#include <algorithm>
#include <array>

#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "mpc_session/roots.h"

namespace touchstone::wallet {

namespace musig2 = mpc::musig2;
using contract::PairRequest;
using contract::PairResponse;
using contract::Refusal;
using contract::SignRequest;
using contract::SignResponse;

namespace {

/// A payment may be larger than a message.
template <typename Message>
Result<ByteVector> encode(const Message& message) {
  ByteVector buffer(Message::kMaxBytes);
  const auto used = message.encode(buffer);
  if (!used) return used.error();
  buffer.resize(used->size());
  return buffer;
}

/// Sorted, so that both parties aggregate the same key without agreeing on an order (BIP327 KeySort).
std::array<musig2::PublicKey, 2> sorted_keys(const musig2::PublicKey& a, const musig2::PublicKey& b) {
  std::array<musig2::PublicKey, 2> keys = {a, b};
  musig2::sort_keys(keys);
  return keys;
}

std::string explorer_txid(ByteArray<32> txid) {
  std::reverse(txid.begin(), txid.end());
  chain::FixedText<64> text;
  text.append_hex(txid);
  return std::string(text.view());
}

}  // namespace

std::optional<mpc::Scheme> account_scheme_from_string(std::string_view name) {
  if (name == "musig2") return mpc::Scheme::kMusig2;
  if (name == "dkls23") return mpc::Scheme::kDkls23;
  if (name == "lindell17") return mpc::Scheme::kLindell17;
  return std::nullopt;
}

std::string refusal_reason(std::uint8_t reason) {
  switch (static_cast<Refusal::Reason>(reason)) {
    case Refusal::Reason::kBadRequest: return "bad_request";
    case Refusal::Reason::kUserRefused: return "user_refused";
    case Refusal::Reason::kTimeout: return "timeout";
    case Refusal::Reason::kNoMatch: return "no_match";
    case Refusal::Reason::kPoorCapture: return "poor_capture";
    case Refusal::Reason::kNotEnrolled: return "not_enrolled";
    case Refusal::Reason::kBusy: return "busy";
    case Refusal::Reason::kDeviceError: return "device_error";
    case Refusal::Reason::kAlreadyEnrolled: return "already_enrolled";
    case Refusal::Reason::kNoDisplay: return "no_display";
    case Refusal::Reason::kStorage: return "storage";
    case Refusal::Reason::kStranger: return "stranger";
    case Refusal::Reason::kKeyBurnt: return "key_burnt";
    case Refusal::Reason::kKeyRetired: return "key_retired";
    case Refusal::Reason::kOwnCardOnly: return "own_card_only";
  }
  return "unknown";
}

Wallet::Wallet(const WalletConfig& config, const crypto::Scalar& share, const crypto::CompressedPoint& public_key,
               crypto::Curve& curve, EntropySource entropy, CardRuns* runs, LindellRuns* lindell)
    : config_(config),
      share_(share),
      public_key_(public_key),
      curve_(curve),
      entropy_(std::move(entropy)),
      initiator_(curve, crypto::schnorr_verify),
      runs_(runs),
      lindell_(lindell) {}

Result<std::unique_ptr<Wallet>> Wallet::create(const WalletConfig& config, const Secret<32>& secret_a,
                                               crypto::Curve& curve, EntropySource entropy, CardRuns* runs,
                                               LindellRuns* lindell) {
  const auto share = mpc::derive_share(secret_a, config.key_name());
  if (!share) return share.error();
  const auto point = curve.multiply_base(*share);
  if (!point) return point.error();
  std::unique_ptr<Wallet> wallet(new Wallet(config, *share, crypto::compress(*point), curve, std::move(entropy), runs, lindell));
  mpc::derive_sealing_key(secret_a, config.key_name(), wallet->hedge_);
  return wallet;
}

namespace {

PairRequest::Network wire_network(chain::Network network) {
  switch (network) {
    case chain::Network::kMain: return PairRequest::Network::kMain;
    case chain::Network::kTest: return PairRequest::Network::kTest;
    case chain::Network::kSignet: return PairRequest::Network::kSignet;
    case chain::Network::kRegtest: return PairRequest::Network::kRegtest;
  }
  TS_CHECK(false, "unknown network");
}

}  // namespace

ByteVector Wallet::pair_request(std::uint8_t touches, std::uint8_t fingers, bool any_order) {
  PairRequest request;
  request.wallet_public_key = public_key_;
  request.network = static_cast<std::uint8_t>(wire_network(config_.network));
  request.account = config_.account;
  request.epoch = config_.epoch;
  request.touches = touches;
  request.fingers = fingers;
  request.any_order = any_order ? 1 : 0;
  request.scheme = static_cast<std::uint8_t>(config_.scheme);  // the numbers are the same
  const auto key = account_ ? std::optional(account_->aggregate_key) : std::nullopt;
  if (is_lindell()) lindell_->expect_key(share_, config_.epoch, key);
  else if (is_ecdsa()) runs_->expect_key(share_, config_.epoch, hedge_);
  pairing_ = true;
  return std::move(encode(request)).value();
}

Result<ByteVector> Wallet::refresh_request() {
  close_session();
  if (!account_ || !is_lindell()) return Error{ErrorCode::kState, "no account whose key could be renewed"};
  contract::RefreshRequest request;
  request.wallet_public_key = public_key_;
  request.network = static_cast<std::uint8_t>(wire_network(config_.network));
  request.account = config_.account;
  request.epoch = config_.epoch;
  lindell_->expect_key(share_, config_.epoch, account_->aggregate_key);
  refreshing_ = true;
  return encode(request);
}

Status Wallet::restore_pairing(const crypto::CompressedPoint& untrusted_card_key) {
  // Another key would move the account to other addresses, out of reach of the coins; the own key sent back would leave
  // a single party in control.
  if (card_key_ && *card_key_ != untrusted_card_key) return Error{ErrorCode::kMismatch, "another card key is pinned"};
  if (untrusted_card_key == public_key_) return Error{ErrorCode::kMismatch, "the card's key is the wallet's own"};
  const auto joint = joint_key(untrusted_card_key);
  if (!joint) return joint.error();
  account_ = chain::AccountKeys{*joint, config_.network, is_ecdsa() ? chain::AddressKind::kSegwitV0 : chain::AddressKind::kTaproot};
  card_key_ = untrusted_card_key;
  return {};
}

Result<crypto::Point> Wallet::joint_key(const crypto::CompressedPoint& untrusted_card_key) const {
  if (is_ecdsa()) {
    const auto key = ecdsa_key(untrusted_card_key, crypto::Scalar());
    return key ? Result<crypto::Point>(key->public_key) : key.error();
  }
  const auto aggregate = musig2::aggregate_keys(curve_, sorted_keys(public_key_, untrusted_card_key), {});
  return aggregate ? Result<crypto::Point>(aggregate->aggregate_point()) : aggregate.error();
}

Result<mpc::dkls::SigningKey> Wallet::ecdsa_key(const crypto::CompressedPoint& untrusted_card_key, const crypto::Scalar& tweak) const {
  crypto::Point own, card;
  TS_ASSIGN_OR_RETURN(own, crypto::decompress(curve_, public_key_));
  TS_ASSIGN_OR_RETURN(card, crypto::decompress(curve_, untrusted_card_key));
  return mpc::dkls::address_signing_key(curve_, own, card, tweak, config_.epoch);
}

Result<chain::AccountKeys> Wallet::account_keys() const {
  if (!account_) return Error{ErrorCode::kState, "not paired"};
  return *account_;
}

Result<chain::AddressKey> Wallet::address_key(chain::AddressPath path) const {
  if (!account_) return Error{ErrorCode::kState, "not paired"};
  return chain::derive_address(account_->aggregate_key, path, curve_, account_->kind);
}

Result<chain::AddressText> Wallet::address(chain::AddressPath path) const {
  const auto key = address_key(path);
  if (!key) return key.error();
  return chain::address_of_script(key->script, config_.network);
}

Result<std::vector<chain::PlannedOutput>> Wallet::plan_outputs(const Payment& payment) const {
  constexpr Error kTooMuch{ErrorCode::kOutOfRange, "payment: recipients and fee exceed the coin"};
  std::vector<chain::PlannedOutput> outputs;
  std::uint64_t left_sat = payment.coin.amount_sat;
  if (payment.recipients.empty()) return Error{ErrorCode::kOutOfRange, "payment: no recipient"};
  for (const PayTo& pay : payment.recipients) {
    const auto script = chain::script_of_address(pay.address, config_.network);
    if (!script) return script.error();
    if (pay.amount_sat == 0) return Error{ErrorCode::kOutOfRange, "payment: amount is 0"};
    if (pay.amount_sat > left_sat) return kTooMuch;
    left_sat -= pay.amount_sat;
    outputs.push_back({ByteVector(script->view().begin(), script->view().end()), pay.amount_sat, {}});
  }
  if (payment.fee_sat > left_sat) return kTooMuch;
  const std::uint64_t change_sat = left_sat - payment.fee_sat;
  if (change_sat == 0) return outputs;
  const chain::AddressPath path{1, payment.change_index};
  const auto own = address_key(path);
  if (!own) return own.error();
  if (chain::is_dust(change_sat, own->script.view())) return Error{ErrorCode::kOutOfRange, "payment: change would be dust; raise the fee"};
  outputs.push_back({ByteVector(own->script.begin(), own->script.end()), change_sat, path});
  return outputs;
}

Result<musig2::KeyAggContext> Wallet::signing_keys(const chain::AddressKey& address) const {
  std::array<musig2::Tweak, 3> tweaks{};
  for (std::size_t i = 0; i < tweaks.size(); ++i) tweaks[i] = {address.tweaks[i].value, address.tweaks[i].x_only};
  auto keys = musig2::aggregate_keys(curve_, sorted_keys(public_key_, *card_key_), tweaks);
  // Two implementations of the tweaks, in mpc and in chain: signing goes on only where they meet.
  if (keys) TS_CHECK(keys->x_only_key() == address.output_key, "MuSig2 and BIP32/BIP341 tweaks agree");
  return keys;
}

Result<SigningRequest> Wallet::sign_request(const Payment& payment) {
  close_session();
  if (!account_) return Error{ErrorCode::kState, "not paired"};
  const auto outputs = plan_outputs(payment);
  if (!outputs) return outputs.error();
  auto psbt = chain::write_payment(account_->aggregate_key, payment.coin, *outputs, payment.lock_time, curve_,
                                   account_->kind);
  if (!psbt) return psbt.error();
  const auto review = chain::review(*psbt, *account_, curve_);
  if (!review) return review.error();
  const std::uint32_t session = ++last_session_;
  auto message = is_ecdsa() ? begin_ecdsa(session, *psbt, *review) : begin_musig2(session, *psbt, *review);
  if (!message) {
    close_session();
    return message.error();
  }
  open_ = Open{session, std::move(*psbt), *review};
  return SigningRequest{session, std::move(*message), *review};
}

Result<ByteVector> Wallet::begin_musig2(std::uint32_t session, const ByteVector& psbt, const chain::PaymentReview& review) {
  const auto keys = signing_keys(review.input_key);
  if (!keys) return keys.error();
  Secret<32> random;
  entropy_(random.expose());
  const auto nonce = initiator_.start(share_, *keys, review.message_hash, random.expose());
  if (!nonce) return nonce.error();
  SignRequest message;
  message.session = session;
  message.wallet_nonce = *nonce;
  message.psbt = psbt;
  return encode(message);
}

Result<ByteVector> Wallet::begin_ecdsa(std::uint32_t session, const ByteVector& psbt, const chain::PaymentReview& review) {
  crypto::Scalar tweak;
  TS_ASSIGN_OR_RETURN(tweak, chain::sum_of_steps(review.input_key));
  const auto key = ecdsa_key(*card_key_, tweak);
  if (!key) return key.error();
  // Two implementations of the steps, in mpc and in chain: signing goes on only where they meet.
  TS_CHECK(crypto::compress(key->public_key) == review.input_key.public_key, "the shares' key and BIP32's agree");
  if (is_lindell())
    TS_RETURN_IF_ERROR(lindell_->expect_signature(share_, tweak, account_->aggregate_key, review.message_hash));
  else
    runs_->expect_signature(*key, share_ + tweak, review.message_hash, hedge_);
  contract::EcdsaRequest message;
  message.session = session;
  message.psbt = psbt;
  return encode(message);
}

Outcome Wallet::on_message(Bytes untrusted_message) {
  const std::uint8_t id = untrusted_message.empty() ? std::uint8_t{0} : untrusted_message[0];
  switch (id) {
    case PairResponse::kId: return on_pair_response(untrusted_message);
    case SignResponse::kId: return on_sign_response(untrusted_message);
    case Refusal::kId: return on_refusal(untrusted_message);
    case contract::RunBegin::kId:
    case contract::RunMessage::kId: return on_run_message(untrusted_message);
    default: return fail({ErrorCode::kBadFormat, "unknown message"});
  }
}

Outcome Wallet::on_pair_response(Bytes untrusted_message) {
  if (!pairing_) return Ignored{{ErrorCode::kState, "no pairing was asked for"}};
  pairing_ = false;
  const auto response = PairResponse::decode(untrusted_message);
  if (!response) return Failed{0, response.error()};
  // An additive key: a card that does not know its share could have chosen it by ours.
  const bool proven = has_proven(response->card_public_key);
  end_runs();
  if (is_ecdsa() && !proven) return Failed{0, {ErrorCode::kMismatch, "the card has not shown that it knows its share"}};
  if (auto pinned = restore_pairing(response->card_public_key); !pinned) return Failed{0, pinned.error()};
  const auto first = address_key({0, 0});
  if (!first) return Failed{0, first.error()};
  const Bytes public_key = chain::verification_key(*first);
  return Paired{*card_key_, {public_key.begin(), public_key.end()}, {response->record.begin(), response->record.end()}};
}

bool Wallet::has_proven(const crypto::CompressedPoint& untrusted_card_key) const {
  if (is_lindell()) {
    const crypto::Point* const made = lindell_->key();
    const auto joint = joint_key(untrusted_card_key);
    return made != nullptr && joint && crypto::equal(*made, *joint);
  }
  const mpc::dkls::SigningKey* const agreed = is_ecdsa() ? runs_->key() : nullptr;
  return agreed != nullptr && crypto::compress(agreed->share_points[1]) == untrusted_card_key;
}

Outcome Wallet::on_sign_response(Bytes untrusted_message) {
  const auto response = SignResponse::decode(untrusted_message);
  if (!response) return fail(response.error());
  if (!open_ || response->session != open_->session)
    return Ignored{{ErrorCode::kState, "answer to a session that is over"}};

  const auto signature = initiator_.finish(response->card_nonce, response->partial_signature);
  if (!signature) return fail(signature.error());
  const auto psbt = chain::Psbt::parse(open_->psbt);
  TS_CHECK(psbt.ok(), "the wallet's own PSBT parses");
  const chain::Transaction& tx = psbt->transaction();
  ByteVector raw(open_->psbt.size() + 100);  // the transaction is part of the PSBT; marker, flag and witness take 68
  const Bytes witness[] = {*signature};
  const auto used = chain::serialise_signed(tx, witness, raw);
  TS_CHECK(used.ok(), "the signed transaction fits");
  raw.resize(used->size());

  const auto& output_key = open_->review.input_key.output_key;
  Signed out{open_->session, *signature, {output_key.begin(), output_key.end()}, open_->review.message_hash, explorer_txid(tx.txid()), std::move(raw)};
  close_session();
  return out;
}

Outcome Wallet::on_run_message(Bytes untrusted_message) {
  if (!is_ecdsa() || (!open_ && !pairing_ && !refreshing_)) return Ignored{{ErrorCode::kState, "no run was asked for"}};
  auto answers = is_lindell() ? lindell_->on_message(untrusted_message) : runs_->on_message(untrusted_message);
  if (!answers) return fail(answers.error());
  if (refreshing_ && lindell_->key() != nullptr) {
    const Refreshed done{lindell_->epoch()};
    close_session();
    return done;
  }
  const ByteArray<64>* made = nullptr;
  if (is_lindell() && lindell_->signature() != nullptr) made = &lindell_->signature()->bytes;
  if (!is_lindell() && runs_->signature() != nullptr) made = &runs_->signature()->bytes;
  if (!open_ || made == nullptr) return Answers{std::move(*answers)};

  const auto psbt = chain::Psbt::parse(open_->psbt);
  TS_CHECK(psbt.ok(), "the wallet's own PSBT parses");
  const auto& public_key = open_->review.input_key.public_key;
  auto transaction = chain::finalise_p2wpkh(psbt->transaction(), *made, public_key);
  if (!transaction) return fail(transaction.error());
  Signed out{open_->session, *made, {public_key.begin(), public_key.end()}, open_->review.message_hash, explorer_txid(transaction->txid),
             std::move(transaction->raw)};
  close_session();
  return out;
}

Outcome Wallet::on_refusal(Bytes untrusted_message) {
  const auto refusal = Refusal::decode(untrusted_message);
  if (!refusal) return fail(refusal.error());
  const bool of_pairing = refusal->session == 0 && (pairing_ || refreshing_);
  const bool of_signing = open_ && refusal->session == open_->session;
  if (!of_pairing && !of_signing) return Ignored{{ErrorCode::kState, "refusal of a session that is over"}};
  if (of_pairing) {
    pairing_ = refreshing_ = false;
    end_runs();
  }
  if (of_signing) close_session();
  return Refused{refusal->session, refusal_reason(refusal->reason)};
}

Outcome Wallet::fail(Error error) {
  if (!open_ && !pairing_ && !refreshing_) return Ignored{error};
  const std::uint32_t session = open_ ? open_->session : 0;
  pairing_ = false;
  close_session();
  return Failed{session, error};
}

void Wallet::close_session() {
  initiator_.abort();
  end_runs();
  refreshing_ = false;
  open_.reset();
}

void Wallet::end_runs() {
  if (runs_ != nullptr) runs_->end();
  if (lindell_ != nullptr) lindell_->end();
}

std::uint32_t Wallet::on_link_lost() {
  const std::uint32_t session = open_ ? open_->session : 0;
  pairing_ = false;
  close_session();
  return session;
}

}  // namespace touchstone::wallet
