// A map from the field to secp256k1 that takes one attempt, for hashing to the curve: Shallue and van de Woestijne's, as
// RFC 9380, section 6.6.1, with Z = 1 (its section H.1 gives this Z). Freestanding.
//
// Of three candidates for x one at least is a point's. Hashed bytes as field element make it the encode_to_curve of the
// RFC but for its hash to the field: the points are not uniform (half of all are reached), and nobody knows their
// logarithms. The time must not tell which of several known field elements was mapped: so the first form branches on
// nothing but uniform numbers that hide it.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/field.h"

namespace touchstone::crypto {

inline constexpr std::size_t kMapRandomBytes = 97;

/// Constant time in u, which may be secret: every inversion and every test for a square is of u's value times a random
/// one, and the Curve is asked once, for a point that exists. `random`: fresh, uniform, secret. Errors: kDevice.
Result<Point> map_to_curve(Curve& curve, const FieldElement& u, const ByteArray<kMapRandomBytes>& random);

/// The same points for two public u, in less time: one inversion for both, and candidates tried in turn. Errors: kDevice.
Status map_two_to_curve_vartime(Curve& curve, const std::array<FieldElement, 2>& u, std::array<Point, 2>& out);

}  // namespace touchstone::crypto
