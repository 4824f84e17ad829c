// What test and traced program exchange: byte arrays at one address, so that both sides lay them out alike.
#pragma once

#include "base/bytes.h"

namespace touchstone::crypto::trace {

inline constexpr std::uint32_t kOperandsAddress = 0x40000;
inline constexpr std::uint32_t kStackTop = 0x50000;

struct Operands {
  ByteArray<32> a, b;
  ByteArray<64> wide;
  std::uint8_t leak;  ///< run the control instead
  ByteArray<32> sum, difference, product, reduced, selected;
  std::uint8_t predicates;  ///< bit 0: a is zero, 1: a is high, 2: a equals b
};

}  // namespace touchstone::crypto::trace
