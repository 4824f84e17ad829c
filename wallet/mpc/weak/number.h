// Integers for protocols that are weak on purpose and for those who break them: exact, of any size, neither constant-time nor
// wiped. Only for the host.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include "base/bytes.h"
#include "base/seed.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"

namespace touchstone::mpc::weak {

/// Without expression templates: an expression of them is an Integer.
using Integer = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;

/// The order of secp256k1.
const Integer& order();
/// a modulo m, in [0, m).
Integer modulo(const Integer& a, const Integer& m);
/// 1/a modulo m. Throws std::domain_error if there is none.
Integer inverse(const Integer& a, const Integer& m);

Integer integer(const ByteArray<32>& big_endian);
Integer integer(const crypto::Scalar& s);
/// Of an integer modulo the order.
crypto::Scalar scalar(const Integer& a);

/// Uniform in [0, bound).
Integer draw(Random& random, const Integer& bound);
/// A prime of exactly so many bits.
Integer draw_prime(Random& random, unsigned bits);

}  // namespace touchstone::mpc::weak
