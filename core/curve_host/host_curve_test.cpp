// The Curve of the host, and the point encodings on top of it.
#include "curve_host/host_curve.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/seed.h"
#include "crypto/bip340.h"
#include "crypto/point.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::array_from_hex;
using test::random_array;

Scalar random_scalar(Random& random) { return Scalar::from_bytes_reduce(random_array<32>(random)); }

TEST(HostCurve, MultiplicationIsLinear) {
  HostCurve curve;
  Random random = SeedTree(1).stream("curve");
  for (int i = 0; i < 50; ++i) {
    const Scalar a = random_scalar(random), b = random_scalar(random);
    const Point pa = *curve.multiply_base(a), pb = *curve.multiply_base(b);
    EXPECT_TRUE(equal(*curve.add(pa, pb), *curve.multiply_base(a + b)));
    EXPECT_TRUE(equal(*curve.multiply(b, pa), *curve.multiply_base(a * b)));
    EXPECT_TRUE(equal(*curve.multiply(b, generator()), pb));
  }
}

// The points and scalars of edges too: 0, 1, n - 1, what a window or the endomorphism splits.
TEST(HostCurve, BothMultiplicationsAgree) {
  HostCurve curve;
  Random random = SeedTree(6).stream("vartime");
  std::vector<Scalar> scalars = {Scalar(), Scalar::from_u32(1), Scalar::from_u32(2), Scalar::from_u32(16)};
  scalars.push_back(*Scalar::from_bytes(  // lambda of the endomorphism
      array_from_hex<32>("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72")));
  for (std::size_t bit = 31; bit < 256; bit += 32) {
    ByteArray<32> bytes{};
    bytes[31 - bit / 8] = 0x80;
    scalars.push_back(Scalar::from_bytes_reduce(bytes));
  }
  for (int i = 0; i < 50; ++i) scalars.push_back(random_scalar(random));
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    for (const Point& p : {generator(), negate(generator()), *curve.multiply_base(random_scalar(random))}) {
      for (const Scalar& k : {scalars[i], -scalars[i]})
        EXPECT_TRUE(equal(*curve.multiply_vartime(k, p), *curve.multiply(k, p))) << i;
    }
  }
  EXPECT_TRUE(curve.multiply_vartime(scalars[5], Point{})->infinity);
  Point bad = generator();
  bad.y[31] ^= 1;
  EXPECT_EQ(curve.multiply_vartime(scalars[0], bad).error().code, ErrorCode::kNotOnCurve);
}

TEST(HostCurve, HandlesInfinityEqualAndOppositePoints) {
  HostCurve curve;
  Random random = SeedTree(2).stream("edges");
  const Scalar a = random_scalar(random);
  const Point p = *curve.multiply_base(a);
  EXPECT_TRUE(curve.multiply_base(Scalar())->infinity);
  EXPECT_TRUE(curve.multiply(Scalar(), p)->infinity);
  EXPECT_TRUE(curve.multiply(a, Point{})->infinity);
  EXPECT_TRUE(equal(*curve.add(p, Point{}), p));
  EXPECT_TRUE(equal(*curve.add(Point{}, p), p));
  EXPECT_TRUE(curve.add(Point{}, Point{})->infinity);
  EXPECT_TRUE(curve.add(p, negate(p))->infinity);
  EXPECT_TRUE(equal(*curve.add(p, p), *curve.multiply_base(a + a)));
  EXPECT_TRUE(equal(negate(p), *curve.multiply_base(-a)));
  EXPECT_TRUE(negate(Point{}).infinity);
}

TEST(HostCurve, RefusesPointsOffTheCurve) {
  HostCurve curve;
  Point bad = generator();
  bad.y[31] ^= 1;
  const Scalar two = Scalar::from_u32(2);
  EXPECT_EQ(curve.multiply(two, bad).error().code, ErrorCode::kNotOnCurve);
  EXPECT_EQ(curve.add(generator(), bad).error().code, ErrorCode::kNotOnCurve);
  EXPECT_EQ(curve.add(bad, Point{}).error().code, ErrorCode::kNotOnCurve);
  EXPECT_EQ(curve.lift_x(kFieldPrime).error().code, ErrorCode::kNotOnCurve);
  EXPECT_EQ(curve.lift_x(array_from_hex<32>(std::string(64, 'f'))).error().code, ErrorCode::kNotOnCurve);
  EXPECT_EQ(curve.lift_x({}).error().code, ErrorCode::kNotOnCurve);  // 7 is no square
}

