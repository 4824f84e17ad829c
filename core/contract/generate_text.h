// Small helpers of the contract generator: reading values with a place for every mistake, and spellings of names.
#pragma once

#include <cctype>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

using Json = nlohmann::ordered_json;

[[noreturn]] inline void fail(const std::string& where, const std::string& why) { throw std::runtime_error(where + ": " + why); }

inline void allow_keys(const std::string& where, const Json& object, const std::set<std::string>& known) {
  for (const auto& [key, value] : object.items())
    if (!known.contains(key)) fail(where, "unknown key '" + key + "'");
}

inline std::string text(const std::string& where, const Json& object, const char* key) {
  if (!object.contains(key) || !object[key].is_string()) fail(where, std::string("needs the text '") + key + "'");
  return object[key];
}

inline std::uint64_t number(const std::string& where, const Json& value) {
  if (value.is_number_unsigned()) return value;
  if (value.is_string()) {
    const std::string s = value;
    std::size_t used = 0;
    const std::uint64_t n = std::stoull(s, &used, 0);
    if (used == s.size()) return n;
  }
  fail(where, "is not a number");
}

inline std::string hex(std::uint64_t n) {
  std::ostringstream out;
  out << "0x" << std::hex << std::uppercase << n;
  return out.str();
}

inline std::string camel(const std::string& snake) {
  std::string out;
  bool up = true;
  for (char c : snake) {
    if (c == '_' || c == '.') up = true;
    else {
      out += up ? static_cast<char>(std::toupper(c)) : static_cast<char>(std::tolower(c));
      up = false;
    }
  }
  return out;
}

inline std::string upper(std::string s) {
  for (char& c : s) c = static_cast<char>(std::toupper(c));
  return s;
}
