// Where the errors of a set of faces come from: light and expression where pictures are labelled, and labels that look wrong.
#pragma once

#include <string>
#include <vector>

#include "bio/face_rates.h"

namespace touchstone::bio {

/// Pictures under one condition against all others, at the threshold that gives kConditionFmr over all pairs of the set.
inline constexpr double kConditionFmr = 1e-2;
struct ConditionRow {
  std::string embedder, condition;
  std::size_t pictures = 0, without_vector = 0;
  std::size_t genuine_pairs = 0, impostor_pairs = 0;
  RateWithInterval fnmr, fmr;
};
/// Empty where no picture is labelled; a picture without a label is only ever the other of a pair. Conditions in the order of their names; a pair of two pictures under one condition counts once.
std::vector<ConditionRow> by_condition(const FaceSet& set, const FaceVectors& faces, const metrics::BootstrapOptions& options);

/// What looks like a wrong label. It stays in all figures: nothing is taken out because a score is unwelcome.
struct Suspect {
  std::string embedder;
  std::string a, b;       ///< pictures
  float score = 0;        ///< cosine
  bool one_name = false;  ///< a bears the name of pictures that it does not resemble and b is the likest of another name; else: two names, very alike
};
/// Two names that are more alike (and at all alike: above 0) than a quarter of all pairs of one name; and pictures that resemble another name's picture more than
/// any of their own name's, these staying below the threshold of FMR 1e-3. Pictures from the side are among the latter. Likest first.
std::vector<Suspect> suspects(const FaceVectors& faces);

nlohmann::ordered_json to_json(const ConditionRow& row);
nlohmann::ordered_json to_json(const Suspect& suspect);
tools::Cells cells(const std::vector<ConditionRow>& rows);

}  // namespace touchstone::bio
