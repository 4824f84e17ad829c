// The map to the curve: answers computed apart from it, and the definition of RFC 9380 by OpenSSL's BIGNUM.
#include "crypto/map_to_curve.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <array>
#include <memory>
#include <vector>

#include "base/seed.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::array_from_hex;
using test::hex;

/// Counts what it is asked.
struct CountingCurve final : HostCurve {
  Result<Point> lift_x(const ByteArray<32>& x) override {
    ++lifts;
    auto out = HostCurve::lift_x(x);
    failures += out ? 0 : 1;
    return out;
  }
  int lifts = 0, failures = 0;
};

ByteArray<kMapRandomBytes> blinding(Random& random) { return test::random_array<kMapRandomBytes>(random); }

/// The first of two; the second is another number's.
Result<Point> map_vartime(Curve& curve, const FieldElement& u, const FieldElement& beside) {
  std::array<Point, 2> out, swapped;
  TS_RETURN_IF_ERROR(map_two_to_curve_vartime(curve, {u, beside}, out));
  TS_RETURN_IF_ERROR(map_two_to_curve_vartime(curve, {beside, u}, swapped));
  EXPECT_TRUE(equal(out[0], swapped[1]) && equal(out[1], swapped[0]));
  return out[0];
}

struct Known {
  const char *u, *x, *y;
};
// By a program of a few lines after section 6.6.1 of the RFC in Python's integers, with powers for inverses, squares and
// roots. u: 0, small ones, -1, -2; the two where 1 - 8u^2 is zero, which inv0 takes care of; two for each candidate.
constexpr Known kKnown[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa9fffffd6b",
     "c53feaaf97e7afc69f97550f3c0dbebb65d986a99677cc2b7f3fc23998749460"},
    {"0000000000000000000000000000000000000000000000000000000000000001",
     "eb1a1f58d0fac687d6343eb1a1f58d0fac687d6343eb1a1f58d0fac59cbc1154",
     "fd98c650caddf06f060779596b07e0d49b94a31ef63d46cb1726230bb0a9fe7d"},
    {"0000000000000000000000000000000000000000000000000000000000000002",
     "8e1f8658cf86606ce49b0fa8ae95a7c9ac0dec0bdbcf6b918d561c89a7f4ae19",
     "8a4768cc7776082ac3611b64a2461da1f76a3bb47a59aff93ea90f74aa7dbdb6"},
    {"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e",
     "eb1a1f58d0fac687d6343eb1a1f58d0fac687d6343eb1a1f58d0fac59cbc1154",
     "026739af35220f90f9f886a694f81f2b646b5ce109c2b934e8d9dcf34f55fdb2"},
    {"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2d",
     "71e079a730799f931b64f057516a583653f213f42430946e72a9e375580b4e15",
     "bccae5d65607a17f5dd70cc39608d1efee3dc03f28bded9257b4df175cdced0f"},
    {"c8431e415cd8c8d66c7b6d0c0b045f6284c9951a4b0ffbadf78ea1aa4fced221",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "bde70df51939b94c9c24979fa7dd04ebd9b3572da7802290438af2a681895441"},
    {"37bce1bea3273729938492f3f4fba09d7b366ae5b4f0045208715e54b0312a0e",
     "0000000000000000000000000000000000000000000000000000000000000001",
     "4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee"},
    {"fbace645e5bdd45c4c90f4783c91c1419304b041ff3d5a63756530da637834db",
     "f30f50fdba3a3bfc7c44917d43eaad54db2670717b51dc33db58ad366f6a533d",
     "f85d586e54c87cf2179374a642488aaa79b79dcfaebee7b79c9a6bbfa7e54977"},
    {"ed7433cef9c4bfd63ec2a5d06891913ace9bbe6cb3b5e789714ccbfd6dac397f",
     "9461d61c1031ff92c2aa3bb0a25d3d2e66fc9b57e29e0a241b303a1e00422c2a",
     "6fc8fa757e379f18ea69e6f755fd5a5f44bb97a0ec04c4ebc78f6877ef6cee53"},
    {"359ddb8bcecd771d00edade609bfc5dba420aeaefb7db4ebb204e6aec275e9c9",
     "b711cef55c74c532b4ceb6e599a2ef6b72e22d4a0997954399366a2f7bdb79fe",
     "57c761ad9ede7ef9c6a2d3be59b42413f2206aa1d35c338a2bcd7f67dda66b0f"},
};

TEST(MapToCurve, KnownAnswers) {
  HostCurve curve;
  Random random = SeedTree(1).stream("map");
  for (const Known& known : kKnown) {
    SCOPED_TRACE(known.u);
    const auto u = FieldElement::from_bytes_reduce(array_from_hex<32>(known.u));
    Point vartime;
    for (const Known& beside : kKnown) {
      vartime = *map_vartime(curve, u, FieldElement::from_bytes_reduce(array_from_hex<32>(beside.u)));
      EXPECT_EQ(hex(vartime.x), known.x);
      EXPECT_EQ(hex(vartime.y), known.y);
    }
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(equal(*map_to_curve(curve, u, blinding(random)), vartime));
  }
}

