// Scalars against OpenSSL's BIGNUM: random values and the ones where carries and reductions turn.
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <vector>

#include "base/seed.h"
#include "crypto/scalar.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::from_hex;
using test::hex;
using test::random_bytes;

const char kOrderHex[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/// Arithmetic modulo n by OpenSSL, on big-endian bytes.
class Reference {
 public:
  using Number = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;
  static Number number(Bytes bytes) {
    return {BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free};
  }
  std::string reduce(Bytes a) const {
    return run([&](BIGNUM* r, BN_CTX* c) { return BN_nnmod(r, number(a).get(), order_.get(), c); });
  }
  std::string add(Bytes a, Bytes b) const {
    return run([&](BIGNUM* r, BN_CTX* c) { return BN_mod_add(r, number(a).get(), number(b).get(), order_.get(), c); });
  }
  std::string subtract(Bytes a, Bytes b) const {
    return run([&](BIGNUM* r, BN_CTX* c) { return BN_mod_sub(r, number(a).get(), number(b).get(), order_.get(), c); });
  }
  std::string multiply(Bytes a, Bytes b) const {
    return run([&](BIGNUM* r, BN_CTX* c) { return BN_mod_mul(r, number(a).get(), number(b).get(), order_.get(), c); });
  }
  std::string inverse(Bytes a) const {
    return run([&](BIGNUM* r, BN_CTX* c) { return BN_mod_inverse(r, number(a).get(), order_.get(), c) != nullptr; });
  }
  bool below_order(Bytes a) const { return BN_cmp(number(a).get(), order_.get()) < 0; }

 private:
  template <typename Operation>
  std::string run(Operation operation) const {
    Number result(BN_new(), BN_free);
    BN_CTX* context = BN_CTX_new();
    EXPECT_EQ(operation(result.get(), context), 1);
    BN_CTX_free(context);
    ByteArray<32> out;
    EXPECT_EQ(BN_bn2binpad(result.get(), out.data(), 32), 32);
    return hex(out);
  }
  Number order_ = number(from_hex(kOrderHex));
};

std::vector<std::vector<std::uint8_t>> edge_values() {
  std::vector<std::vector<std::uint8_t>> out;
  for (const char* text : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0000000000000000000000000000000000000000000000000000000000000001",
                           "0000000000000000000000000000000000000000000000000000000000000002",
                           "00000000000000000000000000000000000000000000000000000000ffffffff",
                           "000000000000000000000000000000014551231950b75fc4402da1732fc9bebe",
                           "000000000000000000000000000000014551231950b75fc4402da1732fc9bebf",  // 2^256 - n
                           "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",  // (n-1)/2
                           "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1",
                           "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f",
                           "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",  // n-1
                           kOrderHex,
                           "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
                           "ffffffffffffffffffffffffffffffff00000000000000000000000000000000",
                           "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                           "8000000000000000000000000000000000000000000000000000000000000000"}) {
    out.push_back(from_hex(text));
  }
  return out;
}

std::vector<std::vector<std::uint8_t>> sample_values(std::size_t random_count) {
  auto out = edge_values();
  Random random = SeedTree(1).stream("scalars");
  for (std::size_t i = 0; i < random_count; ++i) out.push_back(random_bytes(random, 32));
  return out;
}

TEST(Scalar, ParsesExactlyWhatIsBelowTheOrder) {
  const Reference reference;
  for (const auto& bytes : sample_values(200)) {
    const auto scalar = Scalar::from_bytes(bytes);
    EXPECT_EQ(scalar.ok(), reference.below_order(bytes)) << hex(bytes);
    if (scalar.ok()) {
      EXPECT_EQ(hex(scalar->to_bytes()), hex(bytes));
      EXPECT_EQ(hex(scalar->to_secret().expose()), hex(bytes));
    } else {
      EXPECT_EQ(scalar.error().code, ErrorCode::kOutOfRange);
    }
    EXPECT_EQ(hex(Scalar::from_bytes_reduce(bytes).to_bytes()), reference.reduce(bytes));
  }
}

TEST(Scalar, AddSubtractMultiplyMatchOpenSsl) {
  const Reference reference;
  const auto values = sample_values(60);
  for (const auto& a : values) {
    for (const auto& b : values) {
      const Scalar x = Scalar::from_bytes_reduce(a);
      const Scalar y = Scalar::from_bytes_reduce(b);
      ASSERT_EQ(hex((x + y).to_bytes()), reference.add(a, b)) << hex(a) << ' ' << hex(b);
      ASSERT_EQ(hex((x - y).to_bytes()), reference.subtract(a, b)) << hex(a) << ' ' << hex(b);
      ASSERT_EQ(hex((x * y).to_bytes()), reference.multiply(a, b)) << hex(a) << ' ' << hex(b);
      ASSERT_EQ(equal_constant_time(x, y), x.to_bytes() == y.to_bytes());
    }
  }
}

TEST(Scalar, WideReductionMatchesOpenSsl) {
  const Reference reference;
  Random random = SeedTree(2).stream("wide");
  std::vector<std::vector<std::uint8_t>> values;
  for (const auto& high : edge_values()) {
    for (const auto& low : edge_values()) {
      values.push_back(high);
      values.back().insert(values.back().end(), low.begin(), low.end());
    }
  }
  for (int i = 0; i < 2000; ++i) values.push_back(random_bytes(random, 64));
  for (const auto& wide : values)
    EXPECT_EQ(hex(Scalar::from_wide_reduce(wide).to_bytes()), reference.reduce(wide)) << hex(wide);
}

TEST(Scalar, InverseMatchesOpenSslAndZeroStaysZero) {
  const Reference reference;
  for (const auto& bytes : sample_values(40)) {
    const Scalar x = Scalar::from_bytes_reduce(bytes);
    if (x.is_zero()) {
      EXPECT_TRUE(x.inverse().is_zero());
      EXPECT_TRUE(x.inverse_vartime().is_zero());
    } else {
      EXPECT_EQ(hex(x.inverse().to_bytes()), reference.inverse(bytes)) << hex(bytes);
      EXPECT_EQ(hex(x.inverse_vartime().to_bytes()), reference.inverse(bytes)) << hex(bytes);
    }
  }
}

TEST(Scalar, NegateSelectAndPredicates) {
  const Reference reference;
  const auto half = from_hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
  for (const auto& bytes : sample_values(100)) {
    const Scalar x = Scalar::from_bytes_reduce(bytes);
    const Scalar negated = x.negate_if(true);
    EXPECT_EQ(hex(negated.to_bytes()), reference.subtract(Scalar().to_bytes(), bytes));
    EXPECT_TRUE((x + negated).is_zero());
    EXPECT_EQ(hex(x.negate_if(false).to_bytes()), hex(x.to_bytes()));
    EXPECT_EQ(x.is_zero(), reference.reduce(bytes) == std::string(64, '0'));
    EXPECT_EQ(x.is_high(), hex(x.to_bytes()) > hex(half));
    EXPECT_EQ(hex(Scalar::select(true, x, negated).to_bytes()), hex(x.to_bytes()));
    EXPECT_EQ(hex(Scalar::select(false, x, negated).to_bytes()), hex(negated.to_bytes()));
  }
}

TEST(Scalar, WipesItsMemory) {
  alignas(Scalar) ByteArray<sizeof(Scalar)> storage{};
  Scalar* scalar = new (storage.data()) Scalar(-Scalar::from_u32(1));
  EXPECT_NE(storage, ByteArray<sizeof(Scalar)>{});
  scalar->~Scalar();
  EXPECT_EQ(storage, ByteArray<sizeof(Scalar)>{});
}

TEST(Scalar, WrongSizesAreOurMistake) {
  const std::vector<std::uint8_t> short_bytes(31);
  EXPECT_DEATH((void)Scalar::from_bytes(short_bytes), "32 bytes");
  EXPECT_DEATH((void)Scalar::from_wide_reduce(short_bytes), "64 bytes");
}

}  // namespace
}  // namespace touchstone::crypto
