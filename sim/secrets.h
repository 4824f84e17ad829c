// Secrets: what nobody may find after a run. The bench collects the values while it runs - images from the sensor, scalars
// from the accelerator - and works out the rest afterwards with the card's own portable code. It never asks the firmware.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/seed.h"
#include "card/card.h"
#include "chain/address.h"
#include "crypto/scalar.h"
#include "sim/faces.h"
#include "sim/memory_scan.h"
#include "sim/scenario.h"
#include "wallet/wallet.h"

namespace touchstone::sim {

inline constexpr const char* kWalletPlace = "wallet memory";  ///< places of a wallet's memory begin with this

/// Wiped at its end.
class Secrets {
 public:
  /// `faces` outlive it.
  Secrets(const Scenario& scenario, const SeedTree& seeds, const Faces& faces);
  ~Secrets();
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;

  /// Taps this card's sensor and accelerator from now on.
  void watch(models::Card& card);
  /// Gives the scanner every value known by now; `messages` are those of the channels so far (WalletDevice::messages). Names: "image", "features", "root",
  /// "share", "card nonce", "Secret A", "face", "wallet share", "wallet nonce", each with a number where there are several.
  void arm(MemoryScanner& scanner, const std::vector<wallet::ByteVector>& messages);

 private:
  struct Image {
    std::vector<std::uint8_t> pixels;
    int width_px, height_px;
  };
  // Bounds for a guest that never stops.
  static constexpr std::size_t kMaxImages = 64, kMaxScalars = 10'000;
  void add_wallet_nonces(MemoryScanner& scanner, const std::vector<wallet::ByteVector>& messages, chain::Network network, const crypto::Scalar& share);

  const Scenario& scenario_;
  SeedTree seeds_;
  const Faces& faces_;
  std::vector<models::Card*> cards_;
  std::vector<Image> images_;
  std::vector<ByteArray<32>> scalars_;  // of every multiplication of the generator, in order
};

}  // namespace touchstone::sim
