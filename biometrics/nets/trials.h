// What every sweep has: a file of named changes to one configuration, and one SQLite file of what came out of each.
//
// The sweep file (JSON, strict): {"base": "FILE beside it", "trials": [{"name": "...", "changes": {...}}]}; changes replace
// settings of the base (RFC 7396).
// sweep.sqlite: table trials(name, configuration, configuration_hash, state, message, a column for each figure); state is waiting,
// running, done or failed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace touchstone::nets {

struct SweepFile {
  struct Change {
    std::string name;     ///< a file's: letters a-z, digits, - and _
    std::string changes;  ///< a JSON object
  };
  std::filesystem::path base;
  std::vector<Change> trials;
};
/// Throws BadInput, also for names that are no file names or stand twice.
SweepFile read_sweep_file(const std::filesystem::path& file);

struct TrialSettings {
  std::string name, text, hash;  ///< canonical JSON and its SHA-256
};
/// Runs the trials that are not done yet. A done trial with other settings is run again. `run` is given a trial's index and returns its
/// figures, one for each column; where it throws BadInput, the trial is failed with the message and the next one starts. Returns how
/// many failed.
using RunOne = std::function<std::vector<double>(std::size_t trial)>;
int run_trials(const std::vector<TrialSettings>& trials, const std::vector<std::string>& columns, const std::filesystem::path& out, const RunOne& run);

}  // namespace touchstone::nets
