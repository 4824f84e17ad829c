// What the population's vectors are like, and how well they tell fingers apart.
#pragma once

#include <cstdint>
#include <vector>

#include "nets/experiment.h"

namespace touchstone::nets {

/// Vectors of touches with what is known of them, rows of `dimensions`. A row of zeros: no minutia was seen.
struct Rows {
  int dimensions = 0;
  std::vector<float> values;
  std::vector<std::uint32_t> finger;
  std::vector<std::uint32_t> impression;  ///< within its finger, from 0
  std::size_t size() const { return finger.size(); }
  const float* row(std::size_t i) const { return values.data() + i * static_cast<std::size_t>(dimensions); }
  bool empty_row(std::size_t i) const;
};

struct Population {
  int dimensions = 0;             ///< D
  std::vector<float> mean;        ///< D
  std::vector<float> whitening;   ///< d' x D, the direction of largest variance first; brings every component to variance 1
  std::vector<float> variance;    ///< d', before whitening, with shrinkage
  std::vector<float> reliability; ///< d', share of a whitened component's variance that is between fingers, 0 .. 1
  int kept() const { return static_cast<int>(reliability.size()); }
  Rows whitened(const Rows& rows) const;
};
/// Mean and covariance over rows that are not empty (two at least, else BadInput); the covariance is shrunk towards a multiple
/// of the identity by settings.shrinkage (Ledoit and Wolf 2004).
Population learn_population(const Rows& rows, const Experiment::Whitening& settings);

/// Error rates over touches of fingers, by cosine. A touch without minutiae is a failure to acquire.
struct Figures {
  double eer = 1, fnmr_1e2 = 1;                    ///< 1:1, all pairs
  double enrolled_eer = 1, enrolled_fnmr_1e2 = 1;  ///< one half of a finger's touches, 4 at most, against the other; both ways
  int enrolled = 0;                                ///< touches
  double failures = 0;                             ///< share of the touches
};
Figures figures_of(const Rows& rows);

}  // namespace touchstone::nets
