#include "nets/sweep.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>

#include "nets/bad_input.h"
#include "nets/files.h"

namespace touchstone::nets {
namespace {

using nlohmann::json;

/// One statement at a time on one file.
class Database {
 public:
  explicit Database(const std::filesystem::path& file) : name_(file.string()) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(name_.c_str(), &opened);
    handle_.reset(opened);
    if (code != SQLITE_OK) fail();
  }
  using Value = std::variant<std::string, double>;
  /// The first column of the first row as text; empty without rows.
  std::string run(const char* sql, const std::vector<Value>& values = {}) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql, -1, &prepared, nullptr) != SQLITE_OK) fail();
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      if (const auto* text = std::get_if<std::string>(&values[i])) sqlite3_bind_text(prepared, at, text->c_str(), -1, SQLITE_TRANSIENT);
      else sqlite3_bind_double(prepared, at, std::get<double>(values[i]));
    }
    const int code = sqlite3_step(prepared);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) fail();
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, 0));
    return text == nullptr ? "" : text;
  }

 private:
  [[noreturn]] void fail() const { throw BadInput(name_ + ": " + sqlite3_errmsg(handle_.get())); }
  std::string name_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_{nullptr, sqlite3_close};
};

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS trials(name TEXT PRIMARY KEY, configuration TEXT, configuration_hash TEXT, state TEXT, message TEXT, "
    "seconds REAL, proxy_loss REAL, minutia_loss REAL, full_eer REAL, full_fnmr_1e2 REAL, full_enrolled_eer REAL, "
    "full_enrolled_fnmr_1e2 REAL, card_eer REAL, card_fnmr_1e2 REAL, card_enrolled_eer REAL, card_enrolled_fnmr_1e2 REAL)";

}  // namespace

std::vector<Trial> read_sweep(const std::filesystem::path& file) {
  const json document = json::parse(read_whole(file), nullptr, false);
  const std::string name = file.string();
  if (!document.is_object()) throw BadInput(name + ": not a JSON object");
  for (const auto& [key, value] : document.items()) {
    if (key != "base" && key != "trials") throw BadInput(name + ": " + key + ": unknown key");
  }
  if (!document.contains("base") || !document["base"].is_string()) throw BadInput(name + ": base: the name of a configuration file is needed");
  if (!document.contains("trials") || !document["trials"].is_array() || document["trials"].empty()) throw BadInput(name + ": trials: a list is needed");
  const Experiment base = Experiment::read(file.parent_path() / document["base"].get<std::string>());
  std::vector<Trial> trials;
  std::set<std::string> names;
  for (const json& one : document["trials"]) {
    if (!one.is_object() || one.size() != 2 || !one.contains("name") || !one.contains("changes") || !one["name"].is_string()) throw BadInput(name + ": a trial has the keys name and changes");
    const auto trial = one["name"].get<std::string>();
    const bool plain = !trial.empty() && trial.size() <= 64 && std::all_of(trial.begin(), trial.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
    if (!plain) throw BadInput(name + ": trial " + trial + ": a name has letters a-z, digits, - and _ only");
    if (!names.insert(trial).second) throw BadInput(name + ": trial " + trial + " stands twice");
    trials.push_back({trial, Experiment::changed(base, one["changes"].dump(), name + ": trial " + trial)});
  }
  return trials;
}

int run_sweep(const std::vector<Trial>& trials, const std::filesystem::path& out, const RunTrial& run) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw BadInput(out.string() + ": cannot be made");
  Database database(out / "sweep.sqlite");
  database.run(kTable);
  for (const Trial& trial : trials) {
    // Other settings under the same name are another trial.
    database.run("DELETE FROM trials WHERE name = ? AND configuration_hash <> ?", {trial.name, trial.experiment.hash});
    database.run("INSERT OR IGNORE INTO trials(name, configuration, configuration_hash, state) VALUES(?, ?, ?, 'waiting')", {trial.name, trial.experiment.text, trial.experiment.hash});
  }
  int failed = 0;
  for (const Trial& trial : trials) {
    if (database.run("SELECT state FROM trials WHERE name = ?", {trial.name}) == "done") continue;
    database.run("UPDATE trials SET state = 'running', message = NULL WHERE name = ?", {trial.name});
    try {
      const TrainingResult r = run(trial, out / trial.name);
      const Figures &f = r.full, &c = r.card;
      database.run(
          "UPDATE trials SET state = 'done', seconds = ?, proxy_loss = ?, minutia_loss = ?, full_eer = ?, full_fnmr_1e2 = ?, full_enrolled_eer = ?, full_enrolled_fnmr_1e2 = ?, "
          "card_eer = ?, card_fnmr_1e2 = ?, card_enrolled_eer = ?, card_enrolled_fnmr_1e2 = ? WHERE name = ?",
          {r.seconds, r.proxy_loss, r.minutia_loss, f.eer, f.fnmr_1e2, f.enrolled_eer, f.enrolled_fnmr_1e2, c.eer, c.fnmr_1e2, c.enrolled_eer, c.enrolled_fnmr_1e2, trial.name});
    } catch (const BadInput& bad) {
      ++failed;
      database.run("UPDATE trials SET state = 'failed', message = ? WHERE name = ?", {std::string(bad.what()), trial.name});
    }
  }
  return failed;
}

}  // namespace touchstone::nets
