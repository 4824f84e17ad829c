#include "yosys_stat.h"

#include <sstream>

#include "options.h"

namespace touchstone::rtl_tools {

std::uint64_t YosysStat::count(std::string_view prefix) const {
  std::uint64_t out = 0;
  for (auto at = by_type.lower_bound(prefix); at != by_type.end() && at->first.starts_with(prefix); ++at) out += at->second;
  return out;
}

std::optional<YosysStat> parse_stat(std::string_view text) {
  std::optional<YosysStat> out;
  bool in_cells = false;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second, third, rest;
    words >> first >> second >> third;
    if (first == "===") {
      out.emplace();
      in_cells = false;
    } else if (out && line.find("Number of cells:") != std::string::npos) {
      words.clear();
      words.str(line.substr(line.find(':') + 1));
      words >> out->cells;
      in_cells = true;
    } else if (out && line.find("Estimated number of LCs:") != std::string::npos) {
      out->lc = parse_number(line.substr(line.find_last_of(' ') + 1));
    } else if (in_cells) {
      const auto count = parse_number(second);
      if (count && third.empty()) out->by_type[first] += *count;
      else in_cells = false;
    }
  }
  return out;
}

}  // namespace touchstone::rtl_tools
