// A script in a fixed buffer. Freestanding.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/bytes.h"

namespace touchstone::chain {

/// A script that has an address: at most a 40-byte witness program. A range of bytes, so that it converts to Bytes.
struct AddressScript {
  ByteArray<42> bytes{};
  std::size_t size = 0;

  AddressScript() = default;
  template <std::size_t N>
    requires(N <= 42)
  explicit AddressScript(const ByteArray<N>& script) : size(N) {
    std::copy(script.begin(), script.end(), bytes.begin());
  }
  Bytes view() const { return Bytes(bytes.data(), size); }
  const std::uint8_t* begin() const { return bytes.data(); }
  const std::uint8_t* end() const { return bytes.data() + size; }
};

}  // namespace touchstone::chain
