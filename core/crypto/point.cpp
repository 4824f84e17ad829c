#include "crypto/point.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone::crypto {
namespace {

// SEC 2, section 2.4.1.
constexpr Point kGenerator = {
    {0x79, 0xbe, 0x66, 0x7e, 0xf9, 0xdc, 0xbb, 0xac, 0x55, 0xa0, 0x62, 0x95, 0xce, 0x87, 0x0b, 0x07,
     0x02, 0x9b, 0xfc, 0xdb, 0x2d, 0xce, 0x28, 0xd9, 0x59, 0xf2, 0x81, 0x5b, 0x16, 0xf8, 0x17, 0x98},
    {0x48, 0x3a, 0xda, 0x77, 0x26, 0xa3, 0xc4, 0x65, 0x5d, 0xa4, 0xfb, 0xfc, 0x0e, 0x11, 0x08, 0xa8,
     0xfd, 0x17, 0xb4, 0x48, 0xa6, 0x85, 0x54, 0x19, 0x9c, 0x47, 0xd0, 0x8f, 0xfb, 0x10, 0xd4, 0xb8},
    false};

}  // namespace

const Point& generator() { return kGenerator; }

Point negate(const Point& point) {
  if (point.infinity) return point;
  Point out = point;  // no point of secp256k1 has y = 0, so p - y stays below p
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int t = kFieldPrime[i] - point.y[i] - borrow;
    out.y[i] = static_cast<std::uint8_t>(t);
    borrow = t < 0;
  }
  return out;
}

Point negate_if(bool condition, const Point& point) { return condition ? negate(point) : point; }

bool equal(const Point& a, const Point& b) {
  if (a.infinity || b.infinity) return a.infinity == b.infinity;
  return a.x == b.x && a.y == b.y;
}

CompressedPoint compress(const Point& point) {
  TS_CHECK(!point.infinity, "infinity has no compressed form");
  CompressedPoint out;
  out[0] = point.has_even_y() ? 2 : 3;
  std::copy(point.x.begin(), point.x.end(), out.begin() + 1);
  return out;
}

CompressedPoint compress_or_zero(const Point& point) { return point.infinity ? CompressedPoint{} : compress(point); }

Result<Point> decompress(Curve& curve, Bytes untrusted_bytes33) {
  if (untrusted_bytes33.size() != 33 || (untrusted_bytes33[0] != 2 && untrusted_bytes33[0] != 3)) {
    return Error{ErrorCode::kBadFormat, "not a compressed point"};
  }
  ByteArray<32> x;
  std::copy(untrusted_bytes33.begin() + 1, untrusted_bytes33.end(), x.begin());
  Result<Point> even = curve.lift_x(x);
  if (!even) return even.error();
  return negate_if(untrusted_bytes33[0] == 3, *even);
}

Result<Point> decompress_or_infinity(Curve& curve, Bytes untrusted_bytes33) {
  const auto is_zero = [](std::uint8_t b) { return b == 0; };
  if (untrusted_bytes33.size() == 33 && std::all_of(untrusted_bytes33.begin(), untrusted_bytes33.end(), is_zero))
    return Point{};
  return decompress(curve, untrusted_bytes33);
}

}  // namespace touchstone::crypto
