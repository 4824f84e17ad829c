// The arena: the one big buffer, shared by all steps of a request in turn.
#pragma once

#include "base/bytes.h"

namespace touchstone::firmware {

/// Enough for the largest image the extractor takes, 320x320 px (CardVault::arena_bytes(), checked at boot).
inline constexpr std::size_t kArenaBytes = 164 * 1024;
MutableBytes arena();

}  // namespace touchstone::firmware
