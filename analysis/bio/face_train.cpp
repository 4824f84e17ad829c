#include "face_train.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "face_nets/face_experiment.h"
#include "faces/embeddings.h"
#include "faces/splits.h"
#include "metrics/error_rates.h"
#include "nets/bad_input.h"
#include "nets/files.h"
#include "nets/progress.h"
#include "nets/trials.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using nlohmann::json;
using nets::FaceExperiment;

struct Options {
  std::string scheme, set, command = "touchstone bio train";
  std::filesystem::path embeddings, labels, config, sweep, out;
  faces::Part part = faces::Part::kTune;
};

std::string needed(tools::Options& given, const char* name) {
  const auto value = given.value(name);
  if (!value) throw tools::UsageError(std::string(name) + " is missing");
  return *value;
}

Options parse(const std::vector<std::string>& arguments) {
  Options o;
  for (const std::string& word : arguments) o.command += " " + word;
  tools::Options given(arguments);
  given.value("--trait");
  o.scheme = needed(given, "--scheme");
  if (o.scheme != "head" && o.scheme != "n0" && o.scheme != "n1") throw tools::UsageError("--scheme is head, n0 or n1");
  o.embeddings = needed(given, "--embeddings");
  o.labels = needed(given, "--labels");
  o.set = needed(given, "--set");
  o.out = needed(given, "--out");
  const auto config = given.value("--config"), sweep = given.value("--sweep"), part = given.value("--part");
  if (config && sweep) throw tools::UsageError("--sweep names its configuration itself: --config has no place beside it");
  o.config = config.value_or(TS_EXPERIMENTS "/face/" + o.scheme + ".json");
  if (sweep) o.sweep = *sweep;
  if (part && *part != "tune" && *part != "report") throw tools::UsageError("--part is tune or report");
  if (part == "report") o.part = faces::Part::kReport;
  if (sweep && o.part == faces::Part::kReport) throw tools::UsageError("settings are chosen on the tuning part: --sweep has no place beside --part report");
  given.finish();
  return o;
}

/// People of the tuning part, and of the reporting part if it is asked for.
struct People {
  faces::Embeddings tune, report;
};

People read(const Options& o) {
  const auto all = faces::read_embeddings(o.embeddings, o.labels);
  if (!all) throw nets::BadInput(o.embeddings.string() + ", " + o.labels.string() + ": " + all.error().what);
  const auto of = [&](faces::Part part) {
    faces::Embeddings out = all->select(faces::pictures_of(*all, o.set, part));
    if (out.size() == 0) throw nets::BadInput(o.labels.string() + ": nobody of the " + faces::to_string(part) + " part of set " + o.set + " (datasets/faces/splits.csv)");
    return out;
  };
  return {of(faces::Part::kTune), o.part == faces::Part::kReport ? of(faces::Part::kReport) : faces::Embeddings()};
}

void require_scheme(const Options& o, const FaceExperiment& experiment, const std::string& name) {
  if (to_string(experiment.scheme) != o.scheme) throw nets::BadInput(name + ": scheme is " + to_string(experiment.scheme) + ", not " + o.scheme);
}

nets::FaceFigures run(const Options& o, const FaceExperiment& experiment, const People& people, weak::PersonScores* scores = nullptr) {
  nets::Progress progress("networks", experiment.scheme != FaceExperiment::Scheme::kHead);
  return nets::run_face(
      experiment, people.tune, o.part == faces::Part::kReport ? &people.report : nullptr, [&](std::size_t done, std::size_t all) { progress.step(static_cast<double>(done), 0, static_cast<double>(all)); }, scores);
}

void print(const nets::FaceFigures& figures) {
  for (const auto& [name, value] : figures) std::printf("  %s %.6g", name.c_str(), value);
  std::printf("\n");
  std::fflush(stdout);
}

