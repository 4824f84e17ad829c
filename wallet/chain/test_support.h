// What the tests of this folder share: hexadecimal text and an account to pay from.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "chain/psbt_writer.h"
#include "chain/review.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"

namespace touchstone::chain::test {

inline std::string to_hex(Bytes bytes) {
  FixedText<2000> text;
  text.append_hex(bytes);
  return std::string(text.view());
}

inline ByteVector from_hex(std::string_view text) {
  ByteVector out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

template <std::size_t N>
ByteArray<N> array_from_hex(std::string_view text) {
  const ByteVector bytes = from_hex(text);
  TS_CHECK(bytes.size() == N, "length of the hexadecimal text");
  ByteArray<N> out;
  for (std::size_t i = 0; i < N; ++i) out[i] = bytes[i];
  return out;
}

/// An account whose aggregate key is any point: review() does not know how it came to be.
struct Account {
  explicit Account(std::uint32_t secret = 12345, Network network = Network::kRegtest,
                   AddressKind kind = AddressKind::kTaproot)
      : keys{curve.multiply_base(crypto::Scalar::from_u32(secret)).value(), network, kind} {}
  AddressKey address(AddressPath path) { return derive_address(keys.aggregate_key, path, curve, keys.kind).value(); }
  ByteArray<4> fingerprint() const { return synthetic_extended_key(keys.aggregate_key).fingerprint(); }
  ByteVector payment(const Coin& coin, const std::vector<PlannedOutput>& outputs) {
    return write_payment(keys.aggregate_key, coin, outputs, 0, curve, keys.kind).value();
  }
  Result<PaymentReview> review(Bytes psbt) { return chain::review(psbt, keys, curve); }

  crypto::HostCurve curve;
  AccountKeys keys;
};

inline ByteVector bytes_of(Bytes bytes) { return ByteVector(bytes.begin(), bytes.end()); }

/// `head`, then `fill` up to `size` bytes.
inline ByteVector filled(Bytes head, std::size_t size, std::uint8_t fill) {
  ByteVector out(size, fill);
  std::copy(head.begin(), head.end(), out.begin());
  return out;
}

/// A foreign P2WPKH script; `seed` makes different ones.
inline ByteVector foreign_script(std::uint8_t seed = 7) { return filled(ByteArray<2>{0x00, 20}, 22, seed); }

inline Coin coin(std::uint64_t amount_sat = 1'000'000) {
  Coin out;
  out.txid.fill(0xab);
  out.vout = 1;
  out.amount_sat = amount_sat;
  out.path = {0, 5};
  return out;
}

}  // namespace touchstone::chain::test
