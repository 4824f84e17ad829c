#include "sim/yaml_table.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "sim/input_files.h"

namespace touchstone::sim {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr Unit kTimeUnits[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
constexpr Unit kMoneyUnits[] = {{"sat", 1}, {"BTC", 100000000}};
constexpr Unit kPercentUnits[] = {{"%", 10000}};
constexpr Unit kEnergyUnits[] = {{"uJ", 1000}, {"mJ", 1000000}, {"J", 1000000000}};

/// "12.5 ms" -> 12500000, exactly (no floating point). Empty text on success, else what is wrong.
std::string parse_quantity(const std::string& text, std::span<const Unit> units, std::int64_t& out) {
  std::string names;
  for (const Unit& u : units) names += (names.empty() ? "" : ", ") + std::string(u.name);
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) return "needs a number, a blank and a unit (" + names + ")";
  const std::string digits = text.substr(0, blank), unit = text.substr(blank + 1);
  const auto u = std::find_if(units.begin(), units.end(), [&](const Unit& x) { return x.name == unit; });
  if (u == units.end()) return "unit '" + unit + "' is not one of " + names;
  std::int64_t value = 0, scale = u->factor;
  bool point = false, any = false;
  for (char c : digits) {
    if (c == '.' && !point) point = true;
    else if (std::isdigit(static_cast<unsigned char>(c))) {
      any = true;
      if (point) {
        if (scale % 10 != 0 && c != '0') return "has more decimals than the unit allows";
        scale /= 10;
        value += (c - '0') * scale;
      } else {
        if (value > (INT64_MAX / 10 - 9 * u->factor)) return "is too large";
        value = value * 10 + (c - '0') * u->factor;
      }
    } else return "'" + digits + "' is not a number";
  }
  if (!any) return "'" + digits + "' is not a number";
  out = value;
  return {};
}

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string w; in >> w;) out.push_back(w);
  return out;
}

std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& s : list) out += (out.empty() ? "" : ", ") + s;
  return out;
}

bool is_name(const std::string& s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; });
}

class Checker {
 public:
  Checker(std::string file, std::span<const FieldRow> rows) : file_(std::move(file)), rows_(rows) {}

  void map(const YAML::Node& node, const std::string& path, const std::string& shown) {
    if (!node.IsMap()) fail(node, shown + " must be a map");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) fail(entry.first, "key '" + key + "' stands twice");
      const std::string child = path.empty() ? key : path + "." + key;
      const FieldRow* row = find(child);
      std::string row_path = child;
      if (row == nullptr) {
        row_path = (path.empty() ? "" : path + ".") + "*";
        row = find(row_path);
        if (row != nullptr && !is_name(key)) fail(entry.first, "'" + key + "' is not a name (letters, digits, _ and -)");
      }
      if (row == nullptr) fail(entry.first, "unknown key '" + key + "'" + (shown.empty() ? "" : " in " + shown) + "; known: " + known_below(path));
      value(entry.second, *row, row_path, shown.empty() ? key : shown + "." + key);
    }
    // A document with a base takes its missing sections from there.
    const bool has_base = path.empty() && seen.contains("base");
    for (const FieldRow& row : rows_)
      if (row.required && !(has_base && row.type != FieldType::kName && row.type != FieldType::kText) && parent(row.path) == path && leaf(row.path) != "*" && leaf(row.path) != "[]" && !seen.contains(std::string(leaf(row.path))))
        fail(node, "'" + std::string(leaf(row.path)) + "' is missing" + (shown.empty() ? "" : " in " + shown));
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& message) const { throw InputError(file_, line_of(node), message); }

  static std::string_view parent(std::string_view path) {
    if (path.ends_with("[]")) return path.substr(0, path.size() - 2);
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
  }
  static std::string_view leaf(std::string_view path) {
    if (path.ends_with("[]")) return "[]";
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
  }
  const FieldRow* find(const std::string& path) const {
    const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const FieldRow& r) { return r.path == path; });
    return row == rows_.end() ? nullptr : &*row;
  }
  std::string known_below(const std::string& path) const {
    std::vector<std::string> out;
    for (const FieldRow& r : rows_)
      if (parent(r.path) == path) out.emplace_back(leaf(r.path));
    return join(out);
  }

  void value(const YAML::Node& node, const FieldRow& row, const std::string& path, const std::string& shown) {
    switch (row.type) {
      case FieldType::kMap:
      case FieldType::kNamedMap: return map(node, path, shown);
      case FieldType::kList: {
        if (!node.IsSequence()) fail(node, shown + " must be a list");
        int index = 0;
        for (const YAML::Node& item : node) map(item, path + "[]", shown + "[" + std::to_string(index++) + "]");
        return;
      }
      case FieldType::kTexts: {
        const auto count = static_cast<std::int64_t>(node.size());
        if (!node.IsSequence() || count < row.low || count > row.high)
          fail(node, shown + " must be a list of " + std::to_string(row.low) + " to " + std::to_string(row.high) + " texts");
        for (const YAML::Node& item : node)
          if (!item.IsScalar() || item.Scalar().empty()) fail(item, shown + ": each item must be a text");
        return;
      }
      case FieldType::kEventFields: {
        if (!node.IsMap()) fail(node, shown + " must be a map of event fields");
        std::set<std::string> seen;
        for (const auto& entry : node) {
          if (!seen.insert(entry.first.Scalar()).second) fail(entry.first, "key '" + entry.first.Scalar() + "' stands twice");
          if (!entry.second.IsScalar()) fail(entry.second, shown + "." + entry.first.Scalar() + " must be a single value");
        }
        return;
      }
      default: return scalar(node, row, shown);
    }
  }

  void scalar(const YAML::Node& node, const FieldRow& row, const std::string& shown) {
    if (!node.IsScalar()) fail(node, shown + " must be a single value");
    const std::string text = node.Scalar();
    std::int64_t number = 0;
    std::string wrong;
    switch (row.type) {
      case FieldType::kInteger: {
        std::size_t used = 0;
        try {
          number = std::stoll(text, &used);
        } catch (const std::exception&) {
        }
        if (used == 0 || used != text.size()) fail(node, shown + ": '" + text + "' is not an integer");
        if (number < row.low || number > row.high)
          fail(node, shown + ": " + text + " is not in " + std::to_string(row.low) + ".." + std::to_string(row.high));
        return;
      }
      case FieldType::kText:
        if (text.empty()) fail(node, shown + " must not be empty");
        return;
      case FieldType::kName:
        if (text.size() > 100) fail(node, shown + " is longer than 100 characters");
        if (!is_name(text)) fail(node, shown + ": '" + text + "' is not a name (letters, digits, _ and -)");
        return;
      case FieldType::kHex32:
        if (text.size() != 64 || !std::all_of(text.begin(), text.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); }))
          fail(node, shown + " must be 64 hexadecimal digits");
        return;
      case FieldType::kChoice: {
        const std::vector<std::string> allowed = words(row.choices);
        if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) fail(node, shown + ": '" + text + "' is not one of " + join(allowed));
        return;
      }
      case FieldType::kDuration: wrong = parse_quantity(text, kTimeUnits, number); break;
      case FieldType::kAmount: wrong = parse_quantity(text, kMoneyUnits, number); break;
      case FieldType::kPercent: wrong = parse_quantity(text, kPercentUnits, number); break;
      case FieldType::kEnergy: wrong = parse_quantity(text, kEnergyUnits, number); break;
      default: break;
    }
    if (!wrong.empty()) fail(node, shown + ": " + wrong);
    if (row.high != 0 && (number < row.low || number > row.high)) fail(node, shown + ": " + text + " is out of range");
  }

  std::string file_;
  std::span<const FieldRow> rows_;
};

