#include "chain/keys.h"

#include <gtest/gtest.h>

#include <string>

#include "chain/ripemd160.h"
#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

using crypto::Scalar;
using test::to_hex;

Bytes text_bytes(const std::string& text) {
  return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// Digests from the authors' page (Bosselaers, "The hash function RIPEMD-160").
TEST(Ripemd160, KnownAnswers) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
      {"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "b0e20b6e3116640286ed3a87a5713079b21f5189"},
      {std::string(1'000'000, 'a'), "52783243c1697bdbe16d37f97f68f08325dc1528"}};
  for (const auto& [text, digest] : cases) EXPECT_EQ(to_hex(ripemd160(text_bytes(text))), digest);
}

// BIP328: the chain code is SHA-256("MuSig2MuSig2MuSig2"), printed there as this constant.
TEST(Keys, SyntheticChainCodeIsBip328s) {
  crypto::HostCurve curve;
  const auto key = synthetic_extended_key(curve.multiply_base(Scalar::from_u32(1)).value());
  EXPECT_EQ(to_hex(key.chain_code), "868087ca02a6f974c4598924c36b57762d32cb45717167e300622c7167e38965");
  // hash160 of the compressed generator is the best known of all key hashes.
  EXPECT_EQ(to_hex(key.fingerprint()), "751e76e8");
}

TEST(Keys, ChildIsParentPlusTweak) {
  crypto::HostCurve curve;
  const Scalar secret = Scalar::from_u32(77);
  const auto parent = synthetic_extended_key(curve.multiply_base(secret).value());
  const auto child = derive_child(parent, 3, curve);
  ASSERT_TRUE(child.ok());
  const Scalar tweak = Scalar::from_bytes(child->tweak).value();
  EXPECT_TRUE(crypto::equal(child->extended.key, curve.multiply_base(secret + tweak).value()));
  EXPECT_EQ(derive_child(parent, 0x8000'0000, curve).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(derive_child({}, 0, curve).error().code, ErrorCode::kInfinity);
}

// The three tweaks turn the aggregate secret into the secret of the output key, with BIP340's even-y rule at the x-only one.
TEST(Keys, TweaksLeadToTheOutputKey) {
  crypto::HostCurve curve;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    Scalar secret = Scalar::from_u32(seed * 1001);
    const auto address = derive_address(curve.multiply_base(secret).value(), {seed % 2, seed}, curve);
    ASSERT_TRUE(address.ok());
    for (const KeyTweak& tweak : address->tweaks) {
      const bool odd = !curve.multiply_base(secret)->has_even_y();
      if (tweak.x_only) secret = secret.negate_if(odd);
      secret += Scalar::from_bytes(tweak.value).value();
    }
    EXPECT_EQ(curve.multiply_base(secret)->x, address->output_key);
    EXPECT_EQ(to_hex(address->script), "5120" + to_hex(address->output_key));
  }
}

TEST(Keys, DifferentPathsGiveDifferentKeys) {
  crypto::HostCurve curve;
  const auto aggregate = curve.multiply_base(Scalar::from_u32(5)).value();
  const auto key = [&](std::uint32_t chain, std::uint32_t index) {
    return to_hex(derive_address(aggregate, {chain, index}, curve)->output_key);
  };
  EXPECT_EQ(key(0, 1), key(0, 1));
  EXPECT_NE(key(0, 1), key(1, 0));
  EXPECT_NE(key(0, 0), key(0, 1));
  EXPECT_NE(key(0, 0), key(1, 0));
}

class BrokenCurve : public crypto::Curve {
 public:
  Result<crypto::Point> multiply(const Scalar&, const crypto::Point&) override { return kError; }
  Result<crypto::Point> multiply_base(const Scalar&) override { return kError; }
  Result<crypto::Point> add(const crypto::Point&, const crypto::Point&) override { return kError; }
  Result<crypto::Point> lift_x(const ByteArray<32>&) override { return kError; }

 private:
  static constexpr Error kError{ErrorCode::kDevice, "broken"};
};

TEST(Keys, DeviceErrorsAreNotSwallowed) {
  test::Account account;
  BrokenCurve broken;
  EXPECT_EQ(derive_address(account.keys.aggregate_key, {0, 0}, broken).error().code, ErrorCode::kDevice);
  const auto psbt =
      write_payment(account.keys.aggregate_key, test::coin(), {{test::foreign_script(), 9'000, {}}}, 0, account.curve);
  EXPECT_EQ(review(psbt.value(), account.keys, broken).error().code, ErrorCode::kDevice);
}

}  // namespace
}  // namespace touchstone::chain
