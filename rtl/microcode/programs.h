// The accelerator's programs as blocks of field operations.
#pragma once

#include <string>
#include <vector>

#include "schedule.h"

namespace touchstone::rtl::microcode {

/// Registers with a meaning beyond one block; the first four are written over the bus. Temporaries lie above.
enum Register : int {
  kPx, kPy, kQx, kQy,
  kBx, kBy,          // base point of the multiplication
  kX, kY, kZ,        // projective result
  kA, kT,            // base and running value of an exponentiation
  kX2, kX3, kX22, kX44, kX88,  // a^(2^n - 1)
  kFirstTemporary,
};

/// In ROM order. The entries are the labels "mul", "mul_base", "add" and "lift_x".
std::vector<Block> programs();

}  // namespace touchstone::rtl::microcode
