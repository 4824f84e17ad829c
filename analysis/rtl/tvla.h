// Test vector leakage assessment of the accelerator in simulation: Welch's t-test, fixed against random, on the Hamming distance of
// the core's whole state in every clock cycle (Goodwill et al., NIAT 2011; ISO/IEC 17825).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "contract/registers.h"
#include "core.h"
#include "rtl/secp_variants.h"

namespace touchstone::rtl_tools {

using Trace = std::vector<std::uint32_t>;

/// Sums of d, d^2, d^3 and d^4 by point, d being the distance from a reference trace: exact integers, so that shards add up to the same
/// whatever their order. Throws std::overflow_error rather than lose a bit (from some 10^8 traces of this core on).
struct Sums {
  std::uint64_t n = 0;
  std::array<std::vector<std::int64_t>, 4> power;
  void add(const Trace& trace, const Trace& reference);
  Sums& operator+=(const Sums& other);
};
/// Welch's t of the means, and of the variances (second order: of (x - mean)^2; Schneider and Moradi, CHES 2015). 0 where a class has
/// less than two traces, or where nothing varies and nothing differs; infinite where two constants differ.
double welch(const Sums& a, const Sums& b, std::size_t point);
double welch_second_order(const Sums& a, const Sums& b, std::size_t point);

/// Two halves of the traces, each with a fixed and a random class.
struct Accumulated {
  std::array<std::array<Sums, 2>, 2> half;
  Accumulated& operator+=(const Accumulated& other);
};

/// The operations with a secret input, by the names of `touchstone rtl bench`.
struct Assessed {
  contract::secp::Op op;
  const char* name;
};
inline constexpr Assessed kAssessed[] = {
    {contract::secp::Op::kMul, "k_p"},          {contract::secp::Op::kMulBase, "k_g"},  {contract::secp::Op::kMulAdd, "mul_add"},
    {contract::secp::Op::kAddN, "add_mod_n"},   {contract::secp::Op::kMulN, "mul_mod_n"}, {contract::secp::Op::kInvN, "inverse_mod_n"},
    {contract::secp::Op::kSignN, "sign_mod_n"}};

/// Fourth powers of what a trace may differ by then fit 64 bits.
inline constexpr std::uint32_t kMaxWeight = 3;

struct Experiment {
  rtl::Variant variant{};
  contract::secp::Op op = contract::secp::Op::kMul;
  enum class What { kScalar, kPoint } what = What::kScalar;  ///< what is fixed in one class and random in the other
  bool random_off = false;                                   ///< the control: masks from a source that gives the same words every time
  std::uint64_t seed = 1;
  rtl::Weights weights = rtl::kEqualWeights;  ///< each at most kMaxWeight
  const char* operation() const;
  std::string name() const;
  std::string slug() const;  ///< the name as a file's
  /// Whether it must fail: a core that is weak on purpose, or one robbed of its masks.
  bool is_control() const { return variant.style != 1 || random_off; }
};

/// Which block every point belongs to, and whether it counts: operand load, input check and public output do not.
struct PointInfo {
  const char* block;
  bool counts;
  int address;  ///< in the microcode ROM (secp_microcode.sv)
};

class Tvla {
 public:
  explicit Tvla(const Experiment& experiment);
  const Experiment& experiment() const { return experiment_; }
  const std::vector<PointInfo>& point_infos() const { return points_; }
  /// SHA-256 of the reference trace, in hex: another core, seed or operation gives another one.
  std::string fingerprint() const;
  /// Trace number `index` depends on seed and index alone.
  void collect(std::uint64_t index, Accumulated& into);

 private:
  Trace trace(std::uint64_t index, bool fixed);

  Experiment experiment_;
  SeedTree seeds_;
  Core core_;
  Number fixed_scalar_{}, fixed_other_{};
  Affine fixed_point_;
  std::vector<PointInfo> points_;
  Trace reference_;
};

struct Verdict {
  std::uint64_t traces = 0;
  std::size_t points = 0;  ///< that count
  double threshold = 0;    ///< |t| for a family-wise alpha of 1 %, two-sided, Bonferroni
  double max_abs_t = 0;    ///< of the first half, over the points that count
  struct Leak {
    std::size_t cycle;
    double t_first, t_second;
  };
  std::vector<Leak> confirmed;  ///< beyond the threshold in both halves, in the same direction
  std::vector<double> t;        ///< of all traces, by cycle
  double second_order_max_abs_t = 0;  ///< of all traces, over the points that count; for information
  std::size_t second_order_points = 0;  ///< that lie beyond the threshold
};
Verdict judge(const Accumulated& sums, const std::vector<PointInfo>& points);

}  // namespace touchstone::rtl_tools
