// What both ends of the accelerator's protocol (contract/accelerator.h) must agree on beyond its messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "contract/register_tables.h"

namespace touchstone::rtl::remote {

inline constexpr std::uint32_t kMagic = 0x53434154;
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint32_t kMaxState_bytes = 1 << 16;
inline constexpr std::size_t kPart_bytes = 240;  ///< of a State message, except the last

/// Fingerprint of block `secp`: 32-bit FNV-1a (Fowler, Noll, Vo) over every register's name, offset in words and number
/// of words, then every operation's number and name; numbers are one byte each.
constexpr std::uint32_t register_map() {
  std::uint32_t hash = 0x811C9DC5;
  const auto byte = [&hash](std::uint32_t value) { hash = (hash ^ (value & 0xFF)) * 0x01000193; };
  const auto text = [&byte](std::string_view letters) {
    for (const char c : letters) byte(static_cast<std::uint8_t>(c));
  };
  for (const contract::RegisterInfo& r : contract::kSecpRegisters) {
    text(r.name);
    byte(r.offset_bytes / 4);
    byte(r.count);
  }
  for (const contract::ValueName& op : contract::kSecpOpNames) {
    byte(op.value);
    text(op.name);
  }
  return hash;
}

}  // namespace touchstone::rtl::remote
