// The border to secp256k1 point arithmetic: protocols ask a Curve, the host answers with libsecp256k1 (core/curve_host),
// the card with its accelerator (firmware/port). Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/scalar.h"

namespace touchstone::crypto {

/// Affine point, coordinates 32 bytes big-endian. At infinity x and y are zero.
struct Point {
  ByteArray<32> x{};
  ByteArray<32> y{};
  bool infinity = true;
  bool has_even_y() const { return (y[31] & 1) == 0; }
};

class Curve {
 public:
  virtual ~Curve() = default;
  /// k*P. Constant time in k; P is public. k = 0 or P at infinity gives infinity. Errors: kNotOnCurve, kDevice.
  virtual Result<Point> multiply(const Scalar& k, const Point& p) = 0;
  /// k*P of public k and P, in whatever time it takes: where this is faster than multiply(), a secret k would leak.
  /// Errors: as multiply().
  virtual Result<Point> multiply_vartime(const Scalar& k, const Point& p) { return multiply(k, p); }
  /// k*G. Constant time in k. Errors: kDevice.
  virtual Result<Point> multiply_base(const Scalar& k) = 0;
  /// P+Q, any points, equal and opposite ones too. Public data. Errors: kNotOnCurve, kDevice.
  virtual Result<Point> add(const Point& p, const Point& q) = 0;
  /// BIP340 lift_x: the point with this x and even y. Errors: kNotOnCurve (x >= p or no such point), kDevice.
  virtual Result<Point> lift_x(const ByteArray<32>& x) = 0;
};

}  // namespace touchstone::crypto
