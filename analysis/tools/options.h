// Command lines and output files, for every verb alike.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace touchstone::tools {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// All of `text` as a number, or nothing.
inline std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

/// Hands out each option once; what is left at finish() is wrong use. Everything throws UsageError.
class Options {
 public:
  explicit Options(std::vector<std::string> arguments) : left_(std::move(arguments)) {}

  bool empty() const { return left_.empty(); }
  bool flag(std::string_view name) {
    const auto found = std::find(left_.begin(), left_.end(), name);
    if (found == left_.end()) return false;
    left_.erase(found);
    return true;
  }
  std::optional<std::string> value(std::string_view name) {
    const auto found = std::find(left_.begin(), left_.end(), name);
    if (found == left_.end()) return std::nullopt;
    if (found + 1 == left_.end() || (found + 1)->starts_with("--")) throw UsageError(std::string(name) + " needs a value");
    std::string out = *(found + 1);
    left_.erase(found, found + 2);
    return out;
  }
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t low, std::uint64_t high) {
    const auto text = value(name);
    if (!text) return std::nullopt;
    const auto out = parse_number(*text);
    if (!out || *out < low || *out > high)
      throw UsageError(std::string(name) + ": a number from " + std::to_string(low) + " to " + std::to_string(high) + ", not '" + *text + "'");
    return out;
  }
  /// A file to be written at the end: a folder that is missing is said before the work. `made`: the folder that the
  /// work itself makes ("" for none), which need not be there yet.
  std::optional<std::string> output(std::string_view name, const std::filesystem::path& made = {}) {
    auto path = value(name);
    if (!path) return path;
    const std::filesystem::path folder = std::filesystem::path(*path).parent_path();
    const bool to_be_made = !made.empty() && folder.lexically_normal() == (made / "").lexically_normal().parent_path();
    std::error_code none;
    if (!folder.empty() && !to_be_made && !std::filesystem::is_directory(folder, none)) throw UsageError(std::string(name) + ": there is no folder " + folder.string());
    if (std::filesystem::is_directory(*path, none)) throw UsageError(std::string(name) + ": " + *path + " is a folder");
    return path;
  }
  /// Every word after `name` up to the next option.
  std::vector<std::string> values(std::string_view name) {
    const auto found = std::find(left_.begin(), left_.end(), name);
    if (found == left_.end()) return {};
    const auto end = std::find_if(found + 1, left_.end(), [](const std::string& s) { return s.starts_with("--"); });
    std::vector<std::string> out(found + 1, end);
    left_.erase(found, end);
    if (out.empty()) throw UsageError(std::string(name) + " needs a value");
    return out;
  }
  /// What is no option, in its order: after all options were asked for.
  std::vector<std::string> rest() const {
    for (const std::string& word : left_) {
      if (word.starts_with("--")) throw UsageError("unknown option '" + word + "'");
    }
    return left_;
  }
  void finish() const {
    if (!left_.empty()) throw UsageError("unknown option '" + left_.front() + "'");
  }

 private:
  std::vector<std::string> left_;
};

/// Beside its place first: whoever looks sees the old file or the new one, whole. A link, pipe or device (/dev/stdout) stays what it is.
inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::error_code error;
  const auto there = std::filesystem::symlink_status(path, error).type();
  const bool in_place = there != std::filesystem::file_type::regular && there != std::filesystem::file_type::not_found;
  const std::filesystem::path draft = in_place ? path.string() : path.string() + ".partial";
  std::ofstream file(draft, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  error.clear();
  if (file && !in_place) std::filesystem::rename(draft, path, error);
  if (!file || error) throw std::runtime_error(path.string() + ": cannot be written");
}

}  // namespace touchstone::tools
