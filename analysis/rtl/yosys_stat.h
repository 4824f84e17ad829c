// What yosys's `stat` says, read from its text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace touchstone::rtl_tools {

struct YosysStat {
  std::uint64_t cells = 0;
  std::map<std::string, std::uint64_t, std::less<>> by_type;
  std::optional<std::uint64_t> lc;  ///< "Estimated number of LCs", of stat -tech xilinx
  /// Sum over the cell types whose name begins so.
  std::uint64_t count(std::string_view prefix) const;
};

/// The last section of `text`, which is the whole design where there are several. Nothing where there is none.
std::optional<YosysStat> parse_stat(std::string_view text);

}  // namespace touchstone::rtl_tools
