// What card and wallet have before they sign together, the same on the host, which plays the wallet once and records, and on the
// card's processor, where the card's part is measured. Freestanding; nothing of it is random.
#pragma once

#include <string_view>

#include "crypto/ecdsa.h"
#include "crypto/point.h"
#include "crypto/sha256.h"
#include "mpc/musig2_party.h"
#include "mpc_dkls/setup.h"
#include "mpc_dkls/sign.h"
#include "mpc_lindell/keys.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"

namespace touchstone::card_signing {

inline constexpr mpc::PartyId kWallet = 1, kCard = 2;

/// A fixed number for every name.
inline ByteArray<32> bytes_of(std::string_view name) {
  return crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(name.data()), name.size()));
}
inline crypto::Scalar share_of(mpc::PartyId id) { return crypto::Scalar::from_bytes_reduce(bytes_of(id == kCard ? "card" : "wallet")); }
inline mpc::Parties parties() {
  constexpr std::array<mpc::PartyId, 2> kBoth = {kWallet, kCard};
  return mpc::Parties::of(kBoth).value();
}
inline ByteArray<32> random_of(mpc::PartyId id) { return bytes_of(id == kCard ? "random of the card" : "random of the wallet"); }
inline ByteArray<32> message() { return bytes_of("message"); }

inline mpc::musig2::KeyAggContext musig2_keys(crypto::Curve& curve) {
  const std::array points = {crypto::compress(curve.multiply_base(share_of(kWallet)).value()),
                             crypto::compress(curve.multiply_base(share_of(kCard)).value())};
  return mpc::musig2::aggregate_keys(curve, points, {}).value();
}
inline mpc::dkls::SigningKey dkls_key(crypto::Curve& curve) {
  mpc::dkls::SigningKey key;
  key.signers = parties();
  for (std::size_t i = 0; i < 2; ++i) key.share_points[i] = curve.multiply_base(share_of(key.signers[i])).value();
  key.public_key = curve.add(key.share_points[0], key.share_points[1]).value();
  return key;
}
inline mpc::lindell::SignConfig lindell_config(mpc::PartyId own) {
  return {bytes_of("lindell session"), own, own == kCard ? kWallet : kCard, message(), random_of(own)};
}

inline mpc::lindell::SetupConfig lindell_setup_config(mpc::PartyId own) {
  return {bytes_of("lindell set-up"), own, own == kCard ? kWallet : kCard, 1, std::nullopt, random_of(own)};
}

/// A recording: steps of one byte and what belongs to it, then the digest of all that the card has sent.
enum class Step : std::uint8_t {
  kEnd,
  kStart,
  kReceive,  ///< 16-bit length, message of the wallet
  kShare,    ///< the touch: share and message become known
};

/// What the card sends is hashed, and counted.
class Sent final : public mpc::Transport {
 public:
  Status send(mpc::PartyId, Bytes message) override {
    const std::uint64_t begin = clock();
    hash_.update_be32(static_cast<std::uint32_t>(message.size())).update(message);
    bytes_ += message.size();
    ++messages_;
    own_cycles_ += clock() - begin;
    return {};
  }
  ByteArray<32> digest() { return hash_.finish(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t messages() const { return messages_; }
  /// Spent here: no part of the protocol.
  std::uint64_t own_cycles() const { return own_cycles_; }

  static inline std::uint64_t (*clock)() = [] { return std::uint64_t{0}; };

 private:
  crypto::Sha256 hash_;
  std::size_t bytes_ = 0, messages_ = 0;
  std::uint64_t own_cycles_ = 0;
};

}  // namespace touchstone::card_signing
