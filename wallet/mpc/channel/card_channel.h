// The channel between a Wallet Device and a Confirmation Device: Noise XX, the wallet begins. Freestanding.
//
// Neither side's Noise key is known to the other beforehand. The wallet knows the card by its attestation, which signs the channel
// (identity::attestation_digest), and pins the device key in that; the card pins the wallet's Noise key when it is paired.
#pragma once

#include <string_view>

#include "mpc_channel/noise.h"

namespace touchstone::mpc::noise {

inline constexpr Pattern kCardPattern = Pattern::kXX;
/// Of the three messages, none of which has a payload.
inline constexpr std::size_t kHelloBytes = 1 + kKeyBytes;
inline constexpr std::size_t kAnswerBytes = 1 + kKeyBytes + kKeyBytes + kTagBytes + kTagBytes;
inline constexpr std::size_t kClosingBytes = 1 + kKeyBytes + kTagBytes + kTagBytes;

inline Bytes card_prologue() {
  constexpr std::string_view kText = "touchstone/wallet-card/1";
  return {reinterpret_cast<const std::uint8_t*>(kText.data()), kText.size()};
}

}  // namespace touchstone::mpc::noise
