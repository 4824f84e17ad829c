// The core's end: a SecpPort of this process, served to benches over TCP.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "rtl/secp_port.h"

namespace touchstone::rtl::remote {

struct ServeOptions {
  std::uint16_t port = 0;                   ///< on 127.0.0.1; 0: any free one
  bool once = false;                        ///< for one bench, not for one after the other
  std::chrono::milliseconds limit{10'000};  ///< for a bench's first message, and for a random word
  std::function<void(std::uint16_t port)> on_listening;
  /// A bench that broke the protocol, as a sentence. May be empty.
  std::function<void(const std::string&)> on_fault;
};

/// Serves `core`, which takes its random words from the bench and is reset before and after each. `core_name`: up to 32
/// printable characters. Returns when the one bench has left, or with an error: kDevice where the port cannot be had,
/// that of the one bench where it broke the protocol.
Status serve(SecpPort& core, const std::string& core_name, const ServeOptions& options);

}  // namespace touchstone::rtl::remote
