#include "chain/der.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "chain/test_ecdsa.h"
#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

using crypto::Scalar;
using test::from_hex;
using test::to_hex;

// The signature of BIP143's example "Native P2WPKH", without its hash type.
constexpr std::string_view kPublished =
    "304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928"
    "d43c212a8caed02de67eebee";

crypto::EcdsaSignature signature_of(const Scalar& r, const Scalar& s) {
  crypto::EcdsaSignature out;
  r.write_bytes(MutableBytes(out).first(32));
  s.write_bytes(MutableBytes(out).last(32));
  return out;
}

ErrorCode decode_error(const ByteVector& bytes) {
  const auto decoded = der_decode(bytes);
  return decoded ? ErrorCode{} : decoded.error().code;
}

TEST(Der, PublishedSignature) {
  const auto decoded = der_decode(from_hex(kPublished));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(to_hex(*decoded), std::string(kPublished.substr(8, 64)) + std::string(kPublished.substr(76)));
  EXPECT_EQ(to_hex(der_encode(*decoded)->view()), kPublished);
}

TEST(Der, ShortAndLongNumbers) {
  const auto encoded = [](const Scalar& r, const Scalar& s) { return to_hex(der_encode(signature_of(r, s))->view()); };
  EXPECT_EQ(encoded(Scalar::from_u32(1), Scalar::from_u32(0x7f)), "300602010102017f");
  EXPECT_EQ(encoded(Scalar::from_u32(0x80), Scalar::from_u32(0x100)), "3008" "02020080" "02020100");
  const auto longest = der_encode(signature_of(-Scalar::from_u32(1), -Scalar::from_u32(2).inverse())).value();
  EXPECT_EQ(longest.size, DerSignature::kMaxBytes);
}

TEST(Der, NumbersOutOfRangeAreRefused) {
  const Scalar one = Scalar::from_u32(1), zero;
  const auto code = [](const crypto::EcdsaSignature& s) { return der_encode(s).error().code; };
  EXPECT_EQ(code(signature_of(zero, one)), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(signature_of(one, zero)), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(signature_of(one, -one)), ErrorCode::kOutOfRange);  // high
  crypto::EcdsaSignature above = signature_of(one, one);
  std::fill_n(above.begin(), 32, std::uint8_t{0xff});
  EXPECT_EQ(code(above), ErrorCode::kOutOfRange);
}

// BIP66's list of what is not strict.
TEST(Der, OtherFormsAreRefused) {
  EXPECT_EQ(decode_error(from_hex("3006020101020101")), ErrorCode{});
  for (const char* bad : {
           "", "30", "3000", "30060201010201", "300602010102010101",  // empty, cut, too long
           "3106020101020101", "3006030101020101", "3006020101030101",  // other types
           "3005020101020101", "3007020101020101",                      // wrong length of the whole
           "308106020101020101", "300702810101020101",                     // long form of lengths
           "300702020001020101", "300702010102020001",                  // zeros in front
           "30050200020101", "30050201010200",                          // empty numbers
           "3006020201020101", "3006020101020201",                      // lengths that reach too far
       })
    EXPECT_EQ(decode_error(from_hex(bad)), ErrorCode::kBadFormat) << bad;
  EXPECT_EQ(decode_error(from_hex("3006020100020101")), ErrorCode::kOutOfRange);  // r = 0
  EXPECT_EQ(decode_error(from_hex("3006020181020101")), ErrorCode::kBadFormat);   // r < 0
  ByteVector high = from_hex("3026020101022100");
  const ByteArray<32> s = (-Scalar::from_u32(1)).to_bytes();
  high.insert(high.end(), s.begin(), s.end());
  EXPECT_EQ(decode_error(high), ErrorCode::kOutOfRange);
}

TEST(Der, AgreesWithLibsecp256k1) {
  Random random = SeedTree(1).stream("der/pairs");
  for (int round = 0; round < 300; ++round) {
    ByteArray<32> hash;
    random.fill(hash);
    const auto signature = test::ecdsa_sign(Scalar::from_u32(static_cast<std::uint32_t>(round + 1)), hash);
    secp256k1_ecdsa_signature parsed;
    ByteVector theirs(80);
    std::size_t size = theirs.size();
    ASSERT_EQ(secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &parsed, signature.data()), 1);
    ASSERT_EQ(secp256k1_ecdsa_signature_serialize_der(secp256k1_context_static, theirs.data(), &size, &parsed), 1);
    theirs.resize(size);
    EXPECT_EQ(to_hex(der_encode(signature)->view()), to_hex(theirs));
    EXPECT_EQ(der_decode(theirs).value(), signature);
  }
}

// No two byte strings are one signature.
TEST(Der, EveryFlippedBitIsRefusedOrAnotherSignature) {
  const ByteVector good = from_hex(kPublished);
  const auto original = der_decode(good).value();
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    ByteVector bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto decoded = der_decode(bytes);
    if (!decoded) continue;
    ++accepted;
    EXPECT_NE(*decoded, original) << bit;
    EXPECT_EQ(to_hex(der_encode(*decoded)->view()), to_hex(bytes)) << bit;
  }
  EXPECT_GT(accepted, 400u);
}

}  // namespace
}  // namespace touchstone::chain
