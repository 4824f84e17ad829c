// LLL over the integers (Lenstra, Lenstra, Lovasz 1982; all-integer form: Cohen, "A Course in Computational Algebraic Number
// Theory", 2.6.7): exact, for the few dimensions that an attack on nonces needs.
#pragma once

#include <vector>

#include "mpc_weak/number.h"

namespace touchstone::mpc::weak {

using Row = std::vector<Integer>;
/// Replaces linearly independent rows by a reduced basis of the same lattice, delta = 3/4.
void reduce_lattice(std::vector<Row>& basis);

}  // namespace touchstone::mpc::weak
