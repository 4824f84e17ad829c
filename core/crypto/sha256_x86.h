// SHA-256 by the instructions of x86 processors that have them: for hosts alone, same results. Not for users.
#pragma once

#include "crypto/sha256_compress.h"

namespace touchstone::crypto::sha256_detail {

/// Whether this processor has them.
extern const bool kHasShaInstructions;
/// As compress(); only if kHasShaInstructions.
void compress_x86(State& state, const std::uint8_t* block);

}  // namespace touchstone::crypto::sha256_detail
