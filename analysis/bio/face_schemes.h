// N0 and N1 (biometrics/nets/face) in the same people's figures as R1.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bio/face_rates.h"

namespace touchstone::bio {

struct SchemeRows {
  std::vector<FaceRow> rows;        ///< probes of one picture, and fused ones
  std::size_t networks = 0;         ///< trained, one a person
  std::size_t biases_tell = 0;      ///< of them: whose last biases alone are the secret
};
/// Throws BadInput where `scheme` is trained on strangers and the set has nobody of the tuning part to be one: to be asked before hours of work.
void require_strangers(const std::string& scheme, const FaceSet& set);
/// `scheme` "n0" or "n1" with the settings of analysis/experiments/face; N1's strangers are people of the tuning part.
/// As require_strangers().
SchemeRows measure_scheme(const std::string& scheme, const FaceSet& set, const FaceVectors& faces, const metrics::BootstrapOptions& options,
                          const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace touchstone::bio
