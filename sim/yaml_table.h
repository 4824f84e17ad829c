// Strict YAML: a table of fields is the one truth for the reader, the error messages and the documentation. A document is
// checked against the table before anything is read from it: unknown or duplicate keys, wrong types, wrong units and
// values out of range are errors with file:line.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace touchstone::sim {

/// Bad input in a file a person wrote; what() is "file:line: message". Caught at the program's border (exit 2).
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& file, int line, const std::string& message)
      : InputError(file + ":" + std::to_string(line), message) {}
  InputError(const std::string& place, const std::string& message) : std::runtime_error(place + ": " + message) {}
};

enum class FieldType {
  kInteger,     // decimal; low..high
  kText,        // any single-line text
  kName,        // letters, digits, _ and -
  kHex32,       // 64 hexadecimal digits
  kChoice,      // one of the words in `choices`
  kDuration,    // "800 ms", "1.5 s", "20 us"
  kAmount,      // "250000 sat" or "0.0025 BTC"
  kPercent,     // "2.5 %"
  kEnergy,      // "800 uJ", "12.5 mJ"
  kMap,         // a map whose keys are fields of their own
  kNamedMap,    // a map whose keys are chosen by the author (path element *)
  kList,        // a list of maps (path element [])
  kTexts,       // a list of low..high single-line texts
  kEventFields, // a map of event field -> value
};

struct FieldRow {
  std::string_view path;  ///< "link.loss", "steps[].tap.for", "people.*.*.image"
  FieldType type;
  bool required;
  std::string_view doc;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string_view choices = "";  ///< words separated by a blank
};

/// Loads `path` and checks it against `rows`. Throws InputError.
YAML::Node load_checked(const std::string& path, std::span<const FieldRow> rows);

/// Values of checked scalars.
std::int64_t duration_ns(const YAML::Node& node);
std::int64_t amount_sat(const YAML::Node& node);
std::int64_t parts_per_million(const YAML::Node& node);
std::int64_t energy_nj(const YAML::Node& node);
/// A path in a YAML file: "$TOUCHSTONE_DATA/..." stands for the folder of real data, others are relative to the file.
std::string resolve_data_path(const std::string& file, const YAML::Node& node);
inline int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

/// The table as Markdown rows, for the documentation.
std::string fields_markdown(std::span<const FieldRow> rows);

}  // namespace touchstone::sim
