// EnergyTable: what every part of the card draws, as energy.jsonc says. A module of its own: who only reads it needs no SystemC.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace touchstone::models {

/// What energy.jsonc says.
struct EnergyTable {
  struct Part {
    double supply_v = 0;
    std::string initial;                          ///< state before the first EnergyPort::state()
    std::map<std::string, double, std::less<>> state_ua;  ///< current of a state, microampere
    std::map<std::string, double, std::less<>> pulse_nc;  ///< charge of a pulse, nanocoulomb
  };
  std::map<std::string, Part, std::less<>> parts;

  /// JSON with comments; every figure needs its source text.
  static Result<EnergyTable> parse(std::string_view jsonc);
  /// models/power/energy.jsonc as it was when the program was built.
  static const EnergyTable& built_in();
};

}  // namespace touchstone::models