int sweep(const Options& o, const People& people) {
  const nets::SweepFile file = nets::read_sweep_file(o.sweep);
  const FaceExperiment base = FaceExperiment::read(file.base);
  std::vector<FaceExperiment> experiments;
  std::vector<nets::TrialSettings> trials;
  // Figures of other pictures are other figures.
  const std::string data = nets::digest_of(nets::read_whole(o.embeddings) + nets::read_whole(o.labels)) + o.set;
  for (const auto& [name, changes] : file.trials) {
    const std::string where = o.sweep.string() + ": trial " + name;
    experiments.push_back(base.changed(changes, where));
    require_scheme(o, experiments.back(), where);
    trials.push_back({name, experiments.back().text, nets::digest_of(experiments.back().hash + data)});
  }
  std::vector<std::string> columns = {"seconds"};
  if (o.scheme == "head") {
    for (const char* c : {"fnmr", "fmr", "genuine", "impostor"}) columns.emplace_back(c);
  } else {
    for (const char* prefix : {"single_", "fused_"}) {
      for (const char* c : {"fnmr", "fmr", "eer", "fnmr_1e3", "wrong_bits_genuine", "wrong_bits_impostor", "genuine", "impostor"}) columns.push_back(prefix + std::string(c));
    }
  }
  const int failed = nets::run_trials(trials, columns, o.out, [&](std::size_t i) {
    const auto begin = std::chrono::steady_clock::now();
    const nets::FaceFigures figures = run(o, experiments[i], people);
    std::vector<double> values = {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
    for (const auto& [name, value] : figures) {
      if (values.size() >= columns.size() || columns[values.size()] != name) throw std::logic_error("figures in another order than the table's columns: " + name);
      values.push_back(value);
    }
    std::printf("trial %s (%zu of %zu), %.1f s:", trials[i].name.c_str(), i + 1, trials.size(), values[0]);
    print(figures);
    return values;
  });
  if (failed > 0) std::fprintf(stderr, "touchstone bio train: %d trials failed; their messages stand in %s\n", failed, (o.out / "sweep.sqlite").c_str());
  return failed > 0 ? 1 : 0;
}

json det(const metrics::ScoreSet& scores) {
  json points = json::array();
  for (const metrics::DetPoint& p : metrics::ErrorRates(scores).det(200)) points.push_back({{"wrong_bits", -p.threshold}, {"fmr", p.fmr}, {"fnmr", p.fnmr}});
  return points;
}

}  // namespace

int train_face(const std::vector<std::string>& arguments) {
  const Options o = parse(arguments);
  const People people = read(o);
  if (!o.sweep.empty()) return sweep(o, people);
  const FaceExperiment experiment = FaceExperiment::read(o.config);
  require_scheme(o, experiment, o.config.string());
  weak::PersonScores scores;
  const nets::FaceFigures figures = run(o, experiment, people, &scores);
  json log = {{"command", o.command},
              {"configuration", json::parse(experiment.text)},
              {"configuration_sha256", experiment.hash},
              {"embeddings_sha256", nets::digest_of(nets::read_whole(o.embeddings))},
              {"labels_sha256", nets::digest_of(nets::read_whole(o.labels))},
              {"set", o.set},
              {"part", faces::to_string(o.part)}};
  for (const auto& [name, value] : figures) log["figures"][name] = value;
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) throw nets::BadInput(o.out.string() + ": cannot be made");
  if (experiment.scheme == FaceExperiment::Scheme::kHead) {
    const auto file = biometrics::serialise(nets::fitted_head(experiment, people.tune));
    const std::string bytes(file.begin(), file.end());
    nets::write_whole(o.out / "face.head", bytes);
    log["head_sha256"] = nets::digest_of(bytes);
  } else {
    const auto all_right = std::count(scores.bias_wrong_bits.begin(), scores.bias_wrong_bits.end(), 0);
    const double wrong = std::accumulate(scores.bias_wrong_bits.begin(), scores.bias_wrong_bits.end(), 0.0);
    const auto networks = static_cast<double>(scores.bias_wrong_bits.size());
    log["from_biases_alone"] = {{"networks", networks}, {"secret", static_cast<double>(all_right) / networks}, {"wrong_bits", wrong / networks}};
    std::printf("biases alone give the secret of %td of %.0f people, %.2f bits wrong on average\n", all_right, networks, wrong / networks);
    log["det"] = {{"single", det(scores.single)}, {"fused", det(scores.fused)}};
  }
  nets::write_whole(o.out / "figures.json", log.dump(1) + "\n");
  std::printf("%s, %s part of %s:", o.scheme.c_str(), faces::to_string(o.part), o.set.c_str());
  print(figures);
  return 0;
}

}  // namespace touchstone::bio
