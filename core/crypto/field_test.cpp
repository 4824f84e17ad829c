// Field elements against OpenSSL's BIGNUM: random values and the ones where carries and reductions turn.
#include "crypto/field.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <vector>

#include "base/seed.h"
#include "crypto/point.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::array_from_hex;
using test::hex;

using Number = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;
Number number(Bytes bytes) { return {BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free}; }
/// What `operation` leaves in its first argument, modulo p.
template <typename Operation>
std::string by_openssl(Operation operation) {
  const Number result(BN_new(), BN_free), p = number(kFieldPrime);
  BN_CTX* context = BN_CTX_new();
  EXPECT_EQ(operation(result.get(), p.get(), context), 1);
  BN_CTX_free(context);
  ByteArray<32> out;
  EXPECT_EQ(BN_bn2binpad(result.get(), out.data(), 32), 32);
  return hex(out);
}

std::vector<ByteArray<32>> sample_values(int random_count) {
  std::vector<ByteArray<32>> out;
  for (const char* text : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0000000000000000000000000000000000000000000000000000000000000001",
                           "0000000000000000000000000000000000000000000000000000000000000002",
                           "00000000000000000000000000000000000000000000000000000001000003d0",
                           "00000000000000000000000000000000000000000000000000000001000003d1",  // 2^256 - p
                           "0000000000000000000000000000000000000000000000010000000000000000",
                           "7fffffffffffffffffffffffffffffffffffffffffffffffffffffff7ffffe17",  // (p-1)/2
                           "8000000000000000000000000000000000000000000000000000000000000000",
                           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2d",
                           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e",  // p-1
                           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
                           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30",
                           "ffffffffffffffffffffffffffffffff00000000000000000000000000000000",
                           "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"})
    out.push_back(array_from_hex<32>(text));
  Random random = SeedTree(3).stream("field");
  for (int i = 0; i < random_count; ++i) out.push_back(test::random_array<32>(random));
  return out;
}

TEST(FieldElement, ArithmeticMatchesOpenSsl) {
  const auto values = sample_values(50);
  for (const auto& a : values) {
    const FieldElement x = FieldElement::from_bytes_reduce(a);
    ASSERT_EQ(hex(x.to_bytes()),
              by_openssl([&](BIGNUM* r, BIGNUM* p, BN_CTX* c) { return BN_nnmod(r, number(a).get(), p, c); }));
    ASSERT_EQ(x.parity(), x.to_bytes()[31] & 1u);
    for (const auto& b : values) {
      const FieldElement y = FieldElement::from_bytes_reduce(b);
      const Number m = number(a), n = number(b);
      ASSERT_EQ(hex((x + y).to_bytes()), by_openssl([&](BIGNUM* r, BIGNUM* p, BN_CTX* c) {
                  return BN_mod_add(r, m.get(), n.get(), p, c);
                }));
      ASSERT_EQ(hex((x - y).to_bytes()), by_openssl([&](BIGNUM* r, BIGNUM* p, BN_CTX* c) {
                  return BN_mod_sub(r, m.get(), n.get(), p, c);
                }));
      ASSERT_EQ(hex((x * y).to_bytes()), by_openssl([&](BIGNUM* r, BIGNUM* p, BN_CTX* c) {
                  return BN_mod_mul(r, m.get(), n.get(), p, c);
                }));
      ASSERT_EQ(FieldElement::select(1, x, y).to_bytes(), x.to_bytes());
      ASSERT_EQ(FieldElement::select(0, x, y).to_bytes(), y.to_bytes());
    }
  }
}

TEST(FieldElement, InversesAndSquaresMatchOpenSsl) {
  for (const auto& a : sample_values(300)) {
    const FieldElement x = FieldElement::from_bytes_reduce(a);
    const Number m = number(x.to_bytes()), p = number(kFieldPrime);
    BN_CTX* context = BN_CTX_new();
    EXPECT_EQ(x.is_square_vartime(), BN_kronecker(m.get(), p.get(), context) >= 0) << hex(a);
    EXPECT_TRUE((x * x).is_square_vartime());
    BN_CTX_free(context);
    const std::string inverse = BN_is_zero(m.get()) ? std::string(64, '0') : by_openssl([&](BIGNUM* r, BIGNUM* q, BN_CTX* c) {
      return BN_mod_inverse(r, m.get(), q, c) != nullptr;
    });
    EXPECT_EQ(hex(x.inverse_vartime().to_bytes()), inverse) << hex(a);
  }
}

// Lengths of all kinds on the way: the powers of two, and what is next to them.
TEST(FieldElement, InversesOfShortNumbers) {
  const FieldElement one = FieldElement::from_words({1});
  FieldElement power = one;
  for (int bit = 0; bit < 256; ++bit) {
    for (const FieldElement& x : {power, power + one, FieldElement() - power, power - one}) {
      const auto product = (x * x.inverse_vartime()).to_bytes();
      EXPECT_TRUE(product == one.to_bytes() || x.to_bytes() == FieldElement().to_bytes()) << bit;
    }
    EXPECT_TRUE(power.is_square_vartime()) << "2 is a square modulo p";
    EXPECT_FALSE((FieldElement() - power).is_square_vartime()) << "-1 is none";
    power = power + power;
  }
}

TEST(FieldElement, WipesItsMemory) {
  alignas(FieldElement) ByteArray<sizeof(FieldElement)> storage{};
  FieldElement* element = new (storage.data()) FieldElement(FieldElement::from_words({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_NE(storage, ByteArray<sizeof(FieldElement)>{});
  element->~FieldElement();
  EXPECT_EQ(storage, ByteArray<sizeof(FieldElement)>{});
}

}  // namespace
}  // namespace touchstone::crypto