const char* type_name(FieldType type) {
  switch (type) {
    case FieldType::kInteger: return "integer";
    case FieldType::kText: return "text";
    case FieldType::kName: return "name";
    case FieldType::kHex32: return "64 hex digits";
    case FieldType::kChoice: return "one of";
    case FieldType::kDuration: return "duration (ns us ms s)";
    case FieldType::kAmount: return "amount (sat BTC)";
    case FieldType::kPercent: return "percent (%)";
    case FieldType::kEnergy: return "energy (uJ mJ J)";
    case FieldType::kMap: return "map";
    case FieldType::kNamedMap: return "map by name";
    case FieldType::kList: return "list";
    case FieldType::kTexts: return "list of texts";
    case FieldType::kEventFields: return "map of event fields";
  }
  return "";
}

std::int64_t quantity(const YAML::Node& node, std::span<const Unit> units) {
  std::int64_t out = 0;
  parse_quantity(node.Scalar(), units, out);  // already checked by load_checked
  return out;
}

}  // namespace

YAML::Node load_checked(const std::string& path, std::span<const FieldRow> rows) {
  const std::string file = InputFiles::instance().at(path);
  if (!std::filesystem::is_regular_file(file)) throw InputError(path, "no such file");
  YAML::Node root;
  try {
    root = YAML::LoadFile(file);
  } catch (const YAML::ParserException& error) {
    throw InputError(path, error.mark.line + 1, error.msg);
  } catch (const YAML::Exception& error) {
    throw InputError(path, 0, error.what());
  }
  if (root.IsNull()) throw InputError(path, 1, "the file is empty");
  Checker(path, rows).map(root, "", "");
  return root;
}

std::int64_t duration_ns(const YAML::Node& node) { return quantity(node, kTimeUnits); }
std::int64_t amount_sat(const YAML::Node& node) { return quantity(node, kMoneyUnits); }
std::int64_t parts_per_million(const YAML::Node& node) { return quantity(node, kPercentUnits); }
std::int64_t energy_nj(const YAML::Node& node) { return quantity(node, kEnergyUnits); }

std::string resolve_data_path(const std::string& file, const YAML::Node& node) {
  const std::string text = node.Scalar(), prefix = "$TOUCHSTONE_DATA/";
  if (!text.starts_with(prefix)) return (std::filesystem::path(file).parent_path() / text).lexically_normal().string();
  const char* root = std::getenv("TOUCHSTONE_DATA");
  if (root == nullptr) throw InputError(file, line_of(node), "needs the environment variable TOUCHSTONE_DATA (a folder with datasets/)");
  return (std::filesystem::path(root) / text.substr(prefix.size())).string();
}

std::string fields_markdown(std::span<const FieldRow> rows) {
  std::ostringstream out;
  out << "| field | type | |\n|---|---|---|\n";
  for (const FieldRow& r : rows) {
    out << "| `" << r.path << "`" << (r.required ? " (required)" : "") << " | " << type_name(r.type);
    if (r.type == FieldType::kChoice) out << " " << join(words(r.choices));
    if (r.type == FieldType::kInteger) out << " " << r.low << ".." << r.high;
    out << " | " << r.doc << " |\n";
  }
  return out.str();
}

}  // namespace touchstone::sim
