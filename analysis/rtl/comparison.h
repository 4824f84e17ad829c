// k * P and k * G side by side: libsecp256k1 on this host, the same in software on the card's processor, the
// accelerator's core alone, and the accelerator behind the card's driver. The card's programs (guest/) run on the MCU
// model, in a process of its own.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace touchstone::rtl_tools {

/// What is known without the card's processor; index 0 is k * P, 1 is k * G.
struct Alone {
  double clock_mhz;
  double host_us[2];
  std::uint64_t core_cycles[2];  ///< of the card's core
  double core_uj_per_cycle;
};
/// Measures, prints a table and writes fields `comparison` and `comparison_missing` (sentences) into `out`. False if a
/// program of the card has another result than libsecp256k1.
bool compare(const Alone& alone, nlohmann::json& out);

}  // namespace touchstone::rtl_tools
