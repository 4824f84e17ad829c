// A party's signing share from its root secret. Freestanding; the same on wallet and card.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/scalar.h"

namespace touchstone::chain {

/// share = HKDF-SHA512(root, info = "touchstone/v1/musig2" | coin | account | epoch) read as 512 bits mod n, numbers as
/// 4 bytes little-endian. A root is never used as a key itself, so one secret serves several schemes, coins and epochs.
/// Constant time in the root. Errors: kOutOfRange (the share is 0; chance 2^-256).
Result<crypto::Scalar> derive_share(const Secret<32>& root, std::uint32_t coin, std::uint32_t account,
                                    std::uint32_t epoch);

}  // namespace touchstone::chain
