// Strict JSON: every key once and no other, numbers in range, and words that say what is wrong and where. JSON's library stands in
// this header: only for .cpp files.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace touchstone::nets {

/// Throws BadInput that begins with `name`; also for a key that stands twice in its object.
nlohmann::json parse_json(std::string_view untrusted_text, const std::string& name);

/// The keys of one object, each to be taken once; BadInput names file and key.
class Section {
 public:
  Section(const nlohmann::json& value, std::string file, std::string path);
  /// What nobody took is unknown.
  void done() const;
  const nlohmann::json& take(const std::string& key);
  Section section(const std::string& key);
  void number(const std::string& key, double& out, double least, double most);
  void whole(const std::string& key, int& out, int least, int most);
  void seed(const std::string& key, std::uint64_t& out);
  void flag(const std::string& key, bool& out);
  void text(const std::string& key, std::string& out, std::size_t most);
  [[noreturn]] void fail(const std::string& key, const std::string& why) const;

 private:
  const nlohmann::json& value_;
  std::string file_, path_;
  std::set<std::string> taken_;
};

}  // namespace touchstone::nets
