// The accelerator's programs as blocks of field operations.
#pragma once

#include <vector>

#include "schedule.h"

namespace touchstone::rtl::microcode {

/// In ROM order; the first block runs out of reset. The entries are the labels in kEntries, by the value of OP.
std::vector<Block> programs(const Target& target);
inline constexpr const char* kEntries[] = {"mul", "mul_base", "add", "lift_x", "mul_add", "check", "add_n", "mul_n", "inv_n", "sign_n"};

/// What the recoding of a scalar's halves and the comb's points depend on.
inline constexpr int windows(Target::Style style) { return style == Target::Style::kProtected ? 49 : 33; }
inline constexpr int comb_spacing(Target::Style style) { return style == Target::Style::kProtected ? 39 : 26; }

}  // namespace touchstone::rtl::microcode
