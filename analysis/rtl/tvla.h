// Test vector leakage assessment of the accelerator in simulation: Welch's t-test, fixed against random, on the Hamming distance of
// the core's whole state in every clock cycle (Goodwill et al., NIAT 2011; ISO/IEC 17825).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/registers.h"
#include "rtl/secp_variants.h"

namespace touchstone::rtl_tools {

/// Exact integer sums, so that shards add up to the same whatever their order.
struct Sums {
  std::uint64_t n = 0;
  std::vector<std::uint64_t> sum, sum_of_squares;  // by point
  void add(const std::vector<std::uint32_t>& trace);
  Sums& operator+=(const Sums& other);
};
/// Two halves of the traces, each with a fixed and a random class.
struct Accumulated {
  Sums half[2][2];
  Accumulated& operator+=(const Accumulated& other);
};

struct Experiment {
  rtl::Variant variant{};
  contract::secp::Op op = contract::secp::Op::kMul;
  enum class What { kScalar, kPoint } what = What::kScalar;  ///< what is fixed in one class and random in the other
  bool random_off = false;                                   ///< the control: masks from a source that gives the same words every time
  std::uint64_t seed = 1;
  std::string name() const;
};

/// Which block every point belongs to, and whether it counts: operand load, input check and public output do not.
struct PointInfo {
  const char* block;
  bool counts;
};

class Tvla {
 public:
  explicit Tvla(const Experiment& experiment);
  std::size_t points() const { return points_.size(); }
  const std::vector<PointInfo>& point_infos() const { return points_; }
  /// Trace number `index` depends on seed and index alone.
  void collect(std::uint64_t index, Accumulated& into);

 private:
  std::vector<std::uint32_t> trace(std::uint64_t index, bool fixed);
  Experiment experiment_;
  std::vector<PointInfo> points_;
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
};
Verdict judge(const Accumulated& sums, const std::vector<PointInfo>& points);

}  // namespace touchstone::rtl_tools
