#include "comb_points.h"

#include <secp256k1.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "programs.h"

namespace touchstone::rtl::microcode {
namespace {

using Bytes32 = std::array<unsigned char, 32>;

Bytes32 bytes_of(const char* hex) {
  Bytes32 out{};
  for (std::size_t i = 0; i < 32; ++i) {
    unsigned byte = 0;
    std::sscanf(hex + 2 * i, "%2x", &byte);
    out[i] = static_cast<unsigned char>(byte);
  }
  return out;
}

const Bytes32 kOne = bytes_of("0000000000000000000000000000000000000000000000000000000000000001");
const Bytes32 kHalf = bytes_of("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");  // (n + 1) / 2
const Bytes32 kLambda = bytes_of("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

/// Scalars modulo the group order; none is 0 here.
class Scalars {
 public:
  Scalars() : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {}
  ~Scalars() { secp256k1_context_destroy(context_); }
  Scalars(const Scalars&) = delete;
  Scalars& operator=(const Scalars&) = delete;

  Bytes32 add(Bytes32 a, const Bytes32& b) const { return check(secp256k1_ec_seckey_tweak_add(context_, a.data(), b.data())), a; }
  Bytes32 multiply(Bytes32 a, const Bytes32& b) const { return check(secp256k1_ec_seckey_tweak_mul(context_, a.data(), b.data())), a; }
  Bytes32 negate(Bytes32 a) const { return check(secp256k1_ec_seckey_negate(context_, a.data())), a; }
  Bytes32 times_power(Bytes32 a, const Bytes32& base, int exponent) const {
    for (int i = 0; i < exponent; ++i) a = multiply(a, base);
    return a;
  }
  HexPoint point(const Bytes32& k) const {
    secp256k1_pubkey key;
    check(secp256k1_ec_pubkey_create(context_, &key, k.data()));
    unsigned char bytes[65];
    std::size_t size = sizeof bytes;
    secp256k1_ec_pubkey_serialize(context_, bytes, &size, &key, SECP256K1_EC_UNCOMPRESSED);
    const auto hex = [](const unsigned char* first) {
      std::string text;
      char digits[3];
      for (int i = 0; i < 32; ++i) std::snprintf(digits, sizeof digits, "%02X", first[i]), text += digits;
      return text;
    };
    return {hex(bytes + 1), hex(bytes + 33)};
  }

 private:
  static void check(int result) {
    if (result != 1) std::abort();
  }
  secp256k1_context* context_;
};

}  // namespace

CombPoints comb_points(Target::Style style) {
  const Scalars n;
  const int distance = comb_spacing(style);
  const Bytes32 two = n.add(kOne, kOne);
  CombPoints out;
  out.start = n.point(n.times_power(n.add(kLambda, kOne), kHalf, distance + 1));
  for (int index = 0; index < 16; ++index) {
    Bytes32 sum = n.times_power(kHalf, two, 4 * distance);
    for (int j = 0; j < 4; ++j) {
      const Bytes32 tooth = n.times_power(kHalf, two, j * distance);
      sum = n.add(sum, index >> j & 1 ? tooth : n.negate(tooth));
    }
    out.entry[index] = n.point(sum);
  }
  return out;
}

}  // namespace touchstone::rtl::microcode
