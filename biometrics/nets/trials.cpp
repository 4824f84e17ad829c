#include "nets/trials.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <variant>

#include "base/check.h"
#include "nets/bad_input.h"
#include "nets/files.h"
#include "nets/strict_json.h"

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

}  // namespace

SweepFile read_sweep_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  const json document = parse_json(read_whole(file), name);
  if (!document.is_object()) throw BadInput(name + ": not a JSON object");
  for (const auto& [key, value] : document.items()) {
    if (key != "base" && key != "trials") throw BadInput(name + ": " + key + ": unknown key");
  }
  if (!document.contains("base") || !document["base"].is_string()) throw BadInput(name + ": base: the name of a configuration file is needed");
  if (!document.contains("trials") || !document["trials"].is_array() || document["trials"].empty()) throw BadInput(name + ": trials: a list is needed");
  SweepFile sweep{file.parent_path() / document["base"].get<std::string>(), {}};
  std::set<std::string> names;
  for (const json& one : document["trials"]) {
    if (!one.is_object() || one.size() != 2 || !one.contains("name") || !one.contains("changes") || !one["name"].is_string()) throw BadInput(name + ": a trial has the keys name and changes");
    const auto trial = one["name"].get<std::string>();
    const bool plain = !trial.empty() && trial.size() <= 64 && std::all_of(trial.begin(), trial.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
    if (!plain) throw BadInput(name + ": trial " + trial + ": a name has letters a-z, digits, - and _ only");
    if (!names.insert(trial).second) throw BadInput(name + ": trial " + trial + " stands twice");
    sweep.trials.push_back({trial, one["changes"].dump()});
  }
  return sweep;
}

int run_trials(const std::vector<TrialSettings>& trials, const std::vector<std::string>& columns, const std::filesystem::path& out, const RunOne& run) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) throw BadInput(out.string() + ": cannot be made");
  const FolderLock alone(out, false);
  Database database(out / "sweep.sqlite");
  std::string table = "CREATE TABLE IF NOT EXISTS trials(name TEXT PRIMARY KEY, configuration TEXT, configuration_hash TEXT, state TEXT, message TEXT";
  std::string update = "UPDATE trials SET state = 'done'";
  for (const std::string& column : columns) {
    table += ", " + column + " REAL";
    update += ", " + column + " = ?";
  }
  database.run((table + ")").c_str());
  for (const TrialSettings& trial : trials) {
    // Other settings under the same name are another trial.
    database.run("DELETE FROM trials WHERE name = ? AND configuration_hash <> ?", {trial.name, trial.hash});
    database.run("INSERT OR IGNORE INTO trials(name, configuration, configuration_hash, state) VALUES(?, ?, ?, 'waiting')", {trial.name, trial.text, trial.hash});
  }
  int failed = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const std::string& name = trials[i].name;
    if (database.run("SELECT state FROM trials WHERE name = ?", {name}) == "done") continue;
    database.run("UPDATE trials SET state = 'running', message = NULL WHERE name = ?", {name});
    try {
      const std::vector<double> figures = run(i);
      TS_CHECK(figures.size() == columns.size(), "a trial gives a figure for each column");
      std::vector<Database::Value> values(figures.begin(), figures.end());
      values.emplace_back(name);
      database.run((update + " WHERE name = ?").c_str(), values);
    } catch (const BadInput& bad) {
      ++failed;
      database.run("UPDATE trials SET state = 'failed', message = ? WHERE name = ?", {std::string(bad.what()), name});
    }
  }
  return failed;
}

}  // namespace touchstone::nets