TEST(PointEncoding, RoundTripsBothParities) {
  HostCurve curve;
  Random random = SeedTree(3).stream("encoding");
  int odd = 0;
  for (int i = 0; i < 40; ++i) {
    const Point p = *curve.multiply_base(random_scalar(random));
    odd += p.has_even_y() ? 0 : 1;
    EXPECT_TRUE(equal(*decompress(curve, compress(p)), p));
    EXPECT_TRUE(curve.lift_x(p.x)->has_even_y());
  }
  EXPECT_GT(odd, 5);
  EXPECT_LT(odd, 35);
}

TEST(PointEncoding, RefusesEverythingElse) {
  HostCurve curve;
  CompressedPoint bytes = compress(generator());
  for (int tag = 0; tag < 256; ++tag) {
    bytes[0] = static_cast<std::uint8_t>(tag);
    EXPECT_EQ(decompress(curve, bytes).ok(), tag == 2 || tag == 3) << tag;
  }
  bytes[0] = 2;
  EXPECT_EQ(decompress(curve, Bytes(bytes).first(32)).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(decompress(curve, CompressedPoint{}).error().code, ErrorCode::kBadFormat);
  EXPECT_TRUE(decompress_or_infinity(curve, CompressedPoint{})->infinity);
  EXPECT_EQ(compress_or_zero(Point{}), CompressedPoint{});
  EXPECT_DEATH((void)compress(Point{}), "infinity");
  EXPECT_FALSE(decompress_or_infinity(curve, Bytes(CompressedPoint{}).first(32)).ok());
}

TEST(Schnorr, SignsAndVerifiesAndRefusesChanges) {
  HostCurve curve;
  Random random = SeedTree(4).stream("schnorr");
  for (std::size_t size : {0u, 1u, 32u, 100u}) {
    const Scalar key = random_scalar(random);
    const Point public_key = *curve.multiply_base(key);
    auto message = test::random_bytes(random, size);
    auto signature = *schnorr_sign(key, message, random_array<32>(random));
    EXPECT_TRUE(schnorr_verify(public_key.x, message, signature).ok());
    for (std::size_t byte = 0; byte < 64; ++byte) {
      signature[byte] ^= 0x10;
      EXPECT_EQ(schnorr_verify(public_key.x, message, signature).error().code, ErrorCode::kBadSignature);
      signature[byte] ^= 0x10;
    }
    message.push_back(0);
    EXPECT_FALSE(schnorr_verify(public_key.x, message, signature).ok());
  }
  EXPECT_EQ(schnorr_sign(Scalar(), {}, ByteArray<32>{}).error().code, ErrorCode::kOutOfRange);
}

// Ours on the Curve border against libsecp256k1, any message length; each must take the other's signatures.
TEST(Bip340, AgreesWithLibsecp256k1) {
  HostCurve curve;
  Random random = SeedTree(5).stream("bip340");
  for (std::size_t size : {0u, 1u, 32u, 64u, 200u}) {
    const Scalar key = random_scalar(random);
    const auto message = test::random_bytes(random, size);
    Secret<32> aux;
    random.fill(aux.expose());
    const auto signature = bip340_sign(curve, key, message, aux);
    ASSERT_TRUE(signature);
    EXPECT_EQ(*signature, *schnorr_sign(key, message, aux.expose()));
    const XOnlyPoint public_key = *bip340_public_key(curve, key);
    EXPECT_TRUE(bip340_verify(curve, public_key, message, *signature));
    for (std::size_t byte = 0; byte < 64; byte += 7) {
      ByteArray<64> wrong = *signature;
      wrong[byte] ^= 0x10;
      EXPECT_EQ(bip340_verify(curve, public_key, message, wrong).error().code, ErrorCode::kBadSignature) << byte;
    }
  }
  EXPECT_EQ(bip340_sign(curve, Scalar(), {}, {}).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(bip340_verify(curve, kFieldPrime, {}, {}).error().code, ErrorCode::kNotOnCurve);
}

// A wrong result of the curve must not become a signature: it could reveal the key.
TEST(Bip340, AFaultInTheCurveGivesNoSignature) {
  struct Faulty : HostCurve {
    int until_fault = 0;
    Result<Point> multiply_base(const Scalar& k) override {
      return HostCurve::multiply_base(until_fault-- == 0 ? k + Scalar::from_u32(1) : k);
    }
  };
  for (int call = 0; call < 3; ++call) {  // key, nonce, verification
    Faulty curve;
    curve.until_fault = call;
    const ByteArray<32> message{1};
    EXPECT_EQ(bip340_sign(curve, Scalar::from_u32(77), message, {}).error().code, ErrorCode::kDevice) << call;
  }
}

}  // namespace
}  // namespace touchstone::crypto
