// How many values the signs can take at all: n hyperplanes through the origin of a d-dimensional space, in general position, cut it
// into 2 * (C(n-1, 0) + ... + C(n-1, d-1)) cells (Cover, IEEE Trans. Electron. Comput. EC-14:3, 1965). An offset with more public
// check bits than that has bits fixes the codeword alone. Freestanding.
#pragma once

namespace touchstone::codes {

/// log2 of the number of cells, in 1/256 bit, rounded down; 1 <= n <= 1024, d >= 1. Exact integers inside; n * 256 if d >= n, else a
/// few million cycles on the card. Nothing here is secret.
int log2_sign_patterns_q8(int n, int d);

}  // namespace touchstone::codes
