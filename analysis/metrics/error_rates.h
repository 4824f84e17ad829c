// Error rates of labelled scores at a threshold, over all thresholds and at the operating points of the field.
#pragma once

#include <optional>
#include <vector>

#include "metrics/rate.h"
#include "metrics/scores.h"

namespace touchstone::metrics {

/// One point of the detection error trade-off: what accepting every score >= threshold would err.
struct DetPoint {
  double threshold = 0;
  double fmr = 0;
  double fnmr = 0;
};

class ErrorRates {
 public:
  explicit ErrorRates(const ScoreSet& scores);

  /// False match rate: impostor comparisons accepted, of those that took place (ISO/IEC 19795-1).
  Rate fmr(double threshold) const;
  /// False non-match rate: genuine comparisons rejected, of those that took place (ISO/IEC 19795-1).
  Rate fnmr(double threshold) const;
  /// Generalised false accept and false reject rates (ISO/IEC 19795-1): failures to enrol and to acquire count, as a genuine
  /// attempt rejected and as an impostor attempt not accepted. Counted over the comparisons that should have taken place,
  /// which for a balanced design is GFRR = FTE + (1 - FTE)(FTA + (1 - FTA) FNMR).
  Rate gfar(double threshold) const;
  Rate gfrr(double threshold) const;

  /// The lowest threshold at which the measured FMR is at most `asked`: a score, or +infinity (accept nothing). 0 gives the
  /// threshold of ZeroFMR.
  double threshold_for_fmr(double asked) const;
  /// FNMR at threshold_for_fmr(asked): FMR100, FMR1000 and FMR10000 for 1e-2, 1e-3 and 1e-4, ZeroFMR for 0 (Maio, Maltoni,
  /// Cappelli, Wayman and Jain 2002, FVC2000, section 3.4).
  Rate fnmr_at_fmr(double asked) const { return fnmr(threshold_for_fmr(asked)); }

  /// Equal error rate: the middle of the interval that FVC2000 (same paper) defines where FMR and FNMR cross. Nothing when
  /// one class is empty.
  std::optional<double> eer() const;
  /// A threshold at which FMR and FNMR are nearest to that.
  double eer_threshold() const;

  /// FMR falls and FNMR rises along the points; at most `most` of them, the corners first and last (most >= 2).
  std::vector<DetPoint> det(std::size_t most) const;

  std::size_t genuine_count() const { return genuine_.size(); }
  std::size_t impostor_count() const { return impostor_.size(); }

 private:
  struct Crossing {
    double eer, threshold;
  };
  std::optional<Crossing> crossing() const;

  // Before the scores, whose initialisation counts them.
  std::uint64_t genuine_failures_ = 0;
  std::uint64_t impostor_failures_ = 0;
  std::vector<float> genuine_;   // descending, failures left out
  std::vector<float> impostor_;  // descending
};

}  // namespace touchstone::metrics
