// Shared by scalar.cpp and field.cpp: what may take a time of its own because its operand is public. Not for users.
#pragma once

#include "crypto/limbs.h"

namespace touchstone::crypto {

/// 1/a modulo an odd prime m, and 0 for 0; a < m. Kaliski's almost inverse ("The Montgomery inverse and its
/// applications", IEEE Transactions on Computers 44, 1995), divided by its power of two.
Limbs inverse_vartime(const Limbs& a, const Limbs& m);

/// Whether a is a square modulo an odd prime m; a < m, 0 is one. Jacobi's symbol in binary (Cohen, A Course in
/// Computational Algebraic Number Theory, algorithm 1.4.10).
bool is_square_vartime(const Limbs& a, const Limbs& m);

}  // namespace touchstone::crypto
