// Which people settings are chosen on and which figures are stated of. The manifest (splits.csv) names a person by the first 16
// hexadecimal digits of SHA-256("set/person"), so that no list of people stands in the repository.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faces/embeddings.h"

namespace touchstone::faces {

enum class Part {
  kTune,    ///< heads are trained and settings chosen on these people alone
  kReport,  ///< figures are stated of these people alone
};
const char* to_string(Part part);

struct SplitRow {
  std::string set, person;  ///< "lfw", "orl", "yale", "yaleb"; 16 hexadecimal digits
  Part part = Part::kReport;
};
/// The manifest, row by row.
const std::vector<SplitRow>& split_rows();

/// The part a person belongs to; nothing for people the manifest does not know.
std::optional<Part> part_of(std::string_view set, std::string_view person);
/// The pictures of one part's people; people whom the manifest does not know belong to none.
std::vector<std::size_t> pictures_of(const Embeddings& embeddings, std::string_view set, Part part);

}  // namespace touchstone::faces
