// Bech32 (BIP173) and Bech32m (BIP350). Freestanding.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/address.h"

namespace touchstone::chain {

enum class Bech32Variant : std::uint8_t { kBech32, kBech32m };

/// Which variant's checksum the text carries. Errors: kBadFormat (neither, or not Bech32 at all).
Result<Bech32Variant> bech32_check(std::string_view untrusted_text);

/// Address of a witness program under any lower-case human-readable part. Errors: kOutOfRange (version, program size),
/// kTooLarge.
Result<AddressText> segwit_encode(std::string_view hrp, int version, Bytes program);
/// The script behind a segwit address, version 0 only with Bech32 and others only with Bech32m. Errors: kBadFormat,
/// kMismatch (another human-readable part).
Result<AddressScript> segwit_decode(std::string_view hrp, std::string_view untrusted_text);

}  // namespace touchstone::chain
