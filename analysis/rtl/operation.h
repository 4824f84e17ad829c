// One call of the accelerator with all that it depends on, drawn at random; and what it must answer.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "reference.h"

namespace touchstone::rtl_tools {

/// Names as `touchstone rtl bench` has them, and what the registers' documentation says (core/contract/card.jsonc).
struct OpInfo {
  contract::secp::Op op;
  const char* name;
  int scalars;   ///< slots read: A, or A and B
  bool nonzero;  ///< a scalar of 0 is refused
  int points;    ///< that must be on the curve: P, or P and Q
  bool gives_point;
  bool writes_slot;  ///< D
  bool masked;       ///< waits for the random source, in a protected core
  bool wipes_b;      ///< without KEEP; A is wiped by all that take a scalar
};
inline constexpr OpInfo kOps[] = {{contract::secp::Op::kMul, "k_p", 1, false, 1, true, false, true, false},
                                  {contract::secp::Op::kMulBase, "k_g", 1, false, 0, true, false, true, false},
                                  {contract::secp::Op::kMulAdd, "mul_add", 2, false, 2, true, false, true, true},
                                  {contract::secp::Op::kAdd, "point_add", 0, false, 2, true, false, false, false},
                                  {contract::secp::Op::kLiftX, "lift_x", 0, false, 0, true, false, false, false},
                                  {contract::secp::Op::kCheck, "check", 0, false, 1, false, false, false, false},
                                  {contract::secp::Op::kAddN, "add_mod_n", 2, false, 0, false, true, true, true},
                                  {contract::secp::Op::kMulN, "mul_mod_n", 2, false, 0, false, true, true, true},
                                  {contract::secp::Op::kInvN, "inverse_mod_n", 1, true, 0, false, true, true, true},
                                  {contract::secp::Op::kSignN, "sign_mod_n", 2, true, 0, false, false, true, true}};
const OpInfo& info(contract::secp::Op op);

enum class PointKind {
  kRandom,
  kSmallMultiple,  // of G; the rest is no point
  kXAbovePrime,
  kYAbovePrime,
  kOffCurve,
  kTwist,
  kSwapped,
  kBothZero,
  kOneZero,
  kAllOnes,
  kRandomCoordinates
};
inline constexpr const char* kPointKinds[] = {
    "random",  "small multiple", "x >= p",   "y >= p",   "off curve",         "twist",
    "swapped", "both zero",      "one zero", "all ones", "random coordinates"};
enum class Source { kFresh, kStuck, kSilent };
inline constexpr const char* kSources[] = {"fresh", "stuck", "silent"};

struct Operation {
  contract::secp::Op op{};
  std::array<Number, 4> slots{};
  std::uint32_t a = 0, b = 0, d = 0;  ///< slots read and written
  bool keep = false;
  Affine p, q;  ///< p.x is the public factor of sign_n
  PointKind p_kind{}, q_kind{};
  Source source = Source::kFresh;
  std::uint64_t entropy_seed = 0;

  const Number& scalar_a() const { return slots[a]; }
  const Number& scalar_b() const { return slots[b]; }
  /// The words of its random source.
  rtl::SecpModel::Entropy entropy() const;
  /// Every operand, a line each.
  std::string describe() const;
};

/// The `index`-th of the operations of `seed`, whatever else is drawn.
Operation draw(std::uint64_t seed, std::uint64_t index);

/// STATUS without DONE, RX and RY, and the four slots afterwards.
struct Outcome {
  std::uint32_t status = 0;
  Affine result;
  std::array<Number, 4> slots{};
  bool operator==(const Outcome&) const = default;
  std::string describe() const;
};

/// `needs_random`: of a core that masks.
Outcome expect(Reference& reference, const Operation& operation, bool needs_random);

std::string hex(const Number& number);

}  // namespace touchstone::rtl_tools
