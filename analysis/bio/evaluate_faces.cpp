// `touchstone bio evaluate --trait face`.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bio/bad_input.h"
#include "bio/face_enrolled.h"
#include "bio/face_report.h"
#include "bio/revision.h"
#include "commands.h"
#include "face_model/face_model.h"
#include "face_secret/face_secret.h"
#include "face_schemes.h"
#include "nets/files.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_at(const std::string& text, char mark) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, mark);) out.push_back(one);
  return out;
}

struct Request {
  std::string data, embeddings, labels, set, head;
  bool every_pair = false;
  std::vector<std::string> embedders, schemes;
  bool schemes_asked = false;
  std::vector<int> enrolled;
  metrics::BootstrapOptions bootstrap;
  std::optional<std::string> json, html, out;
};

Request parse(tools::Options& options) {
  Request w;
  w.data = options.value("--data").value_or("");
  w.embeddings = options.value("--embeddings").value_or("");
  w.labels = options.value("--labels").value_or("");
  w.set = options.value("--set").value_or("");
  w.head = options.value("--head").value_or("");
  if (w.data.empty() && w.embeddings.empty()) throw tools::UsageError("--data is missing: a folder of faces (LFW, ORL, Yale or Yale B); or --embeddings X.npy --labels Y.csv");
  if (w.embeddings.empty() != w.labels.empty()) throw tools::UsageError("--embeddings and --labels go together");
  if (!w.set.empty() && (w.embeddings.empty() || !w.data.empty())) throw tools::UsageError("--set names embeddings that come without --data");
  if (!w.head.empty() && w.embeddings.empty()) throw tools::UsageError("--head goes with --embeddings: pictures take the built-in one");
  w.every_pair = options.flag("--all-pairs");
  const auto embedders = options.value("--embedders");
  if (embedders && !w.embeddings.empty()) throw tools::UsageError("--embedders: the embeddings are there already");
  w.embedders = split_at(embedders.value_or("a:b"), ':');
  const auto schemes = options.value("--scheme");
  w.schemes_asked = schemes.has_value();
  w.schemes = split_at(schemes.value_or("r1"), ',');
  for (const std::string& scheme : w.schemes) {
    if (scheme != "r1" && scheme != "n0" && scheme != "n1") throw tools::UsageError("--scheme: r1, n0, n1 with commas between, not '" + scheme + "'");
  }
  for (const std::string& number : split_at(options.value("--enrolled").value_or("5,1"), ',')) {
    const auto value = tools::parse_number(number);
    if (!value || *value < 1 || *value > 8) throw tools::UsageError("--enrolled: numbers from 1 to 8 with commas between, not '" + number + "'");
    w.enrolled.push_back(static_cast<int>(*value));
  }
  w.bootstrap.seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  w.bootstrap.replicates = static_cast<int>(options.number("--bootstrap", 1, 100'000).value_or(1000));
  w.out = options.value("--out");
  w.json = options.output("--json", w.out.value_or(""));
  w.html = options.output("--html", w.out.value_or(""));
  options.finish();
  return w;
}

/// Every step of the measuring is a line of progress: bootstraps of millions of comparisons take minutes.
class Steps {
 public:
  explicit Steps(std::size_t all) : progress_("measuring", 0, all, "rows") {}
  template <typename Row>
  void operator()(std::vector<FaceRow>& to, Row&& row) {
    to.push_back(std::forward<Row>(row));
    progress_.step(++done_);
  }

 private:
  tools::Progress progress_;
  std::size_t done_ = 0;
};

void measure_all(const Request& w, const FaceSet& set, const Embedded& embedded, const biometrics::Head& head, FaceEvaluation& e) {
  const auto has = [&](const char* scheme) { return std::find(w.schemes.begin(), w.schemes.end(), scheme) != w.schemes.end(); };
  std::vector<Enrolment> enrolments;
  for (const int enrolled : w.enrolled) {
    enrolments.push_back({enrolled, 3});
    enrolments.push_back({enrolled, 1});
  }
  Steps steps(embedded.of.size() * (3 + 2 * enrolments.size()));
  for (const FaceVectors& faces : embedded.of) {
    const bool fits = !w.embeddings.empty() ? !w.head.empty() : faces.digest == nets::to_hex(head.embedder_digest);
    if (fits && faces.vectors.dimensions != head.inputs()) {
      throw BadInput("the head takes vectors of " + std::to_string(head.inputs()) + " numbers, these have " + std::to_string(faces.vectors.dimensions));
    }
    if (fits && has("r1")) {
      const auto code = biometrics::face_code(head.dimensions());
      if (!code) throw BadInput("r1 has no code for the head's vectors of " + std::to_string(head.dimensions()) + " numbers: " + code.error().what);
    }
    // Of one scheme alone, what it is made from stands beside it.
    if (w.schemes_asked && w.embeddings.empty() && !fits) continue;
    if (!set.pairs.empty()) steps(e.rows, official_pairs(set, faces, e.pairs_without_vector, w.bootstrap));
    if (w.every_pair || set.pairs.empty()) steps(e.rows, all_pairs(set, faces, false, w.bootstrap));
    if (w.every_pair && !set.pairs.empty()) steps(e.rows, all_pairs(set, faces, true, w.bootstrap));
    for (const Enrolment& enrolment : enrolments) {
      steps(e.rows, enrolled_embedding(set, faces, enrolment, w.bootstrap));
      if (fits && has("r1")) steps(e.rows, enrolled_code(set, faces, head, enrolment, w.bootstrap));
    }
    if (fits && has("r1")) {
      for (const int fused : {3, 1}) {
        for (FaceRow& row : loss_by_protection(set, faces, head, {5, fused}, w.bootstrap)) {
          if (row.genuine_pairs > 0) e.protection.push_back(std::move(row));
        }
      }
    }
    for (const std::string& scheme : w.schemes) {
      if (scheme == "r1" || (w.embeddings.empty() && !fits)) continue;
      tools::Progress progress(scheme, 0, 0, "networks");
      SchemeRows measured = measure_scheme(scheme, set, faces, w.bootstrap, [&](std::size_t done, std::size_t) { progress.step(done); });
      e.networks.push_back({scheme, measured.networks, measured.biases_tell});
      for (FaceRow& row : measured.rows) e.rows.push_back(std::move(row));
    }
    for (ConditionRow& row : by_condition(set, faces, w.bootstrap)) e.conditions.push_back(std::move(row));
    if (w.every_pair || set.pairs.empty()) {
      for (Suspect& s : suspects(faces)) e.suspects.push_back(std::move(s));
    }
  }
}

}  // namespace

int evaluate_faces(tools::Options& options) {
  const Request w = parse(options);
  const auto head = w.head.empty() ? biometrics::load_head(biometrics::face_head_file()) : biometrics::load_head(fs::path(w.head));
  if (!head) throw BadInput((w.head.empty() ? "the built-in head" : w.head) + std::string(": ") + head.error().what);
  faces::Embeddings own;
  if (!w.embeddings.empty()) {
    auto read = faces::read_embeddings(w.embeddings, w.labels);
    if (!read) throw BadInput(w.embeddings + ", " + w.labels + ": " + read.error().what);
    own = std::move(read).value();
  }
  const FaceSet set = w.data.empty() ? set_of(own, w.set.empty() ? fs::path(w.embeddings).stem().string() : w.set) : open_faces(w.data);
  for (const std::string& scheme : w.schemes) {
    if (scheme != "r1") require_strangers(scheme, set);
  }
  fs::path cache;
  if (w.out) {
    cache = fs::path(*w.out) / "cache";
    std::error_code error;
    fs::create_directories(cache, error);
    if (error) throw BadInput(*w.out + ": cannot be made: " + error.message());
  }

  const auto begin = std::chrono::steady_clock::now();
  Embedded embedded;
  if (w.embeddings.empty()) {
    tools::Progress progress("embedding faces", 0, set.images.size(), "pictures");
    embedded = embed_faces(set, w.embedders, Store(cache), [&](std::size_t done, std::size_t) { progress.step(done); });
  } else {
    embedded = own_vectors(set, own, fs::path(w.embeddings).stem().string());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  FaceEvaluation evaluation;
  evaluation.pictures = set.images.size();
  evaluation.failures = embedded.failures;
  evaluation.notes = set.notes;
  measure_all(w, set, embedded, head.value(), evaluation);

  Facts facts = {{"data", set.name}, {"seed", std::to_string(w.bootstrap.seed)}, {"git_revision", kGitRevision}};
  const bool through_head = !evaluation.protection.empty();
  if (through_head) facts.insert(facts.begin() + 1, {"head_sha256", nets::to_hex(biometrics::digest(head.value()))});
  const std::string json = to_json(facts, evaluation).dump(1) + "\n";
  if (w.json) tools::write_file(*w.json, json);
  if (w.html) tools::write_file(*w.html, to_page(facts, evaluation));
  if (w.out) {
    const fs::path out(*w.out), plots = out / "plots";
    fs::create_directories(plots);
    tools::write_file(out / "results.json", json);
    tools::write_file(out / "index.html", to_page(facts, evaluation));
    for (const auto& [name, chart] : charts(evaluation)) {
      tools::write_file(plots / (name + ".svg"), chart.svg());
      tools::write_file(plots / (name + ".csv"), chart.csv());
    }
    for (const FaceVectors& faces : embedded.of) {
      if (!w.embeddings.empty()) continue;
      tools::write_file(out / ("vectors_" + faces.embedder + ".npy"), faces::npy_text(faces.vectors));
      tools::write_file(out / ("vectors_" + faces.embedder + ".csv"), faces::labels_text(faces.vectors));
    }
  }

  std::printf("%s: %zu pictures, %.0f s to their vectors; %zu gave none, %zu official pairs without\n", set.name.c_str(), set.images.size(), seconds, embedded.failures.size(),
              evaluation.pairs_without_vector);
  std::cout << to_text(evaluation);
  return 0;
}

}  // namespace touchstone::bio
