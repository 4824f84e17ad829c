#include "chain/address.h"

#include <algorithm>
#include <array>

#include "chain/base58.h"
#include "chain/bech32.h"

namespace touchstone::chain {
namespace {

struct NetworkTraits {
  std::string_view name;
  std::string_view hrp;
  std::uint8_t p2pkh_version;
  std::uint8_t p2sh_version;
};
// Bitcoin Core's chainparams; the hrp of signet is that of testnet (BIP325).
constexpr std::array<NetworkTraits, 4> kNetworks = {{
    {"main", "bc", 0x00, 0x05},
    {"test", "tb", 0x6f, 0xc4},
    {"signet", "tb", 0x6f, 0xc4},
    {"regtest", "bcrt", 0x6f, 0xc4},
}};
constexpr const NetworkTraits& traits(Network network) { return kNetworks[static_cast<std::size_t>(network)]; }

// Script patterns around a 20-byte hash.
constexpr ByteArray<3> kP2pkhHead = {0x76, 0xa9, 0x14};  // OP_DUP OP_HASH160 push20
constexpr ByteArray<2> kP2pkhTail = {0x88, 0xac};        // OP_EQUALVERIFY OP_CHECKSIG
constexpr ByteArray<2> kP2shHead = {0xa9, 0x14};         // OP_HASH160 push20
constexpr ByteArray<1> kP2shTail = {0x87};               // OP_EQUAL

bool matches(Bytes script, Bytes head, Bytes tail) {
  return script.size() == head.size() + 20 + tail.size() && std::equal(head.begin(), head.end(), script.begin()) &&
         std::equal(tail.begin(), tail.end(), script.end() - static_cast<std::ptrdiff_t>(tail.size()));
}

AddressText hash_address(std::uint8_t version, Bytes hash20) {
  ByteArray<21> payload{};
  payload[0] = version;
  std::copy(hash20.begin(), hash20.end(), payload.begin() + 1);
  return base58check_encode(payload);
}

AddressScript make_script(Bytes head, Bytes middle, Bytes tail) {
  AddressScript script;
  ByteWriter writer(script.bytes);
  writer.put(head);
  writer.put(middle);
  writer.put(tail);
  script.size = writer.size();
  return script;
}

}  // namespace

std::string_view to_string(Network network) { return traits(network).name; }

Result<Network> network_from_string(std::string_view text) {
  for (std::size_t i = 0; i < kNetworks.size(); ++i) {
    if (kNetworks[i].name == text) return static_cast<Network>(i);
  }
  return Error{ErrorCode::kBadFormat, "network: main, test, signet or regtest"};
}

WitnessProgram witness_program(Bytes script) {
  if (script.size() < 4 || script.size() > 42 || script[1] != script.size() - 2) return {};
  const bool zero = script[0] == 0x00;
  const bool one_to_sixteen = script[0] >= 0x51 && script[0] <= 0x60;
  if (!zero && !one_to_sixteen) return {};
  return {zero ? 0 : script[0] - 0x50, script.subspan(2)};
}

Result<AddressText> address_of_script(Bytes script, Network network) {
  if (matches(script, kP2pkhHead, kP2pkhTail))
    return hash_address(traits(network).p2pkh_version, script.subspan(3, 20));
  if (matches(script, kP2shHead, kP2shTail)) return hash_address(traits(network).p2sh_version, script.subspan(2, 20));
  const WitnessProgram witness = witness_program(script);
  if (witness.version < 0) return Error{ErrorCode::kUnsupported, "script without an address"};
  return segwit_encode(traits(network).hrp, witness.version, witness.program);
}

Result<AddressScript> script_of_address(std::string_view untrusted_text, Network network) {
  const NetworkTraits& expected = traits(network);
  if (auto segwit = segwit_decode(expected.hrp, untrusted_text)) {
    return segwit;
  } else if (bech32_check(untrusted_text) || (untrusted_text.starts_with(expected.hrp) && untrusted_text.substr(expected.hrp.size()).starts_with('1'))) {
    return segwit.error();  // meant as Bech32: its own error tells more
  }
  ByteArray<21> payload;
  TS_RETURN_IF_ERROR(base58check_decode(untrusted_text, payload));
  const Bytes hash = Bytes(payload).subspan(1);
  if (payload[0] == expected.p2pkh_version) return make_script(kP2pkhHead, hash, kP2pkhTail);
  if (payload[0] == expected.p2sh_version) return make_script(kP2shHead, hash, kP2shTail);
  return Error{ErrorCode::kMismatch, "address of another network"};
}

AmountText format_btc(std::uint64_t amount_sat) {
  AmountText text;
  text.append_decimal(amount_sat / 100'000'000);
  text.append('.');
  text.append_decimal(amount_sat % 100'000'000, 8);
  text.append(" BTC");
  return text;
}

AmountText format_sat(std::uint64_t amount_sat) {
  AmountText text;
  text.append_decimal(amount_sat);
  text.append(" sat");
  return text;
}

}  // namespace touchstone::chain
