#include "sim/account_check.h"

#include <algorithm>

#include "chain/sighash.h"
#include "chain/tx.h"
#include "contract/events.h"
#include "contract/messages.h"
#include "crypto/point.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/encoding.h"
#include "wallet/lockstep.h"

namespace touchstone::sim {

namespace {

bool equal(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

}  // namespace

std::string explorer_txid(Bytes transaction) {
  const auto tx = chain::Transaction::parse(transaction);
  if (!tx) return "";
  ByteArray<32> id = tx->txid();
  std::reverse(id.begin(), id.end());
  return wallet::to_hex(id);
}

void AccountCheck::on_card_message(Bytes untrusted_message) {
  if (const auto response = contract::PairResponse::decode(untrusted_message); response.ok()) answered_ = response->card_public_key;
}

Result<chain::AddressKey> AccountCheck::address_key(const crypto::CompressedPoint& card_key, chain::AddressPath path) {
  Secret<32> secret_a;
  seeds_.stream("wallet/secret_a").fill(secret_a.expose());
  const auto account = wallet::Wallet::create(config_, secret_a, curve_, [](MutableBytes) { TS_CHECK(false, "an address takes no randomness"); });
  if (!account) return account.error();
  const Status pinned = (*account)->restore_pairing(card_key);
  if (!pinned) return pinned.error();
  return (*account)->address_key(path);
}

std::string AccountCheck::untrusted_reason(const wallet::Actions& untrusted_actions, const chain::Coin& coin) {
  const auto text = [](const wallet::Event& event, std::size_t field) { return std::get<std::string>(event.fields[field].second); };
  for (const wallet::Action& action : untrusted_actions) {
    if (const auto* publish = std::get_if<wallet::Publish>(&action)) {
      if (const std::string why = untrusted_reason(*publish, coin); !why.empty()) return why;
    }
    const auto* event = std::get_if<wallet::Event>(&action);
    if (event == nullptr) continue;
    if (const Status known = wallet::lockstep::check_event(*event); !known) return known.error().what;
    if (event->name == events::WalletPaired::kName) {
      const auto first = answered_ ? address_key(*answered_, {0, 0}) : Error{ErrorCode::kState, "no card answered"};
      if (!first || text(*event, 0) != wallet::to_hex(chain::verification_key(*first))) return "it claims to be paired with a key that no card answered with";
      paired_ = answered_;
    }
    if (event->name == events::WalletSignatureVerified::kName) {
      const bool published = std::any_of(untrusted_actions.begin(), untrusted_actions.end(), [&](const wallet::Action& a) {
        const auto* p = std::get_if<wallet::Publish>(&a);
        return p != nullptr && wallet::to_hex(p->signature) == text(*event, 1) && explorer_txid(p->transaction) == text(*event, 2);
      });
      if (!published) return "it claims a verified signature without publishing that payment";
    }
  }
  return "";
}

std::string AccountCheck::untrusted_reason(const wallet::Publish& untrusted_publish, const chain::Coin& coin) {
  const wallet::Publish& p = untrusted_publish;
  const auto tx = chain::Transaction::parse(p.transaction);
  if (!tx) return "a published payment that is no transaction";
  const chain::TxInput input = tx->inputs()[0];
  if (tx->inputs().size() != 1 || !std::equal(input.txid.begin(), input.txid.end(), coin.txid.begin(), coin.txid.end()) || input.vout != coin.vout)
    return "a published payment that spends another coin";
  const auto own = paired_ ? address_key(*paired_, coin.path) : Error{ErrorCode::kState, "not paired"};
  if (!own || !equal(p.public_key, chain::verification_key(*own))) return "a published payment under another key than the account's";
  const auto hash = sighash(*tx, *own, coin.amount_sat);
  if (!hash || *hash != p.message_hash) return "a published payment with another hash than its transaction's";
  if (!verifies(*tx, *own, *hash, p.signature)) return "a published payment that does not verify";
  return "";
}

Result<ByteArray<32>> AccountCheck::sighash(const chain::Transaction& tx, const chain::AddressKey& own, std::uint64_t amount_sat) {
  if (own.kind == chain::AddressKind::kSegwitV0)
    return chain::segwit_v0_sighash(tx, chain::p2wpkh_script_code(chain::hash160(own.public_key)), amount_sat, 0, chain::kSighashAll);
  const chain::TxOutput spent[] = {{amount_sat, own.script.view(), {}}};
  return chain::taproot_sighash(tx, spent, 0, chain::kSighashDefault);
}

/// The witness is what the kind of the spent output wants, and the signature in it verifies by libsecp256k1.
bool AccountCheck::verifies(const chain::Transaction& tx, const chain::AddressKey& own, const ByteArray<32>& hash, const ByteArray<64>& signature) {
  const Bytes first = tx.witness_item(0, 0), second = tx.witness_item(0, 1);
  if (own.kind == chain::AddressKind::kTaproot)
    return equal(first, signature) && second.empty() && crypto::schnorr_verify(own.output_key, hash, signature).ok();
  const auto written = chain::write_signature(signature, chain::kSighashAll);
  if (!written || !equal(first, *written) || !equal(second, own.public_key) || !tx.witness_item(0, 2).empty()) return false;
  const auto key = crypto::decompress(curve_, own.public_key);
  return key && crypto::host_ecdsa_verify(curve_, *key, hash, signature).ok();
}

}  // namespace touchstone::sim
