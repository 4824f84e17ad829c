// A file of the user's, whole. Host only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace touchstone {

/// At most 64 MB; else a sentence that begins with the path.
std::variant<std::vector<std::uint8_t>, std::string> read_file(const std::filesystem::path& path);

}  // namespace touchstone