/// Section 6.6.1 as the RFC says what the map is, not how to compute it: x1, x2 and x3 with their divisions.
class Definition {
 public:
  Definition() {
    BN_bin2bn(kFieldPrime.data(), 32, p_);
    BN_one(one_);
    set_word(seven_, 7);
    set_word(minus_24_, 24);
    BN_sub(minus_24_, p_, minus_24_);
    BN_mod_sqrt(root_, minus_24_, p_, context_);  // of -g(Z) * 3 * Z^2
    if (BN_is_odd(root_)) BN_sub(root_, p_, root_);
  }
  ~Definition() {
    for (BIGNUM* n : {p_, one_, seven_, minus_24_, root_}) BN_free(n);
    BN_CTX_free(context_);
  }
  /// x and y; the candidate, from 1, in `which`.
  std::pair<std::string, std::string> map(const ByteArray<32>& bytes, int& which) {
    BN_CTX_start(context_);
    BIGNUM *u = get(), *t = get(), *plus = get(), *minus = get(), *half = get(), *shift = get(), *y = get(), *w = get();
    std::array<BIGNUM*, 3> x = {get(), get(), get()};
    BN_bin2bn(bytes.data(), 32, u);
    BN_mod_sqr(t, u, p_, context_);
    BN_mul_word(t, 8);  // u^2 * g(Z)
    BN_mod_add(plus, one_, t, p_, context_);
    BN_mod_sub(minus, one_, t, p_, context_);
    // -Z/2 -+ u * root / (1 + u^2 g(Z)); Z - 4 g(Z) / (3 Z^2) * ((1 + u^2 g(Z)) / (1 - u^2 g(Z)))^2.
    BN_sub(half, p_, one_);
    BN_rshift1(half, half);
    divide(shift, u, plus);
    BN_mod_mul(shift, shift, root_, p_, context_);
    BN_mod_sub(x[0], half, shift, p_, context_);
    BN_mod_add(x[1], half, shift, p_, context_);
    divide(w, plus, minus);
    BN_mod_sqr(w, w, p_, context_);
    BN_mul_word(w, 32);
    set_word(t, 3);
    divide(w, w, t);
    BN_mod_sub(x[2], one_, w, p_, context_);
    for (which = 1; which <= 3; ++which) {
      BN_mod_sqr(t, x[which - 1], p_, context_);
      BN_mod_mul(t, t, x[which - 1], p_, context_);
      BN_mod_add(t, t, seven_, p_, context_);
      if (BN_kronecker(t, p_, context_) == 1) break;
    }
    BN_mod_sqrt(y, t, p_, context_);
    if (BN_is_odd(y) != BN_is_odd(u)) BN_sub(y, p_, y);
    const auto out = std::pair(to_hex(x[which - 1]), to_hex(y));
    BN_CTX_end(context_);
    return out;
  }

 private:
  BIGNUM* get() { return BN_CTX_get(context_); }
  static void set_word(BIGNUM* n, BN_ULONG word) { BN_set_word(n, word); }
  void divide(BIGNUM* out, BIGNUM* a, BIGNUM* b) {
    BIGNUM* inverse = BN_CTX_get(context_);
    ASSERT_NE(BN_mod_inverse(inverse, b, p_, context_), nullptr);
    BN_mod_mul(out, a, inverse, p_, context_);
  }
  static std::string to_hex(const BIGNUM* n) {
    ByteArray<32> out;
    BN_bn2binpad(n, out.data(), 32);
    return hex(out);
  }
  BN_CTX* context_ = BN_CTX_new();
  BIGNUM *p_ = BN_new(), *one_ = BN_new(), *seven_ = BN_new(), *minus_24_ = BN_new(), *root_ = BN_new();
};

TEST(MapToCurve, IsWhatTheRfcDefines) {
  CountingCurve curve;
  Definition definition;
  Random random = SeedTree(2).stream("map");
  std::array<int, 4> chosen{};
  for (int i = 0; i < 400; ++i) {
    const auto u = FieldElement::from_bytes_reduce(test::random_array<32>(random));
    int which = 0;
    const auto [x, y] = definition.map(u.to_bytes(), which);
    ++chosen[static_cast<std::size_t>(which)];
    const Point point = *map_vartime(curve, u, FieldElement::from_bytes_reduce(test::random_array<32>(random)));
    ASSERT_EQ(hex(point.x), x);
    ASSERT_EQ(hex(point.y), y);
    // Whatever the candidate, the curve is asked once for a point that is there.
    curve.lifts = curve.failures = 0;
    ASSERT_TRUE(equal(*map_to_curve(curve, u, blinding(random)), point));
    ASSERT_EQ(curve.lifts, 1);
    ASSERT_EQ(curve.failures, 0);
  }
  EXPECT_EQ(chosen[0], 0);
  for (std::size_t i = 1; i <= 3; ++i) EXPECT_GT(chosen[i], i == 1 ? 150 : 60) << i;
}

TEST(MapToCurve, ErrorsOfTheDevicePass) {
  struct Broken final : HostCurve {
    Result<Point> lift_x(const ByteArray<32>&) override { return Error{code, "broken"}; }
    ErrorCode code = ErrorCode::kDevice;
  } curve;
  Random random = SeedTree(3).stream("map");
  const auto u = FieldElement::from_bytes_reduce(test::random_array<32>(random));
  for (const ErrorCode code : {ErrorCode::kDevice, ErrorCode::kNotOnCurve}) {
    curve.code = code;
    EXPECT_EQ(map_to_curve(curve, u, blinding(random)).error().code, ErrorCode::kDevice);
    EXPECT_EQ(map_vartime(curve, u, u).error().code, ErrorCode::kDevice);
  }
}

}  // namespace
}  // namespace touchstone::crypto
