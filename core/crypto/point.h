// Encodings of points and the few field operations that the card does without its accelerator. Freestanding. Points are
// public: nothing here is constant time.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace touchstone::crypto {

/// The field prime p = 2^256 - 2^32 - 977, big-endian.
inline constexpr ByteArray<32> kFieldPrime = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xfc, 0x2f};

/// Compressed encoding (SEC 1, 2.3.3): 02 or 03, then x.
using CompressedPoint = ByteArray<33>;
using XOnlyPoint = ByteArray<32>;

/// The generator G.
const Point& generator();

/// -P: y becomes p - y.
Point negate(const Point& point);
Point negate_if(bool negate, const Point& point);

bool equal(const Point& a, const Point& b);

/// The compressed form; the point must not be infinity.
CompressedPoint compress(const Point& point);
/// As compress, and 33 zero bytes for infinity ("cbytes_ext" of BIP327).
CompressedPoint compress_or_zero(const Point& point);

/// Parses 33 bytes. Errors: kBadFormat (size or first byte), kNotOnCurve, kDevice.
Result<Point> decompress(Curve& curve, Bytes untrusted_bytes33);
/// As decompress, and 33 zero bytes are infinity ("cpoint_ext" of BIP327).
Result<Point> decompress_or_infinity(Curve& curve, Bytes untrusted_bytes33);

}  // namespace touchstone::crypto
