#include "chain/bech32.h"

#include <algorithm>
#include <array>

namespace touchstone::chain {
namespace {

constexpr std::string_view kCharset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kMaxLength = 90;
constexpr std::size_t kChecksumLength = 6;
constexpr std::uint32_t kBech32Constant = 1;
constexpr std::uint32_t kBech32mConstant = 0x2bc830a3;

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The BCH code's state; feeding a five-bit value is one step of BIP173's polymod.
class Polymod {
 public:
  void feed(std::uint32_t value) {
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = (state_ & 0x1ff'ffff) << 5 ^ value;
    for (std::size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) state_ ^= kGenerator[i];
    }
  }
  void feed_hrp(std::string_view hrp) {
    for (char c : hrp) feed(static_cast<std::uint8_t>(to_lower(c)) >> 5);
    feed(0);
    for (char c : hrp) feed(static_cast<std::uint8_t>(to_lower(c)) & 31);
  }
  std::uint32_t state() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

struct Decoded {
  std::string_view hrp;  // as written
  std::array<std::uint8_t, kMaxLength> values{};
  std::size_t size = 0;  // without the checksum
  Bech32Variant variant = Bech32Variant::kBech32;
};

Result<Decoded> decode(std::string_view text) {
  constexpr Error kBad{ErrorCode::kBadFormat, "bech32: form"};
  if (text.size() > kMaxLength) return kBad;
  bool lower = false;
  bool upper = false;
  for (char c : text) {
    if (c < 33 || c > 126) return kBad;
    lower |= c >= 'a' && c <= 'z';
    upper |= c >= 'A' && c <= 'Z';
  }
  const std::size_t separator = text.rfind('1');
  if ((lower && upper) || separator == std::string_view::npos || separator == 0) return kBad;
  std::string_view data = text;
  data.remove_prefix(separator + 1);
  if (data.size() < kChecksumLength) return kBad;

  Decoded out;
  out.hrp = {text.data(), separator};
  Polymod polymod;
  polymod.feed_hrp(out.hrp);
  for (char c : data) {
    const std::size_t value = kCharset.find(to_lower(c));
    if (value == std::string_view::npos) return kBad;
    out.values[out.size++] = static_cast<std::uint8_t>(value);
    polymod.feed(static_cast<std::uint32_t>(value));
  }
  out.size -= kChecksumLength;
  if (polymod.state() == kBech32Constant) {
    out.variant = Bech32Variant::kBech32;
  } else if (polymod.state() == kBech32mConstant) {
    out.variant = Bech32Variant::kBech32m;
  } else {
    return Error{ErrorCode::kBadFormat, "bech32: checksum"};
  }
  return out;
}

constexpr bool valid_program(int version, std::size_t size) {
  if (version < 0 || version > 16 || size < 2 || size > 40) return false;
  return version != 0 || size == 20 || size == 32;
}

}  // namespace

Result<Bech32Variant> bech32_check(std::string_view untrusted_text) {
  const auto decoded = decode(untrusted_text);
  if (!decoded) return decoded.error();
  return decoded->variant;
}

Result<AddressText> segwit_encode(std::string_view hrp, int version, Bytes program) {
  if (!valid_program(version, program.size())) return Error{ErrorCode::kOutOfRange, "segwit address: witness program"};
  AddressText text;
  Polymod polymod;
  polymod.feed_hrp(hrp);
  text.append(hrp);
  text.append('1');
  const auto put = [&](std::uint32_t value) {
    polymod.feed(value);
    text.append(kCharset[value]);
  };
  put(static_cast<std::uint32_t>(version));
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (std::uint8_t b : program) {
    bits = (bits << 8 | b) & 0xfff;
    for (bit_count += 8; bit_count >= 5;) {
      bit_count -= 5;
      put(bits >> bit_count & 31);
    }
  }
  if (bit_count > 0) put(bits << (5 - bit_count) & 31);

  Polymod checksum = polymod;
  for (std::size_t i = 0; i < kChecksumLength; ++i) checksum.feed(0);
  const std::uint32_t state = checksum.state() ^ (version == 0 ? kBech32Constant : kBech32mConstant);
  for (int shift = 25; shift >= 0; shift -= 5) text.append(kCharset[state >> shift & 31]);
  if (text.truncated()) return Error{ErrorCode::kTooLarge, "segwit address: length"};
  return text;
}

Result<AddressScript> segwit_decode(std::string_view hrp, std::string_view untrusted_text) {
  const auto decoded = decode(untrusted_text);
  if (!decoded) return decoded.error();
  const bool same_hrp = std::equal(hrp.begin(), hrp.end(), decoded->hrp.begin(), decoded->hrp.end(),
                                   [](char a, char b) { return a == to_lower(b); });
  if (!same_hrp) return Error{ErrorCode::kMismatch, "address of another network"};
  if (decoded->size == 0) return Error{ErrorCode::kBadFormat, "segwit address: empty"};
  const int version = decoded->values[0];
  const Bech32Variant expected = version == 0 ? Bech32Variant::kBech32 : Bech32Variant::kBech32m;
  if (decoded->variant != expected)
    return Error{ErrorCode::kBadFormat, "segwit address: checksum of the other variant"};

  AddressScript script;
  script.size = 2;
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (std::size_t i = 1; i < decoded->size; ++i) {
    bits = (bits << 5 | decoded->values[i]) & 0xfff;
    bit_count += 5;
    if (bit_count >= 8) {
      bit_count -= 8;
      if (script.size == script.bytes.size()) return Error{ErrorCode::kBadFormat, "segwit address: program size"};
      script.bytes[script.size++] = static_cast<std::uint8_t>(bits >> bit_count);
    }
  }
  const std::uint32_t padding = bits & ((1U << bit_count) - 1);
  if (bit_count >= 5 || padding != 0) return Error{ErrorCode::kBadFormat, "segwit address: padding"};
  if (!valid_program(version, script.size - 2)) return Error{ErrorCode::kBadFormat, "segwit address: witness program"};
  script.bytes[0] = static_cast<std::uint8_t>(version == 0 ? 0 : 0x50 + version);
  script.bytes[1] = static_cast<std::uint8_t>(script.size - 2);
  return script;
}

}  // namespace touchstone::chain
