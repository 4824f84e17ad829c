#include <nlohmann/json.hpp>

#include "base/check.h"
#include "energy_table.h"

namespace touchstone::models {

extern const std::string_view kBuiltInEnergyTable;

namespace {

using Json = nlohmann::json;

/// {"name": {unit: number, "source": text}, ...} -> name -> number
bool read_figures(const Json& figures, const char* unit, std::map<std::string, double, std::less<>>& out) {
  if (!figures.is_object()) return false;
  for (const auto& [name, figure] : figures.items()) {
    if (!figure.is_object() || !figure.contains(unit) || !figure[unit].is_number() || figure[unit] < 0) return false;
    if (!figure.contains("source") || !figure["source"].is_string() || figure["source"].get_ref<const std::string&>().empty()) return false;
    if (figure.size() != 2) return false;
    out[name] = figure[unit].get<double>();
  }
  return true;
}

}  // namespace

Result<EnergyTable> EnergyTable::parse(std::string_view jsonc) {
  const Json root = Json::parse(jsonc, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (root.is_discarded() || !root.is_object() || !root.contains("parts") || !root["parts"].is_object())
    return Error{ErrorCode::kBadFormat, "energy table: not JSON with an object `parts`"};
  EnergyTable table;
  for (const auto& [name, json] : root["parts"].items()) {
    Part& part = table.parts[name];
    if (!json.is_object() || !json.contains("supply_v") || !json["supply_v"].is_number() || json["supply_v"] <= 0)
      return Error{ErrorCode::kBadFormat, "energy table: a part needs a positive supply_v"};
    part.supply_v = json["supply_v"].get<double>();
    if (!json.contains("states") || !read_figures(json["states"], "ua", part.state_ua))
      return Error{ErrorCode::kBadFormat, "energy table: every state needs `ua` >= 0 and `source`"};
    if (json.contains("pulses") && !read_figures(json["pulses"], "nc", part.pulse_nc))
      return Error{ErrorCode::kBadFormat, "energy table: every pulse needs `nc` >= 0 and `source`"};
    if (!json.contains("initial") || !json["initial"].is_string())
      return Error{ErrorCode::kBadFormat, "energy table: a part needs an `initial` state"};
    part.initial = json["initial"].get<std::string>();
    if (!part.state_ua.contains(part.initial))
      return Error{ErrorCode::kBadFormat, "energy table: the `initial` state is not among the states"};
  }
  return table;
}

const EnergyTable& EnergyTable::built_in() {
  static const EnergyTable table = [] {
    Result<EnergyTable> parsed = parse(kBuiltInEnergyTable);
    TS_CHECK(parsed.ok(), "models/power/energy.jsonc does not parse");
    return std::move(parsed).value();
  }();
  return table;
}

}  // namespace touchstone::models
