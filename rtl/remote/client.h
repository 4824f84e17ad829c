// The bench's end: an accelerator in another process or on a board, as a SecpPort.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "rtl/secp_port.h"

namespace touchstone::rtl::remote {

/// Connects and shakes hands. Where that fails, or where the core fails later, fault() says what failed, why, and what
/// to do; nothing waits longer than `limit`. `host`: a name or an address.
std::unique_ptr<SecpPort> connect(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);

}  // namespace touchstone::rtl::remote
