// The accelerator in its other shapes, for measurements and comparisons; the card carries the protected core with a 64-bit digit.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "rtl/secp_model.h"

namespace touchstone::rtl {

struct Variant {
  const char* name;
  int digit_bits;
  int style;  ///< as in secp_pkg.sv: 0 unprotected, 1 protected, 2 double-and-add (weak on purpose)
};
inline constexpr Variant kVariants[] = {
    {"protected_64", 64, 1}, {"unprotected_64", 64, 0}, {"protected_32", 32, 1}, {"unprotected_32", 32, 0}, {"double_and_add_64", 64, 2}};

/// What counts how much when toggles are counted. The random generator's own state never does.
inline constexpr const char* kWatchedParts[] = {"registers", "halves", "table", "multiplier", "microcode"};
using Weights = std::array<std::uint32_t, std::size(kWatchedParts)>;
inline constexpr Weights kEqualWeights = {1, 1, 1, 1, 1};

/// A model whose registers can be watched, clock by clock.
class WatchedModel : public SecpModel {
 public:
  using SecpModel::SecpModel;
  /// Begins to count: the next toggles() refers to the state now.
  void watch(const Weights& weights = kEqualWeights);
  /// How many bits of the core's state have changed since the last call, each as often as its part weighs.
  std::uint32_t toggles();
  /// What no bus gives: a number of the register file, and a half of the recoded scalar as far as it has not been taken yet. For an
  /// evaluator who is told the masks.
  Words256 register_value(unsigned index);
  Words256 half(unsigned index);
};
std::unique_ptr<WatchedModel> make_variant(const Variant& variant);

}  // namespace touchstone::rtl
