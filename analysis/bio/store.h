// What long work has done so far, kept in files so that a killed run goes on where it stood.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace touchstone::bio {

/// Numbers under names, one file each. The file's name is the digest of the whole key, the key stands in it, and a digest of
/// everything at its end: a torn or foreign file counts as absent. Written beside its place and renamed.
class Store {
 public:
  /// No folder: nothing is kept.
  explicit Store(std::filesystem::path folder = {}) : folder_(std::move(folder)) {}
  std::optional<std::vector<float>> load(const std::string& key) const;
  /// Throws BadInput when the folder cannot be written.
  void save(const std::string& key, const std::vector<float>& numbers) const;
  bool keeps() const { return !folder_.empty(); }

 private:
  std::filesystem::path path(const std::string& key) const;
  std::filesystem::path folder_;
};

/// SHA-256 as hexadecimal digits.
std::string digest_of(std::string_view text);
/// Replaces `path` as a whole: written beside it and renamed. Throws BadInput.
void write_whole(const std::filesystem::path& path, std::string_view content);

}  // namespace touchstone::bio
