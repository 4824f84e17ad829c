// Every file a run reads from outside goes through here, and what another program answers: it is remembered, so that the run folder can
// hold a copy, and a replay reads the copies under their old names. One run a process, so there is one register.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace touchstone::sim {

class InputFiles {
 public:
  static InputFiles& instance();

  /// The path to open for what the scenario calls `path`; remembers it as read. An absent file stays the caller's to refuse.
  std::string at(const std::string& path);
  /// What another program answers to `question`: asked once, and never on a replay. `ask` may throw.
  const std::string& answer(const std::string& question, const std::function<std::string()>& ask);
  /// From now on `path` stands for `copy`.
  void replace(const std::string& path, const std::string& copy) { copies_[path] = copy; }

  struct Copied {
    std::string path;  ///< as the scenario or the command line named it; or the question that was answered
    std::string file;  ///< relative to the folder
    std::string sha256;
  };
  /// Copies everything that was read into `folder`, in the order it was first read: under the name given for its path, else
  /// under inputs/. Throws std::runtime_error.
  std::vector<Copied> copy_to(const std::filesystem::path& folder, const std::map<std::string, std::string>& names) const;

 private:
  std::map<std::string, std::string> copies_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> read_;
};

}  // namespace touchstone::sim
