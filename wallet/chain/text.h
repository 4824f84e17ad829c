// FixedText<N>: text in a fixed buffer, for the card's display. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace touchstone::chain {

/// At most N characters. Appending past the end drops the rest and sets truncated(): never show a truncated text.
template <std::size_t N>
class FixedText {
 public:
  constexpr FixedText() = default;
  constexpr explicit FixedText(std::string_view text) { append(text); }

  constexpr void append(char c) {
    if (size_ == N) {
      truncated_ = true;
      return;
    }
    chars_[size_++] = c;
  }
  constexpr void append(std::string_view text) {
    for (char c : text) append(c);
  }
  constexpr void append_hex(Bytes bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::uint8_t b : bytes) {
      append(kDigits[b >> 4]);
      append(kDigits[b & 15]);
    }
  }
  /// Decimal digits, with zeros in front up to `min_digits`.
  constexpr void append_decimal(std::uint64_t value, std::size_t min_digits = 1) {
    std::array<char, 20> digits{};
    std::size_t count = 0;
    while (value != 0 || count < min_digits) {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
    while (count > 0) append(digits[--count]);
  }
  constexpr void clear() {
    size_ = 0;
    truncated_ = false;
  }

  constexpr std::string_view view() const { return {chars_.data(), size_}; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr bool truncated() const { return truncated_; }

 private:
  std::array<char, N> chars_{};
  std::size_t size_ = 0;
  bool truncated_ = false;
};

}  // namespace touchstone::chain
