#include "codes/code_choice.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codes/bch.h"

namespace touchstone::codes {
namespace {

constexpr std::string_view kPolarName = "polar";
constexpr std::string_view kBchName = "bch";

/// A number without sign or leading zeros, up to 4 digits; -1 if it is none.
int parse_number(std::string_view text) {
  if (text.empty() || text.size() > 4 || text[0] == '0') return -1;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

/// Takes off what stands before the next '-', and that; all of it if there is none.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find('-'), text.size());
  const std::string_view word(text.data(), end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

Result<CodeChoice> CodeChoice::make(CodeFamily family, int n, int k) {
  const bool exists = family == CodeFamily::kPolar ? (n == 128 || n == 256 || n == 512 || n == 1024) && k >= 1 && k < n
                                                   : kKnowsBch && family == CodeFamily::kBch && BchCode::find(n, k).has_value();
  if (!exists) return Error{ErrorCode::kUnsupported, "there is no such code"};
  return CodeChoice{family, static_cast<std::uint16_t>(n), static_cast<std::uint16_t>(k)};
}

Result<CodeChoice> CodeChoice::parse(std::string_view name) {
  const Error bad{ErrorCode::kBadFormat, "not a code's name: polar-N-K or bch-N-K"};
  const std::string_view family = take_word(name);
  const int n = parse_number(take_word(name));
  const int k = parse_number(name);
  if ((family != kPolarName && family != kBchName) || n < 0 || k < 0) return bad;
  return make(family == kPolarName ? CodeFamily::kPolar : CodeFamily::kBch, n, k);
}

std::string_view CodeChoice::name(std::span<char> buffer) const {
  TS_CHECK(buffer.size() >= kMaxNameLength, "buffer for a code's name");
  std::size_t size = 0;
  const auto put_number = [&](int value) {
    std::array<char, 4> digits{};
    int count = 0;
    for (; value > 0; value /= 10) digits[at(count++)] = static_cast<char>('0' + value % 10);
    while (count > 0) buffer[size++] = digits[at(--count)];
  };
  for (const char c : family == CodeFamily::kPolar ? kPolarName : kBchName) buffer[size++] = c;
  buffer[size++] = '-';
  put_number(n);
  buffer[size++] = '-';
  put_number(k);
  return {buffer.data(), size};
}

}  // namespace touchstone::codes
