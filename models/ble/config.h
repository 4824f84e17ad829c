// BleConfig: the radio link of one simulated world, in the units a scenario uses.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "link/link_host.h"

namespace touchstone::models {

enum class Phy : std::uint8_t { k1M = 1, k2M = 2 };
const char* to_string(Phy phy);  ///< "1M", "2M"

struct BleConfig {
  Phy phy = Phy::k2M;
  std::uint16_t payload_bytes = 251;               ///< link layer payload: 27 or 251
  std::uint32_t interval_us = 30'000;              ///< connection interval, 7,500 .. 4,000,000, multiple of 1,250
  std::uint32_t loss_ppm = 0;                      ///< chance that one packet is corrupted, parts per million
  std::uint32_t supervision_timeout_ms = 2'000;    ///< 100 .. 32,000, multiple of 10, longer than 2 intervals
  std::uint32_t advertising_interval_us = 100'000; ///< 20,000 .. 10,240,000, multiple of 625
};

/// kOutOfRange, and which field, when the Core specification (Vol 4 Part E sec. 7.8.5, 7.8.12) does not allow the values.
Status check(const BleConfig& config);

/// What a host is told to ask its controller for.
link::LinkConfig host_config(const BleConfig& config, link::LinkRole role);

/// Public address of the card and of the wallet's radio in a world with one of each.
inline constexpr link::Address kCardAddress{0x01, 0x00, 0x00, 0xCA, 0x5D, 0x02};
inline constexpr link::Address kWalletAddress{0x02, 0x00, 0x00, 0xCA, 0x5D, 0x02};

}  // namespace touchstone::models
