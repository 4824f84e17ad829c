// Labelled comparisons, the input of every figure. Terms after ISO/IEC 19795-1:2021: a comparison is mated (here: genuine)
// when reference and probe are of one finger, else non-mated (impostor).
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace touchstone::metrics {

/// The score of a comparison that could not take place: the reference failed to enrol or the probe failed to acquire.
inline constexpr float kFailure = -std::numeric_limits<float>::infinity();

/// One probe held against one reference. Accepted at a threshold t when score >= t.
struct Comparison {
  std::uint32_t reference = 0;         ///< the enrolled template
  std::uint32_t reference_finger = 0;  ///< whose it is; index into ScoreSet::stratum
  std::uint32_t probe_finger = 0;
  float score = kFailure;  ///< higher is more alike; not NaN

  bool failed() const { return score == kFailure; }
};

/// The comparisons of one experiment. Pooled data sets are strata: fingers are only ever compared and resampled within one.
struct ScoreSet {
  std::vector<std::uint32_t> stratum;  ///< of every finger
  std::vector<Comparison> genuine;
  std::vector<Comparison> impostor;

  std::size_t fingers() const { return stratum.size(); }
  /// Pairs of different fingers that were compared at all, in either direction: what an FMR rests on independently.
  std::size_t impostor_finger_pairs() const;
};

/// Transactions of up to `tries` attempts (ISO/IEC 19795-1: FAR and FRR are rates of transactions, FMR and FNMR of
/// comparisons): consecutive comparisons of one probe finger with one reference are taken `tries` at a time, an incomplete
/// rest is left out. A transaction succeeds when one attempt does, so its score is the largest of its attempts' scores and
/// every figure of comparisons applies to it: its FMR is the FAR, its FNMR the FRR; it fails when all its attempts do.
ScoreSet transactions(const ScoreSet& comparisons, int tries);

}  // namespace touchstone::metrics
