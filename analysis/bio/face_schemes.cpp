#include "face_schemes.h"

#include <algorithm>

#include "bio/bad_input.h"
#include "bio/face_enrolled.h"
#include "face_nets/face_experiment.h"
#include "faces/splits.h"

namespace touchstone::bio {
namespace {

nets::FaceExperiment settings_of(const std::string& scheme) { return nets::FaceExperiment::read(TS_EXPERIMENTS "/face/" + scheme + ".json"); }

BadInput no_strangers(const std::string& scheme, const FaceSet& set) {
  return BadInput(scheme + " is trained on strangers, and " + set.name + " has no people of the tuning part (datasets/faces/splits.csv)");
}

}  // namespace

void require_strangers(const std::string& scheme, const FaceSet& set) {
  const auto tunes = [&](const FaceSet::Image& image) { return faces::part_of(set.name, image.person) == faces::Part::kTune; };
  if (settings_of(scheme).net.strangers > 0 && std::none_of(set.images.begin(), set.images.end(), tunes)) throw no_strangers(scheme, set);
}

SchemeRows measure_scheme(const std::string& scheme, const FaceSet& set, const FaceVectors& faces, const metrics::BootstrapOptions& options,
                          const std::function<void(std::size_t, std::size_t)>& progress) {
  const auto experiment = settings_of(scheme);
  faces::Embeddings strangers;
  strangers.dimensions = faces.vectors.dimensions;
  if (experiment.net.strangers > 0) {
    strangers = faces.vectors.select(faces::pictures_of(faces.vectors, set.name, faces::Part::kTune));
    if (strangers.size() == 0) throw no_strangers(scheme, set);  // all their pictures were refused
  }
  const weak::PersonScores scores = weak::person_scores(faces.vectors.select(reported(set, faces)), strangers, experiment.protocol, experiment.net, experiment.seed, progress);
  SchemeRows out;
  out.networks = scores.bias_wrong_bits.size();
  out.biases_tell = static_cast<std::size_t>(std::count(scores.bias_wrong_bits.begin(), scores.bias_wrong_bits.end(), 0));
  for (const bool fused : {true, false}) {
    FaceRow row = begin_row(set, faces, "enrolled", "code");
    row.scheme = scheme;
    row.people = reported_people(set);
    row.enrolled = experiment.protocol.enrolled;
    row.fused = fused ? experiment.protocol.fused : 1;
    row.persons = out.networks;
    row.k_bits = 8 * static_cast<int>(weak::kSecretBytes);
    const metrics::ScoreSet& of = fused ? scores.fused : scores.single;
    measure_scores(of, options, row);
    // What counts is all bits right; thresholds on wrong bits are for the curve alone.
    row.fnmr_at.clear();
    measure_decisions(of, weak::kRecovers, options, row);
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace touchstone::bio
