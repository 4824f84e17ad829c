// Hex text and random bytes for tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/seed.h"

namespace touchstone::test {

inline std::string hex(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

/// Upper or lower case; throws on anything else.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("odd hex text");
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::size_t used = 0;
    out.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), &used, 16)));
    if (used != 2) throw std::invalid_argument("not hex text");
  }
  return out;
}

/// Exactly N bytes of hex text; throws on another size.
template <std::size_t N>
ByteArray<N> array_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (bytes.size() != N) throw std::invalid_argument("hex text of another size");
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

inline std::vector<std::uint8_t> to_vector(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

inline std::vector<std::uint8_t> random_bytes(Random& random, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  random.fill(out);
  return out;
}

template <std::size_t N>
ByteArray<N> random_array(Random& random) {
  ByteArray<N> out;
  random.fill(out);
  return out;
}

}  // namespace touchstone::test
