#include "chain/base58.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace touchstone::chain {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kTotalBytes = 25;  // payload and checksum
constexpr std::size_t kMaxDigits = 35;   // ceil(25 * log(256) / log(58))

ByteArray<4> checksum(const ByteArray<21>& payload) {
  const ByteArray<32> hash = crypto::sha256(crypto::sha256(payload));
  return {hash[0], hash[1], hash[2], hash[3]};
}

}  // namespace

AddressText base58check_encode(const ByteArray<21>& payload) {
  ByteArray<kTotalBytes> number{};
  const ByteArray<4> check = checksum(payload);
  std::copy(payload.begin(), payload.end(), number.begin());
  std::copy(check.begin(), check.end(), number.begin() + 21);
  const auto zeros = std::find_if(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; }) - number.begin();

  std::array<char, kMaxDigits> digits{};
  std::size_t count = 0;
  while (std::any_of(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; })) {
    std::uint32_t remainder = 0;
    for (std::uint8_t& b : number) {
      const std::uint32_t value = remainder << 8 | b;
      b = static_cast<std::uint8_t>(value / 58);
      remainder = value % 58;
    }
    digits[count++] = kAlphabet[remainder];
  }
  AddressText text;
  for (std::ptrdiff_t i = 0; i < zeros; ++i) text.append('1');
  while (count > 0) text.append(digits[--count]);
  return text;
}

Status base58check_decode(std::string_view untrusted_text, ByteArray<21>& payload) {
  if (untrusted_text.empty() || untrusted_text.size() > kMaxDigits)
    return Error{ErrorCode::kBadFormat, "base58: length"};
  ByteArray<kTotalBytes> number{};
  for (char c : untrusted_text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return Error{ErrorCode::kBadFormat, "base58: character"};
    std::size_t carry = digit;
    for (auto b = number.rbegin(); b != number.rend(); ++b) {
      carry += std::size_t{*b} * 58;
      *b = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) return Error{ErrorCode::kBadFormat, "base58: length"};
  }
  // Each leading zero byte is written as one leading '1', so that every address has one spelling.
  const auto ones = std::find_if(untrusted_text.begin(), untrusted_text.end(), [](char c) { return c != '1'; }) -
                    untrusted_text.begin();
  const auto zeros = std::find_if(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; }) - number.begin();
  if (ones != zeros) return Error{ErrorCode::kBadFormat, "base58: length"};

  ByteArray<21> out;
  std::copy_n(number.begin(), 21, out.begin());
  const ByteArray<4> check = checksum(out);
  if (!std::equal(check.begin(), check.end(), number.begin() + 21))
    return Error{ErrorCode::kBadFormat, "base58: checksum"};
  payload = out;
  return {};
}

}  // namespace touchstone::chain
