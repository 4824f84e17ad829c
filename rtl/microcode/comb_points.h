// The fixed points of the accelerator's comb (secp_comb.sv), worked out with libsecp256k1.
#pragma once

#include <string>

#include "schedule.h"

namespace touchstone::rtl::microcode {

struct HexPoint {
  std::string x, y;  ///< 64 hexadecimal digits
};

struct CombPoints {
  HexPoint start;      ///< 2^-d (1 + lambda) G / 2 for a tooth distance d
  HexPoint entry[16];  ///< (2^4d + sum over bits j of +-2^jd) G / 2; plus where bit j of the index is 1
};
CombPoints comb_points(Target::Style style);

}  // namespace touchstone::rtl::microcode
