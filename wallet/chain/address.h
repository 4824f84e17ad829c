// Scripts as the addresses people read, and amounts. Freestanding.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/script.h"
#include "chain/text.h"

namespace touchstone::chain {

enum class Network : std::uint8_t { kMain = 0, kTest = 1, kSignet = 2, kRegtest = 3 };
/// "main", "test", "signet", "regtest".
std::string_view to_string(Network network);
Result<Network> network_from_string(std::string_view text);
/// SLIP-44 coin type: 0 on the main network, 1 on all others.
constexpr std::uint32_t coin_type(Network network) { return network == Network::kMain ? 0 : 1; }

using AddressText = FixedText<90>;

/// Address of a P2PKH, P2SH or witness-program script. Errors: kUnsupported (no address form).
Result<AddressText> address_of_script(Bytes script, Network network);
/// The script an address pays to. Errors: kBadFormat (checksum, characters, form), kMismatch (another network).
Result<AddressScript> script_of_address(std::string_view untrusted_text, Network network);

/// Witness program, OP_n and 2..40 bytes; version -1 where the script is none.
struct WitnessProgram {
  int version = -1;
  Bytes program;
};
WitnessProgram witness_program(Bytes script);

using AmountText = FixedText<26>;
/// "0.00012345 BTC"; eight decimals always.
AmountText format_btc(std::uint64_t amount_sat);
/// "12345 sat".
AmountText format_sat(std::uint64_t amount_sat);

}  // namespace touchstone::chain
