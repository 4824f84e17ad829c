#include "wallet/encoding.h"

#include <algorithm>

namespace touchstone::wallet {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

std::string to_hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::uint8_t b : bytes) {
    text += kDigits[b >> 4];
    text += kDigits[b & 15];
  }
  return text;
}

Result<chain::ByteVector> from_hex(std::string_view untrusted_text) {
  if (untrusted_text.size() % 2 != 0) return Error{ErrorCode::kBadFormat, "hexadecimal text: length"};
  chain::ByteVector out(untrusted_text.size() / 2);
  TS_RETURN_IF_ERROR(from_hex(untrusted_text, out));
  return out;
}

Status from_hex(std::string_view untrusted_text, MutableBytes out) {
  if (untrusted_text.size() != 2 * out.size()) return Error{ErrorCode::kBadFormat, "hexadecimal text: length"};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(untrusted_text[2 * i]);
    const int low = hex_digit(untrusted_text[2 * i + 1]);
    if (high < 0 || low < 0) return Error{ErrorCode::kBadFormat, "hexadecimal text: character"};
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return {};
}

Result<chain::ByteVector> from_base64(std::string_view untrusted_text) {
  constexpr Error kBad{ErrorCode::kBadFormat, "base64 text"};
  chain::ByteVector out;
  std::uint32_t bits = 0;
  int count = 0;
  int padding = 0;
  for (char c : untrusted_text) {
    if (is_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos || padding > 0) return kBad;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++count % 4 != 1) out.push_back(static_cast<std::uint8_t>(bits >> (6 - 2 * ((count - 1) % 4))));
  }
  // One encoding for each value: the padding is whole and the bits it stands for are zero.
  const int rest = count % 4;
  if (rest == 1 || (rest == 0 ? padding != 0 : padding != 4 - rest)) return kBad;
  if ((rest == 2 && (bits & 15) != 0) || (rest == 3 && (bits & 3) != 0)) return kBad;
  return out;
}

std::string to_base64(Bytes bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < n ? bytes[i + j] : std::uint8_t{0});
    for (std::size_t j = 0; j < 4; ++j) text += j <= n ? kBase64[bits >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace touchstone::wallet
