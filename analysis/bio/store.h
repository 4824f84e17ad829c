// What long work has done so far, kept in files so that a killed run goes on where it stood.
#pragma once

#include <chrono>
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
  /// No folder: nothing is kept. Unfinished work is saved every `save_every`.
  explicit Store(std::filesystem::path folder = {}, std::chrono::milliseconds save_every = std::chrono::seconds(10))
      : folder_(std::move(folder)), save_every_(save_every) {}
  std::optional<std::vector<float>> load(const std::string& key) const;
  /// Throws std::runtime_error when the folder cannot be written.
  void save(const std::string& key, const std::vector<float>& numbers) const;
  bool keeps() const { return !folder_.empty(); }
  std::chrono::milliseconds save_every() const { return save_every_; }

 private:
  std::filesystem::path path(const std::string& key) const;
  std::filesystem::path folder_;
  std::chrono::milliseconds save_every_;
};

/// SHA-256 as hexadecimal digits.
std::string digest_of(std::string_view text);

}  // namespace touchstone::bio
