// The arena: the one big buffer, shared by all steps of a request in turn.
#pragma once

#include "base/bytes.h"

namespace touchstone::firmware {

/// Enough for a sensor of 300x300 px (CardApp::arena_bytes(); checked at boot against the fitted sensor).
inline constexpr std::size_t kArenaBytes = 224 * 1024;
MutableBytes arena();

}  // namespace touchstone::firmware
