// The vault's part in runs of DKLs23 and Lindell17: which may begin, with whose share.
#include "app/card_vault.h"
#include "crypto/point.h"
#include "mpc_session/roots.h"

namespace touchstone::firmware {

Result<ByteArray<32>> CardVault::run_offer() {
  if (enrolling_ && stage_ != Stage::kOpened) return kNotNow;
  if (by_lindell()) return lindell_.offer();
  return scheme() == mpc::Scheme::kDkls23 ? runs_.offer() : Result<ByteArray<32>>(kNotNow);
}

std::optional<mpc::Scheme> CardVault::scheme() const {
  if (enrolling_) return order_.scheme;
  const EnrolmentRecord* const record = current();
  return record != nullptr ? std::optional(record->scheme) : std::nullopt;
}

void CardVault::end_runs() {
  runs_.end();
  lindell_.end();
}

void CardVault::run_forget() {
  runs_.forget();
  lindell_.end();
  channel_.forget();
  opened_by_touch_ = false;
}

KeyState CardVault::key_state() {
  return own_ && own_->scheme == mpc::Scheme::kLindell17 ? lindell_.key_state() : KeyState::kNone;
}

Status CardVault::run_begin(Run run, const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) {
  if (by_lindell()) {
    if (!lindell_.offered()) return kNotNow;
    if (run == Run::kKey) return lindell_key(wallet_nonce);
    return run == Run::kSign ? lindell_sign(wallet_nonce, order) : Status(Error{ErrorCode::kUnsupported, "no such run"});
  }
  if (!runs_.offered()) return kNotNow;
  switch (run) {
    case Run::kSetUp:
      if (enrolling_) return kNotNow;
      forget_touches();  // the run takes their place
      return runs_.begin_setup(wallet_nonce);
    case Run::kKey: {
      // Of the record that is being made; or of the one there is, when its first answer was lost: then a touch gives the share.
      if (enrolling_ && stage_ != Stage::kOpened) return kNotNow;
      const auto share = enrolling_ ? mpc::derive_share(root_, new_record().key_name()) : use_touch(mpc::Scheme::kDkls23, true);
      TS_RETURN_IF_ERROR(share);
      const EnrolmentRecord record = enrolling_ ? new_record() : *current();
      crypto::Point wallet_point;
      TS_ASSIGN_OR_RETURN(wallet_point, crypto::decompress(curve_, record.wallet_public_key));
      return runs_.begin_key(wallet_nonce, *share, wallet_point, record.epoch);
    }
    case Run::kSign: {
      if (enrolling_) return kNotNow;
      forget_touches();
      const auto key = ecdsa_key(order);
      TS_RETURN_IF_ERROR(key);
      return runs_.begin_sign(wallet_nonce, *key, order.message_hash);
    }
  }
  return Error{ErrorCode::kUnsupported, "no such run"};
}

Result<LindellRuns::Account> CardVault::lindell_account(const EnrolmentRecord& record) {
  LindellRuns::Account account{record.key_name(), {}};
  crypto::Point wallet_point, card_point;
  TS_ASSIGN_OR_RETURN(wallet_point, crypto::decompress(curve_, record.wallet_public_key));
  TS_ASSIGN_OR_RETURN(card_point, crypto::decompress(curve_, record.card_public_key));
  TS_ASSIGN_OR_RETURN(account.key, curve_.add(wallet_point, card_point));
  if (account.key.infinity) return Error{ErrorCode::kInfinity, "the shares cancel out"};
  return account;
}

/// Of the record that is being made; or of the one there is, whose key it takes the place of: then a touch gives the root.
Status CardVault::lindell_key(const ByteArray<32>& wallet_nonce) {
  if (enrolling_ && stage_ != Stage::kOpened) return kNotNow;
  if (guest_) return kNotNow;
  Secret<32> root;
  const bool is_new = enrolling_;
  const auto share = is_new ? mpc::derive_share(root_, new_record().key_name()) : use_touch(mpc::Scheme::kLindell17, true, root);
  TS_RETURN_IF_ERROR(share);
  EnrolmentRecord record = is_new ? new_record() : *current();
  if (is_new) {
    const auto public_key = curve_.multiply_base(*share);
    TS_RETURN_IF_ERROR(public_key);
    record.card_public_key = crypto::compress(*public_key);
  }
  const auto account = lindell_account(record);
  TS_RETURN_IF_ERROR(account);
  return lindell_.begin_key(wallet_nonce, is_new ? root_ : root, *account, is_new);
}

Status CardVault::lindell_sign(const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) {
  if (enrolling_ || guest_) return kNotNow;
  Secret<32> root;
  TS_RETURN_IF_ERROR(use_touch(mpc::Scheme::kLindell17, false, root));
  const auto key = ecdsa_key(order);
  TS_RETURN_IF_ERROR(key);
  const auto account = lindell_account(*current());
  TS_RETURN_IF_ERROR(account);
  return lindell_.begin_sign(wallet_nonce, root, *account, key->public_key, order.message_hash);
}

Result<mpc::dkls::SigningKey> CardVault::ecdsa_key(const EcdsaOrder& order) {
  const EnrolmentRecord* const record = current();
  if (record == nullptr) return kNotNow;
  crypto::Point wallet_point, card_point;
  crypto::Scalar tweak;
  TS_ASSIGN_OR_RETURN(wallet_point, crypto::decompress(curve_, record->wallet_public_key));
  TS_ASSIGN_OR_RETURN(card_point, crypto::decompress(curve_, record->card_public_key));
  TS_ASSIGN_OR_RETURN(tweak, crypto::Scalar::from_bytes(order.tweak));
  auto key = mpc::dkls::address_signing_key(curve_, wallet_point, card_point, tweak, record->epoch);
  TS_RETURN_IF_ERROR(key);
  if (crypto::compress(key->public_key) != order.public_key) return Error{ErrorCode::kMismatch, "the address's key is not the reviewed one"};
  return key;
}

Status CardVault::sign_ecdsa() {
  if (by_lindell() || !runs_.prepared()) return kNotNow;
  const auto share = use_touch(mpc::Scheme::kDkls23);
  TS_RETURN_IF_ERROR(share);
  return runs_.open(*share);
}

Status CardVault::check_agreed(const EnrolmentRecord& record, const crypto::Point& own_point) {
  if (record.scheme == mpc::Scheme::kDkls23) {
    const mpc::dkls::SigningKey* const key = runs_.key();
    return key != nullptr && crypto::equal(key->share_points[1], own_point) ? Status() : Status(kNotNow);
  }
  if (record.scheme == mpc::Scheme::kLindell17) {
    const auto account = lindell_account(record);
    TS_RETURN_IF_ERROR(account);
    return lindell_.has_made(account->key) ? Status() : Status(kNotNow);
  }
  return {};
}

}  // namespace touchstone::firmware
