// `touchstone bio evaluate`: error rates of fingerprint representations, as a table, JSON, pictures and a page.
#include <sys/utsname.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/calendar.h"
#include "bio/bad_input.h"
#include "bio/evaluation.h"
#include "bio/page.h"
#include "bio/revision.h"
#include "commands.h"
#include "tools/options.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) out.push_back(part);
  return out;
}

std::vector<int> numbers(const std::string& name, const std::string& text) {
  std::vector<int> out;
  for (const std::string& part : split_at_commas(text)) {
    const auto number = tools::parse_number(part);
    if (!number || *number < 1 || *number > 8) throw tools::UsageError(name + ": numbers from 1 to 8 with commas between, not '" + text + "'");
    out.push_back(static_cast<int>(*number));
  }
  if (out.empty()) throw tools::UsageError(name + " needs a value");
  return out;
}

std::string machine_name() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.machine) + " " + name.sysname + " " + name.release;
}

// One line of the log: a row of its Markdown table.
std::string log_line(const PrintData& data, const std::string& configuration, const Evaluation& evaluation) {
  std::string figures;
  for (const Row& r : evaluation.rows) {
    if (r.label.data != data.label() || (r.label.split != "none" && r.label.split != "both") || r.label.protocol == "fvc") continue;
    figures += (figures.empty() ? "" : "; ") + r.label.name + (r.label.network == "none" ? "" : " " + r.label.network) + " " + r.label.sensor + " " +
               std::to_string(r.label.enrolled) + ": EER " + eer_text(r) + ", FMR100 " + to_text(r, 0);
  }
  return "| " + utc_date() + " | " + kGitRevision + " | " + configuration.substr(0, 12) + " | " + data.label() + " | " + figures + " | |\n";
}

void append(const fs::path& path, const std::string& line) {
  std::ofstream file(path, std::ios::app);
  file << line;
  if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
}

}  // namespace

