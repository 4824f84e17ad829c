#include "wallet/card_runs.h"

#include "contract/messages.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {

using contract::RunBegin;
using contract::RunMessage;

CardRuns::CardRuns(crypto::Curve& curve, EntropySource entropy)
    : entropy_(std::move(entropy)),
      place_(std::make_unique<Place>()),
      endpoint_(mpc::dkls::Role::kWallet, curve, crypto::host_ecdsa_verify, *place_) {}

void CardRuns::expect_key(const crypto::Scalar& share, std::uint32_t epoch, const Secret<32>& hedge) {
  end();
  expected_ = std::make_unique<Expected>();
  expected_->key_only = true;
  expected_->share = share;
  expected_->epoch = epoch;
  std::copy(hedge.expose().begin(), hedge.expose().end(), expected_->hedge.expose().begin());
}

void CardRuns::expect_signature(const mpc::dkls::SigningKey& key, const crypto::Scalar& share, const ByteArray<32>& message_hash,
                                const Secret<32>& hedge) {
  expect_key(share, key.epoch, hedge);
  expected_->key_only = false;
  expected_->key = key;
  expected_->message_hash = message_hash;
}

void CardRuns::end() {
  endpoint_.end();
  expected_.reset();
  answers_.clear();
}

Status CardRuns::send(mpc::PartyId, Bytes message) {
  answers_.push_back(encoded(RunMessage{message}));
  return {};
}

Result<std::vector<ByteVector>> CardRuns::on_message(Bytes untrusted_message) {
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

Status CardRuns::begin(Bytes untrusted_message) {
  const auto offered = RunBegin::decode(untrusted_message);
  TS_RETURN_IF_ERROR(offered);
  mpc::dkls::RunNonces nonces;
  nonces.card = offered->nonce;
  entropy_(nonces.wallet);
  Secret<32> random;
  entropy_(random.expose());
  answers_.push_back(encoded(RunBegin{offered->run, nonces.wallet}));
  switch (static_cast<RunBegin::Run>(offered->run)) {
    case RunBegin::Run::kSetUp:
      if (expected_->key_only) break;
      return endpoint_.begin_setup(nonces, random.expose(), expected_->hedge.expose(), *this);
    case RunBegin::Run::kKey:
      if (!expected_->key_only) break;
      return endpoint_.begin_key(nonces, expected_->share, std::nullopt, expected_->epoch, random.expose(), *this);
    case RunBegin::Run::kSign:
      if (expected_->key_only) break;
      return endpoint_.begin_sign(nonces, expected_->key, random.expose(), *this);
  }
  return Error{ErrorCode::kState, "the card begins another run than the one that is due"};
}

Status CardRuns::take(Bytes untrusted_message) {
  const auto message = RunMessage::decode(untrusted_message);
  TS_RETURN_IF_ERROR(message);
  auto taken = endpoint_.take(message->payload, *this);
  // The card's owner has agreed, and the card has opened: now the wallet's share is due, not before.
  if (taken && *taken == mpc::Delivery::kEarly && endpoint_.prepared()) {
    TS_RETURN_IF_ERROR(endpoint_.open(expected_->share, expected_->message_hash, *this));
    taken = endpoint_.take(message->payload, *this);
  }
  TS_RETURN_IF_ERROR(taken);
  if (*taken != mpc::Delivery::kTaken) return Error{ErrorCode::kBadFormat, "no message of this step"};
  return {};
}

}  // namespace touchstone::wallet
