// The accelerator's programs as blocks of field operations.
#pragma once

#include <vector>

#include "schedule.h"

namespace touchstone::rtl::microcode {

/// In ROM order; the first block runs out of reset. The entries are the labels in kEntries, by the value of OP.
std::vector<Block> programs(const Target& target);
inline constexpr const char* kEntries[] = {"mul", "mul_base", "add", "lift_x", "mul_add", "check", "add_n", "mul_n", "inv_n", "sign_n"};

/// Registers with a meaning beyond one block; those of the programs' own follow.
enum Register : int {
  kPx, kPy, kQx, kQy,  // written over the bus
  kRx, kRy,            // read over the bus
  kX, kY, kZ,          // projective result
  kBx, kBy, kBz,       // base point of a multiplication
  kOwnRegisters
};

/// What the recoding of a scalar's halves and the comb's points depend on: digits of a half in windows, distance of a comb's teeth.
inline constexpr int windows(Target::Style style) { return style == Target::Style::kProtected ? 49 : 33; }
inline constexpr int comb_spacing(Target::Style style) { return style == Target::Style::kProtected ? 39 : 26; }

}  // namespace touchstone::rtl::microcode
