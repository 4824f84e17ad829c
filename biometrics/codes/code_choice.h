// The codes a record can name. Freestanding.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "codes/sign_patterns.h"

namespace touchstone::codes {

enum class CodeFamily : std::uint8_t { kPolar = 1, kBch = 2 };

/// Whether records of BCH codes are known: not on the card, whose records are polar and whose flash has no room for 19 KB of field tables.
#if defined(__riscv)
inline constexpr bool kKnowsBch = false;
#else
inline constexpr bool kKnowsBch = true;
#endif

/// A code by family, length and message bits; make() and parse() give only such as exist.
struct CodeChoice {
  CodeFamily family = CodeFamily::kPolar;
  std::uint16_t n = 0;
  std::uint16_t k = 0;

  /// kPolar: n = 128, 256, 512 or 1024, 1 <= k < n. kBch, where known: n = 127, 255, 511 or 1023 and a k that the cosets give.
  /// kUnsupported else.
  static Result<CodeChoice> make(CodeFamily family, int n, int k);
  /// "polar-512-24", "bch-511-31". kBadFormat for what is no such name, kUnsupported for a code that does not exist.
  static Result<CodeChoice> parse(std::string_view name);
  /// The name, in a buffer of at least kMaxNameLength characters.
  std::string_view name(std::span<char> buffer) const;
  static constexpr std::size_t kMaxNameLength = 16;

  /// log2(sign patterns of n hyperplanes in that many dimensions) - (n - k), in 1/256 bit: what the offset leaves open if all patterns
  /// were equally likely. Negative: the offset alone fixes the codeword.
  int bits_left_q8(int dimensions) const { return log2_sign_patterns_q8(n, dimensions) - 256 * (n - k); }

  bool operator==(const CodeChoice&) const = default;
};

}  // namespace touchstone::codes
