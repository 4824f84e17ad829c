// Base58Check: the addresses of P2PKH and P2SH. Freestanding.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/address.h"

namespace touchstone::chain {

/// A version byte and a 20-byte hash with their four bytes of double SHA-256.
AddressText base58check_encode(const ByteArray<21>& payload);
/// Errors: kBadFormat (characters, length, checksum).
Status base58check_decode(std::string_view untrusted_text, ByteArray<21>& payload);

}  // namespace touchstone::chain
