// `touchstone bio evaluate --trait face`.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bio/bad_input.h"
#include "bio/face_rates.h"
#include "bio/revision.h"
#include "commands.h"
#include "face_model/face_model.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

std::string hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

}  // namespace

int evaluate_faces(tools::Options& options) {
  const auto data = options.value("--data");
  if (!data) throw tools::UsageError("--data is missing: a folder of faces (LFW, ORL, Yale or Yale B)");
  const bool every = options.flag("--all-pairs");
  std::vector<std::string> embedders;
  {
    std::istringstream in(options.value("--embedders").value_or("a:b"));
    for (std::string one; std::getline(in, one, ':');) embedders.push_back(one);
  }
  metrics::BootstrapOptions bootstrap;
  bootstrap.seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  bootstrap.replicates = static_cast<int>(options.number("--bootstrap", 1, 100'000).value_or(1000));
  const auto json = options.value("--json"), out = options.value("--out");
  options.finish();
  const FaceSet set = open_faces(*data);
  const auto head = biometrics::load_head(biometrics::face_head_file());
  if (!head) throw BadInput(std::string("the built-in head: ") + head.error().what);
  fs::path cache;
  if (out) {
    cache = fs::path(*out) / "cache";
    std::error_code error;
    fs::create_directories(cache, error);
    if (error) throw BadInput(*out + ": cannot be made: " + error.message());
  }

  const auto begin = std::chrono::steady_clock::now();
  tools::Progress progress("embedding faces", 0, set.images.size(), "pictures");
  const Embedded embedded = embed_faces(set, embedders, Store(cache), [&](std::size_t done, std::size_t) { progress.step(done); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  std::vector<FaceRow> rows;
  std::size_t missing = 0;
  for (const FaceVectors& faces : embedded.of) {
    if (!set.pairs.empty()) rows.push_back(official_pairs(set, faces, missing, bootstrap));
    if (every || set.pairs.empty()) rows.push_back(all_pairs(set, faces, false, bootstrap));
    if (every && !set.pairs.empty()) rows.push_back(all_pairs(set, faces, true, bootstrap));
    for (const Enrolment& e : {Enrolment{5, 3}, Enrolment{5, 1}, Enrolment{1, 1}}) {
      rows.push_back(enrolled_embedding(set, faces, e, bootstrap));
      if (faces.digest == hex(head.value().embedder_digest)) rows.push_back(enrolled_code(set, faces, head.value(), e, bootstrap));
    }
  }

  nlohmann::ordered_json report = {{"version", 1}, {"trait", "face"}, {"data", set.name}, {"images", set.images.size()}, {"failed_to_acquire", embedded.failures}, {"left_out", set.notes}};
  report["pairs_without_vector"] = missing;
  report["head_sha256"] = hex(biometrics::digest(head.value()));
  report["seed"] = bootstrap.seed;
  report["git_revision"] = kGitRevision;
  report["results"] = nlohmann::ordered_json::array();
  for (const FaceRow& row : rows) report["results"].push_back(to_json(row));
  const std::string text = report.dump(1) + "\n";
  if (json) tools::write_file(*json, text);
  if (out) {
    tools::write_file(fs::path(*out) / "results.json", text);
    for (const FaceVectors& faces : embedded.of) {
      tools::write_file(fs::path(*out) / ("vectors_" + faces.embedder + ".npy"), faces::npy_text(faces.vectors));
      tools::write_file(fs::path(*out) / ("vectors_" + faces.embedder + ".csv"), faces::labels_text(faces.vectors));
    }
  }

  std::printf("%s: %zu pictures, %.0f s to their vectors; %zu gave none, %zu official pairs without\n", set.name.c_str(), set.images.size(), seconds, embedded.failures.size(), missing);
  for (const std::string& failure : embedded.failures) std::printf("  no vector: %s\n", failure.c_str());
  for (const std::string& note : set.notes) std::printf("  %s\n", note.c_str());
  std::cout << to_table(rows);
  return 0;
}

}  // namespace touchstone::bio
