// Cells as a table for the terminal.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace touchstone::tools {

/// Rows; the first is the head, and all have as many cells as it.
using Cells = std::vector<std::vector<std::string>>;

/// In columns two spaces apart.
inline std::string text_table(const Cells& lines) {
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      out += line[c];
      if (c + 1 < line.size()) out += std::string(widths[c] - line[c].size() + 2, ' ');
    }
    out += "\n";
  }
  return out;
}

}  // namespace touchstone::tools
