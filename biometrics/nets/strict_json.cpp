#include "nets/strict_json.h"

#include <vector>

#include "nets/bad_input.h"

namespace touchstone::nets {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& name) {
  // nlohmann keeps the last of two equal keys: they are found here.
  std::vector<std::set<std::string>> seen;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) seen.emplace_back();
    if (event == json::parse_event_t::object_end) seen.pop_back();
    if (event == json::parse_event_t::key && !seen.back().insert(value.get<std::string>()).second) throw BadInput(name + ": key " + value.get<std::string>() + " stands twice");
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::parse_error& error) {
    throw BadInput(name + ": not JSON at byte " + std::to_string(error.byte));
  }
}

Section::Section(const json& value, std::string file, std::string path) : value_(value), file_(std::move(file)), path_(std::move(path)) {
  if (!value.is_object()) fail("", "an object is needed");
}

void Section::done() const {
  for (const auto& [key, value] : value_.items()) {
    if (!taken_.contains(key)) fail(key, "unknown key");
  }
}

const json& Section::take(const std::string& key) {
  taken_.insert(key);
  if (!value_.contains(key)) fail(key, "is missing");
  return value_[key];
}

Section Section::section(const std::string& key) { return {take(key), file_, path_.empty() ? key : path_ + "." + key}; }

void Section::number(const std::string& key, double& out, double least, double most) {
  const json& value = take(key);
  if (!value.is_number()) fail(key, "a number is needed");
  out = value.get<double>();
  if (!(out >= least && out <= most)) fail(key, "must lie between " + json(least).dump() + " and " + json(most).dump());
}

void Section::whole(const std::string& key, int& out, int least, int most) {
  const json& value = take(key);
  if (!value.is_number_integer()) fail(key, "a whole number is needed");
  const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= 0x7fffffff : value.get<std::int64_t>() >= -0x7fffffff;
  const std::int64_t number = fits ? value.get<std::int64_t>() : -1;
  if (!fits || number < least || number > most) fail(key, "must lie between " + std::to_string(least) + " and " + std::to_string(most));
  out = static_cast<int>(number);
}

void Section::seed(const std::string& key, std::uint64_t& out) {
  const json& value = take(key);
  if (!value.is_number_unsigned()) fail(key, "a whole number from 0 is needed");
  out = value.get<std::uint64_t>();
}

void Section::flag(const std::string& key, bool& out) {
  const json& value = take(key);
  if (!value.is_boolean()) fail(key, "true or false is needed");
  out = value.get<bool>();
}

void Section::text(const std::string& key, std::string& out, std::size_t most) {
  const json& value = take(key);
  if (!value.is_string()) fail(key, "a text is needed");
  out = value.get<std::string>();
  if (out.empty() || out.size() > most) fail(key, "must have 1 to " + std::to_string(most) + " bytes");
}

void Section::fail(const std::string& key, const std::string& why) const {
  const std::string where = path_.empty() || key.empty() ? path_ + key : path_ + "." + key;
  throw BadInput(file_ + ": " + (where.empty() ? "" : where + ": ") + why);
}

}  // namespace touchstone::nets
