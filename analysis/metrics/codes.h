// Figures of binary codes, and what a secret made from them is worth in bits.
#pragma once

#include <array>
#include <cstdint>

#include "metrics/rate.h"

namespace touchstone::metrics {

/// Fractions of differing bits, counted in bins of 1 %: bin b holds [b, b + 1) percent, the last one 100 % too.
class BitErrorHistogram {
 public:
  static constexpr std::size_t kBins = 100;
  void add(double fraction);
  const std::array<std::uint64_t, kBins>& bins() const { return bins_; }
  std::uint64_t count() const { return count_; }
  double mean() const;
  double variance() const;
  /// Degrees of freedom p(1 - p) / variance of impostor fractions: the number of independent fair (mean p) bits whose
  /// differences would scatter as much (Daugman 2003, "The importance of being random"). 0 without scatter.
  double degrees_of_freedom() const;

 private:
  std::array<std::uint64_t, kBins> bins_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

/// Worth of a secret against one who holds the public record and tries other fingers, in bits.
struct Bits {
  double average = 0;  ///< b_avg = -log2 of the upper end of FMR's 95 % interval
  double weak = 0;     ///< b_weak = -log2 of the 95th percentile of the fingers' own FMR
};
/// `fmr` with its 95 % interval; `lamb_p95` the fingers' own FMR at the 95th percentile and `tries_a_finger` behind one: where
/// it is 0 the rule of 3 stands for it.
Bits bits(const Rate& fmr, const Interval& interval_95, double lamb_p95, std::uint64_t tries_a_finger);

}  // namespace touchstone::metrics