int evaluate_main(const std::vector<std::string>& arguments) {
  tools::Options options(arguments);
  const std::string trait = options.value("--trait").value_or("finger");
  if (trait == "face") return evaluate_faces(options);
  if (trait != "finger") throw tools::UsageError("--trait: finger or face, not '" + trait + "'");
  DataOptions source;
  source.data = options.value("--data").value_or("");
  if (source.data.empty()) throw tools::UsageError("--data is missing: a folder of prints, a root with the pooled sets, or synthetic");
  const bool synthetic = source.data == "synthetic";
  if (const auto dpi = options.number("--dpi", 100, 2000)) source.dpi = static_cast<double>(*dpi);
  EvaluationOptions wanted;
  wanted.seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  wanted.bootstrap.replicates = static_cast<int>(options.number("--bootstrap", 1, 100'000).value_or(1000));
  wanted.bootstrap.seed = wanted.seed;
  source.seed = wanted.seed;
  source.fingers = static_cast<int>(options.number("--fingers", 2, 100'000).value_or(200));
  wanted.enrolled = numbers("--enrolled", options.value("--enrolled").value_or(synthetic ? "1,4,8" : "1,4"));
  const int most = *std::max_element(wanted.enrolled.begin(), wanted.enrolled.end());
  source.impressions = static_cast<int>(options.number("--impressions", 2, 64).value_or(most > 4 ? 12 : 8));
  source.least_impressions = most + 1;
  if (const auto sensor = options.value("--sensor")) {
    if (*sensor != "full" && *sensor != "card") throw tools::UsageError("--sensor: full or card, not '" + *sensor + "'");
    wanted.sensors = {*sensor == "full" ? Sensor::View::kFull : Sensor::View::kCard};
  }
  wanted.cross_sensor = options.flag("--cross-sensor");
  wanted.sweeps = !options.flag("--no-curves");
  wanted.sets = !options.flag("--no-sets");
  NetworkChoice network;
  network.weights = options.value("--weights").value_or("");
  network.code = options.value("--code").value_or(network.code);
  std::vector<std::unique_ptr<Representation>> representations;
  if (const auto names = options.value("--representation")) {
    for (const std::string& name : *names == "all" ? representation_names() : split_at_commas(*names)) representations.push_back(make_representation(name, network));
  } else {
    for (const std::string& name : representation_names()) {
      auto one = make_representation(name, network);
      // Minutes on real sets, days on thousands of fingers.
      if (!synthetic || !one->pairwise()) representations.push_back(std::move(one));
    }
  }
  const auto out = options.value("--out");
  const auto json = options.output("--json", out.value_or(""));
  const auto html = options.output("--html", out.value_or(""));
  const auto log = options.value("--log");
  options.finish();

  // Everything about the input is known before anything is written.
  std::optional<tools::Progress> shown;
  const auto data = open_prints(source, [&](std::size_t done, std::size_t all) {
    if (!shown) shown.emplace("checking prints", 0, all, "pictures", tools::Progress::Unwatched::kSilent);
    shown->step(done);
  });
  shown.reset();
  const std::string configuration = configuration_hash(*data, representations, wanted);
  fs::path cache;
  if (out) {
    cache = fs::path(*out) / "cache";
    std::error_code error;
    fs::create_directories(cache, error);
    if (error) throw BadInput(*out + ": cannot be made: " + error.message());
  }
  const Evaluation evaluation = run_evaluation(*data, representations, wanted, Store(cache));

  Facts facts = {{"data", data->label() + " (" + source.data + "), " + std::to_string(data->fingers().size()) + " fingers"},
                 {"data digest", data->digest()},
                 {"seed", std::to_string(wanted.seed)},
                 {"bootstrap", std::to_string(wanted.bootstrap.replicates) + " replicates"},
                 {"configuration", configuration},
                 {"revision", kGitRevision},
                 {"machine", machine_name()}};
  if (!data->population_hash().empty()) facts.insert(facts.begin() + 2, {"population", data->population_hash()});
  nlohmann::ordered_json report = {{"version", 2}, {"trait", trait}, {"data", data->label()}, {"data_digest", data->digest()}};
  report["population_sha256"] = data->population_hash().empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(data->population_hash());
  report["seed"] = wanted.seed;
  report["bootstrap_replicates"] = wanted.bootstrap.replicates;
  report["configuration_sha256"] = configuration;
  report["git_revision"] = kGitRevision;
  report["machine"] = machine_name();
  report["card_side_mm"] = kCardSide_mm;
  report["card_dpi"] = kCardDpi;
  report["results"] = nlohmann::ordered_json::array();
  for (const Row& r : evaluation.rows) report["results"].push_back(to_json(r));
  report["cross_sensor"] = nlohmann::ordered_json::array();
  for (const Row& r : evaluation.cross_rows) report["cross_sensor"].push_back(to_json(r));
  report["two_fingers"] = nlohmann::ordered_json::array();
  for (const Row& r : evaluation.two_finger_rows) report["two_fingers"].push_back(to_json(r));
  report["converter"] = nlohmann::ordered_json::array();
  for (const ConverterRow& r : evaluation.converter_rows) report["converter"].push_back(to_json(r));
  const std::string json_text = report.dump(1) + "\n";
  const std::string page = html || out ? to_page(facts, evaluation) : "";
  if (out) {
    const fs::path plots = fs::path(*out) / "plots";
    fs::create_directories(plots);
    for (const auto& [name, chart] : evaluation.charts) {
      tools::write_file(plots / (name + ".svg"), chart.svg());
      tools::write_file(plots / (name + ".csv"), chart.csv());
    }
    tools::write_file(fs::path(*out) / "results.json", json_text);
    tools::write_file(fs::path(*out) / "index.html", page);
  }
  if (json) tools::write_file(*json, json_text);
  if (html) tools::write_file(*html, page);
  if (log) append(*log, log_line(*data, configuration, evaluation));

  for (const auto& [name, value] : facts) std::cout << name << ": " << value << "\n";
  std::vector<Row> main_rows;
  for (const Row& r : evaluation.rows) {
    if (r.label.data == data->label()) main_rows.push_back(r);
  }
  std::cout << "\n" << to_table(main_rows);
  if (!evaluation.cross_rows.empty()) std::cout << "\nenrolled on one card, probed on the same and on another:\n" << to_table(evaluation.cross_rows);
  if (!evaluation.converter_rows.empty()) std::cout << "\nwhat the card's converter opens:\n" << to_table(evaluation.converter_rows);
  if (!evaluation.two_finger_rows.empty()) std::cout << "\ntwo fingers under one lock (neighbours of a set as one person):\n" << to_table(evaluation.two_finger_rows);
  return 0;
}

}  // namespace touchstone::bio
