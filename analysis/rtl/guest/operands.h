// What the card's programs and the host both multiply with. Freestanding.
#pragma once

#include "base/bytes.h"

namespace touchstone::rtl_tools {

/// Some number below the order.
constexpr ByteArray<32> some_scalar(std::uint32_t seed) {
  ByteArray<32> out{};
  for (std::uint8_t& byte : out) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(seed >> 24);
  }
  out[0] &= 0x7F;
  return out;
}
constexpr ByteArray<32> small_scalar(std::uint8_t value) {
  ByteArray<32> out{};
  out[31] = value;
  return out;
}

/// The base point is this multiple of G.
inline constexpr ByteArray<32> kBaseScalar = some_scalar(1);
inline constexpr ByteArray<32> kScalars[] = {some_scalar(2), some_scalar(3), small_scalar(1), small_scalar(2)};

}  // namespace touchstone::rtl_tools
