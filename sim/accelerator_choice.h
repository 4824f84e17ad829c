// --accelerator: what computes behind the registers of the card's accelerator.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "rtl/secp_port.h"

namespace touchstone::sim {

struct AcceleratorChoice {
  std::string text = "rtl";  ///< as it is written: rtl, model or tcp:HOST:PORT
  std::string host;          ///< of tcp, else empty
  std::uint16_t port = 0;
  std::chrono::milliseconds limit{10'000};  ///< on the host's clock, for one answer of tcp
};

/// Throws InputError for anything else.
AcceleratorChoice parse_accelerator(const std::string& text);
/// The core itself; null for rtl, which every card has. Throws InputError where a core at tcp cannot be had.
std::unique_ptr<rtl::SecpPort> open_accelerator(const AcceleratorChoice& choice);

}  // namespace touchstone::sim
