// The reader's table of fields as JSON Schema, for editors and for checks without touchstone.
#include <nlohmann/json.hpp>

#include "sim/catalogue.h"
#include "sim/scenario_fields.h"

namespace touchstone::sim {
namespace {

using Json = nlohmann::ordered_json;

std::string_view parent(std::string_view path) {
  if (path.ends_with("[]")) return path.substr(0, path.size() - 2);
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string leaf(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

constexpr const char* kNamePattern = "^[A-Za-z0-9_-]{1,100}$";

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// YAML readers give plain scalars types of their own (1 is a number, 1e5 too): every scalar of ours may come as either.
Json scalar(const std::string& pattern) { return {{"type", Json::array({"string", "number"})}, {"pattern", pattern}}; }

Json value_of(const FieldRow& row);

/// The keys below `path`; `shown` decides which are required.
Json object_below(std::string_view path, bool whole_file) {
  Json properties = Json::object(), required = Json::array(), out{{"type", "object"}};
  for (const FieldRow& row : kScenarioFields) {
    if (parent(row.path) != path || row.path.ends_with("[]")) continue;
    if (leaf(row.path) == "*") {
      out["propertyNames"] = {{"pattern", kNamePattern}};
      out["additionalProperties"] = value_of(row);
      return out;
    }
    properties[leaf(row.path)] = value_of(row);
    // What a base can bring is not required in the file itself.
    if (row.required && !(whole_file && row.type != FieldType::kName && row.type != FieldType::kText && row.type != FieldType::kInteger)) required.push_back(leaf(row.path));
  }
  out["properties"] = properties;
  if (!required.empty()) out["required"] = required;
  out["additionalProperties"] = false;
  return out;
}

Json value_of(const FieldRow& row) {
  Json out;
  switch (row.type) {
    case FieldType::kInteger: out = {{"type", "integer"}, {"minimum", row.low}, {"maximum", row.high}}; break;
    case FieldType::kText: out = {{"type", "string"}, {"minLength", 1}}; break;
    case FieldType::kName: out = scalar(kNamePattern); break;
    case FieldType::kHex32: out = scalar("^[0-9A-Fa-f]{64}$"); break;
    case FieldType::kChoice: {
      Json values = Json::array();
      for (const std::string& word : words(row.choices)) {
        values.push_back(word);
        if (word.find_first_not_of("0123456789") == std::string::npos) values.push_back(std::stoll(word));
      }
      out = {{"enum", values}};
      break;
    }
    case FieldType::kDuration: out = {{"type", "string"}, {"pattern", "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) (ns|us|ms|s)$"}}; break;
    case FieldType::kAmount: out = {{"type", "string"}, {"pattern", "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) (sat|BTC)$"}}; break;
    case FieldType::kEnergy: out = {{"type", "string"}, {"pattern", "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) (uJ|mJ|J)$"}}; break;
    case FieldType::kPercent: out = {{"type", "string"}, {"pattern", "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) %$"}}; break;
    case FieldType::kMap:
    case FieldType::kNamedMap: out = object_below(row.path, false); break;
    case FieldType::kList: out = {{"type", "array"}, {"items", object_below(std::string(row.path) + "[]", false)}}; break;
    case FieldType::kTexts: out = {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}, {"minItems", row.low}, {"maxItems", row.high}}; break;
    case FieldType::kEventFields: out = {{"type", "object"}, {"additionalProperties", {{"type", Json::array({"string", "number", "boolean"})}}}}; break;
  }
  if (!row.doc.empty()) out["description"] = row.doc;
  return out;
}

}  // namespace

std::string scenario_schema() {
  Json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "touchstone scenario"}};
  out.update(object_below("", true));
  // Without a base, every required section must be there.
  Json sections = Json::array();
  for (const FieldRow& row : kScenarioFields)
    if (row.required && parent(row.path).empty()) sections.push_back(std::string(row.path));
  out["if"] = {{"not", {{"required", Json::array({"base"})}}}};
  out["then"] = {{"required", sections}};
  Json& expectation = out["properties"]["expect"];
  expectation["minItems"] = 1;
  expectation["items"]["oneOf"] = Json::array({{{"required", Json::array({"event"})}}, {{"required", Json::array({"never"})}}});
  return out.dump(2) + "\n";
}

}  // namespace touchstone::sim
