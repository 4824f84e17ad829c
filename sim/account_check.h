// What the bench knows itself of the account behind a wallet's program: the program's owner's secret and the key the card
// answered with. So a pairing, a payment and a signature are judged by the bench's own coin and key, not by those the
// program names.
#pragma once

#include <optional>
#include <string>

#include "base/seed.h"
#include "curve_host/host_curve.h"
#include "wallet/agent.h"

namespace touchstone::sim {

/// Of one phone; outlives its program, as the phone's storage does.
class AccountCheck {
 public:
  /// The owner's Secret A is the stream "wallet/secret_a" of `seeds`.
  AccountCheck(const wallet::WalletConfig& config, const SeedTree& seeds) : config_(config), seeds_(seeds) {}

  /// A message of the card, as the program is about to get it.
  void on_card_message(Bytes untrusted_message);
  /// Why these actions are none a wallet may ask for; empty where they are. `coin` is the only one there is to spend.
  /// What is claimed must hold: wallet.paired names the account's first key; every wallet.signature_verified comes with the
  /// payment; every payment spends `coin` and is signed under the account's key of the coin (BIP341 key path, BIP340; or P2WPKH, ECDSA).
  std::string untrusted_reason(const wallet::Actions& untrusted_actions, const chain::Coin& coin);

 private:
  Result<chain::AddressKey> address_key(const crypto::CompressedPoint& card_key, chain::AddressPath path);
  std::string untrusted_reason(const wallet::Publish& untrusted_publish, const chain::Coin& coin);
  Result<ByteArray<32>> sighash(const chain::Transaction& tx, const chain::AddressKey& own, std::uint64_t amount_sat);
  bool verifies(const chain::Transaction& tx, const chain::AddressKey& own, const ByteArray<32>& hash, const ByteArray<64>& signature);

  wallet::WalletConfig config_;
  SeedTree seeds_;
  crypto::HostCurve curve_;
  std::optional<crypto::CompressedPoint> answered_;  // of the card's last PairResponse
  std::optional<crypto::CompressedPoint> paired_;    // that the program said it paired with
};

/// As block explorers print it; empty where the transaction cannot be read.
std::string explorer_txid(Bytes transaction);

}  // namespace touchstone::sim
