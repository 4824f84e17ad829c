// An evaluation of faces as JSON, as pictures and as one page.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bio/face_conditions.h"
#include "bio/face_rates.h"
#include "bio/page.h"
#include "tools/chart.h"

namespace touchstone::bio {

struct FaceEvaluation {
  std::vector<FaceRow> rows;
  std::vector<FaceRow> protection;         ///< loss_by_protection() of each enrolment
  std::vector<ConditionRow> conditions;
  std::vector<Suspect> suspects;
  std::size_t pictures = 0;
  std::vector<std::string> failures;       ///< pictures without a vector
  std::vector<std::string> notes;          ///< what was left out of the set
  std::size_t pairs_without_vector = 0;    ///< official ones
  struct Network {
    std::string scheme;
    std::size_t networks = 0, biases_tell = 0;
  };
  std::vector<Network> networks;           ///< of N0 and N1
};

/// `facts` first, then the figures.
nlohmann::ordered_json to_json(const Facts& facts, const FaceEvaluation& evaluation);
/// In the order of a report, with names for files.
std::vector<std::pair<std::string, tools::Chart>> charts(const FaceEvaluation& evaluation);
std::string to_page(const Facts& facts, const FaceEvaluation& evaluation);
std::string to_text(const FaceEvaluation& evaluation);

}  // namespace touchstone::bio
