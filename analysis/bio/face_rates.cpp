#include "bio/face_rates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/seed.h"
#include "face_secret/face_secret.h"
#include "faces/splits.h"
#include "metrics/bootstrap.h"
#include "metrics/error_rates.h"
#include "tools/text_table.h"

namespace touchstone::bio {
namespace {

/// Bootstraps of millions of comparisons take fewer replicates: they cost a pass each.
constexpr std::size_t kMostDraws = 400'000'000;

std::vector<float> unit(std::span<const float> v) {
  double square = 0;
  for (const float x : v) square += static_cast<double>(x) * static_cast<double>(x);
  std::vector<float> out(v.begin(), v.end());
  for (float& x : out) x = static_cast<float>(static_cast<double>(x) / std::sqrt(square));
  return out;
}

float product(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<std::vector<float>> units(const faces::Embeddings& e) {
  std::vector<std::vector<float>> out;
  for (std::size_t i = 0; i < e.size(); ++i) out.push_back(unit(e.of(i)));
  return out;
}

metrics::BootstrapOptions limited(const metrics::ScoreSet& scores, metrics::BootstrapOptions options) {
  const std::size_t all = scores.genuine.size() + scores.impostor.size();
  options.replicates = static_cast<int>(std::clamp<std::size_t>(kMostDraws / std::max<std::size_t>(1, all), 20, static_cast<std::size_t>(options.replicates)));
  return options;
}

/// Rates of scores over all thresholds.
void measure(const metrics::ScoreSet& scores, const metrics::BootstrapOptions& wanted, FaceRow& row) {
  const auto options = limited(scores, wanted);
  const metrics::ErrorRates rates(scores);
  row.genuine_pairs = scores.genuine.size();
  row.impostor_pairs = scores.impostor.size();
  row.replicates = options.replicates;
  row.eer = rates.eer();
  const auto intervals = metrics::bootstrap(scores, kFaceFmr, rates.threshold_for_fmr(1e-3), options);
  row.eer_95 = intervals.eer;
  for (std::size_t i = 0; i < std::size(kFaceFmr); ++i) row.fnmr_at.push_back({rates.fnmr_at_fmr(kFaceFmr[i]), intervals.fnmr_at_fmr[i]});
}

FaceRow begin(const FaceSet& set, const FaceVectors& faces, const char* protocol, const char* representation) {
  FaceRow row;
  row.data = set.name;
  row.protocol = protocol;
  row.representation = representation;
  row.embedder = faces.embedder;
  return row;
}

metrics::ScoreSet empty_scores(const faces::Embeddings& e) {
  metrics::ScoreSet out;
  out.stratum.assign(e.people.size(), 0);
  return out;
}

/// Pictures that make a reference or a probe together.
struct Group {
  std::uint32_t person = 0;
  std::vector<std::size_t> vectors;
};
struct Groups {
  std::vector<Group> references, genuine, strangers;  ///< strangers: probes against other people's references
};

Groups group(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment) {
  std::map<std::uint32_t, std::vector<std::size_t>> of_person;
  for (const std::size_t i : faces::pictures_of(faces.vectors, set.name, faces::Part::kReport)) of_person[faces.vectors.person[i]].push_back(i);
  Groups out;
  const auto enrolled = static_cast<std::size_t>(enrolment.enrolled), fused = static_cast<std::size_t>(enrolment.fused);
  for (const auto& [person, pictures] : of_person) {
    const std::size_t aside = pictures.size() >= enrolled + fused ? enrolled : 0;
    if (aside > 0) out.references.push_back({person, {pictures.begin(), pictures.begin() + static_cast<std::ptrdiff_t>(enrolled)}});
    for (std::size_t first = aside; first + fused <= pictures.size(); first += fused) {
      const Group probe{person, {pictures.begin() + static_cast<std::ptrdiff_t>(first), pictures.begin() + static_cast<std::ptrdiff_t>(first + fused)}};
      if (aside > 0) out.genuine.push_back(probe);
      out.strangers.push_back(probe);
    }
    for (std::size_t i = aside; fused > 1 && i < pictures.size(); ++i) out.strangers.push_back({person, {pictures[i]}});
  }
  return out;
}

/// Every reference with its own probes and with strangers'.
metrics::ScoreSet compare(const FaceVectors& faces, const Groups& groups, const std::function<float(std::size_t, const Group&)>& score) {
  metrics::ScoreSet out = empty_scores(faces.vectors);
  for (std::uint32_t r = 0; r < groups.references.size(); ++r) {
    const std::uint32_t person = groups.references[r].person;
    for (const Group& probe : groups.genuine) {
      if (probe.person == person) out.genuine.push_back({r, person, probe.person, score(r, probe)});
    }
    for (const Group& probe : groups.strangers) {
      if (probe.person != person) out.impostor.push_back({r, person, probe.person, score(r, probe)});
    }
  }
  return out;
}

FaceRow begin_enrolled(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment, const Groups& groups, const char* representation) {
  FaceRow row = begin(set, faces, "enrolled", representation);
  row.people = "report";
  row.enrolled = enrolment.enrolled;
  row.fused = enrolment.fused;
  row.persons = groups.references.size();
  return row;
}

}  // namespace

FaceRow official_pairs(const FaceSet& set, const FaceVectors& faces, std::size_t& missing, const metrics::BootstrapOptions& options) {
  FaceRow row = begin(set, faces, "official_pairs", "embedding");
  row.people = "named in pairs.txt";
  row.persons = faces.vectors.people.size();
  std::map<std::size_t, std::size_t> vector_of;
  for (std::size_t v = 0; v < faces.image.size(); ++v) vector_of[faces.image[v]] = v;
  const auto vectors = units(faces.vectors);
  metrics::ScoreSet scores = empty_scores(faces.vectors);
  missing = 0;
  for (const FaceSet::Pair& pair : set.pairs) {
    const auto a = vector_of.find(pair.a), b = vector_of.find(pair.b);
    if (a == vector_of.end() || b == vector_of.end()) {
      ++missing;
      continue;
    }
    (pair.genuine ? scores.genuine : scores.impostor)
        .push_back({static_cast<std::uint32_t>(a->second), faces.vectors.person[a->second], faces.vectors.person[b->second], product(vectors[a->second], vectors[b->second])});
  }
  measure(scores, options, row);
  return row;
}

FaceRow all_pairs(const FaceSet& set, const FaceVectors& faces, bool named, const metrics::BootstrapOptions& options) {
  FaceRow row = begin(set, faces, "all_pairs", "embedding");
  row.people = named ? "named in pairs.txt" : "all";
  row.persons = faces.vectors.people.size();
  std::vector<bool> wanted(set.images.size(), !named);
  for (const FaceSet::Pair& pair : set.pairs) wanted[pair.a] = wanted[pair.b] = true;
  const auto vectors = units(faces.vectors);
  metrics::ScoreSet scores = empty_scores(faces.vectors);
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    if (!wanted[faces.image[a]]) continue;
    for (std::size_t b = a + 1; b < vectors.size(); ++b) {
      if (!wanted[faces.image[b]]) continue;
      const std::uint32_t p = faces.vectors.person[a], q = faces.vectors.person[b];
      (p == q ? scores.genuine : scores.impostor).push_back({static_cast<std::uint32_t>(a), p, q, product(vectors[a], vectors[b])});
    }
  }
  measure(scores, options, row);
  return row;
}

FaceRow enrolled_embedding(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment, const metrics::BootstrapOptions& options) {
  const Groups groups = group(set, faces, enrolment);
  FaceRow row = begin_enrolled(set, faces, enrolment, groups, "embedding");
  const auto vectors = units(faces.vectors);
  const auto sum = [&](const Group& g) {
    std::vector<float> out(faces.vectors.dimensions, 0);
    for (const std::size_t i : g.vectors) {
      for (std::size_t d = 0; d < out.size(); ++d) out[d] += vectors[i][d];
    }
    return unit(out);
  };
  std::vector<std::vector<float>> references;
  for (const Group& g : groups.references) references.push_back(sum(g));
  measure(compare(faces, groups, [&](std::size_t r, const Group& probe) { return product(references[r], sum(probe)); }), options, row);
  return row;
}

FaceRow enrolled_code(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options) {
  const Groups groups = group(set, faces, enrolment);
  FaceRow row = begin_enrolled(set, faces, enrolment, groups, "code");
  const auto vector = [&](const Group& g) {
    std::vector<std::span<const float>> pictures;
    for (const std::size_t i : g.vectors) pictures.push_back(faces.vectors.of(i));
    auto out = head.vector(pictures);
    TS_CHECK(out.ok(), "vectors of the head's embedder");
    return std::move(out).value();
  };
  std::vector<codes::HelperData> records(groups.references.size());
  for (std::size_t r = 0; r < records.size(); ++r) {
    ByteArray<32> randomness{};
    SeedTree(options.seed).child("face").child(r).stream("record").fill(randomness);
    Secret<32> root;
    TS_CHECK(biometrics::enrol_face(vector(groups.references[r]), randomness, records[r], root).ok(), "a vector makes a record");
    row.k_bits = records[r].code.k;
  }
  // Each probe's vector is made once.
  std::map<std::vector<std::size_t>, biometrics::FaceVector> probes;
  for (const auto* of : {&groups.genuine, &groups.strangers}) {
    for (const Group& g : *of) {
      if (probes.find(g.vectors) == probes.end()) probes.emplace(g.vectors, vector(g));
    }
  }
  const auto scores = compare(faces, groups, [&](std::size_t r, const Group& probe) {
    Secret<32> root;
    return biometrics::open_face(probes.at(probe.vectors), records[r], root).ok() ? 1.0F : 0.0F;
  });
  constexpr double kOpened = 0.5;  // between the two scores
  const metrics::ErrorRates rates(scores);
  const auto limits = limited(scores, options);
  const auto intervals = metrics::bootstrap(scores, {}, kOpened, limits);
  row.genuine_pairs = scores.genuine.size();
  row.impostor_pairs = scores.impostor.size();
  row.replicates = limits.replicates;
  row.fnmr = RateWithInterval{rates.fnmr(kOpened), intervals.fnmr};
  row.fmr = RateWithInterval{rates.fmr(kOpened), intervals.fmr};
  return row;
}

nlohmann::ordered_json to_json(const FaceRow& row) {
  nlohmann::ordered_json out = {{"data", row.data}, {"protocol", row.protocol}, {"representation", row.representation}, {"embedder", row.embedder}, {"people", row.people},
                                {"enrolled", row.enrolled}, {"fused", row.fused}, {"persons", row.persons}, {"genuine_pairs", row.genuine_pairs}, {"impostor_pairs", row.impostor_pairs}};
  out["k_bits"] = row.k_bits > 0 ? nlohmann::ordered_json(row.k_bits) : nlohmann::ordered_json();
  out["eer"] = row.eer ? nlohmann::ordered_json(*row.eer) : nlohmann::ordered_json();
  out["fnmr"] = row.fnmr ? nlohmann::ordered_json(row.fnmr->rate.value()) : nlohmann::ordered_json();
  out["fmr"] = row.fmr ? nlohmann::ordered_json(row.fmr->rate.value()) : nlohmann::ordered_json();
  const auto interval = [](const metrics::Interval& i) { return nlohmann::ordered_json::array({i.low, i.high}); };
  nlohmann::ordered_json at = nlohmann::ordered_json::object(), at_95 = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < row.fnmr_at.size(); ++i) {
    const char* const name[] = {"1e-2", "1e-3", "1e-4", "1e-5"};
    // Below three expected errors an FMR cannot be told from 0.
    const bool supported = metrics::Rate{0, row.impostor_pairs}.supports(kFaceFmr[i]);
    at[name[i]] = supported ? nlohmann::ordered_json(row.fnmr_at[i].rate.value()) : nlohmann::ordered_json();
    at_95[name[i]] = supported ? interval(row.fnmr_at[i].interval_95) : nlohmann::ordered_json();
  }
  out["fnmr_at_fmr"] = at;
  nlohmann::ordered_json intervals = {{"fnmr_at_fmr", at_95}};
  intervals["eer"] = row.eer_95 ? interval(*row.eer_95) : nlohmann::ordered_json();
  intervals["fnmr"] = row.fnmr ? interval(row.fnmr->interval_95) : nlohmann::ordered_json();
  intervals["fmr"] = row.fmr ? interval(row.fmr->interval_95) : nlohmann::ordered_json();
  out["intervals_95"] = intervals;
  out["bootstrap_replicates"] = row.replicates;
  return out;
}

std::string to_table(const std::vector<FaceRow>& rows) {
  std::vector<std::vector<std::string>> lines = {{"protocol", "people", "what", "embedder", "genuine", "impostor", "EER", "FNMR at FMR 1e-3", "1e-4", "1e-5", "k", "FNMR", "FMR"}};
  for (const FaceRow& r : rows) {
    const auto at = [&](std::size_t i) {
      return r.fnmr_at.empty() || !metrics::Rate{0, r.impostor_pairs}.supports(kFaceFmr[i]) ? std::string("-") : to_text(r.fnmr_at[i]);
    };
    std::string eer = "-";
    if (r.eer) eer = to_text(RateWithInterval{metrics::Rate{static_cast<std::uint64_t>(std::llround(*r.eer * 1e6)), 1'000'000}, r.eer_95.value_or(metrics::Interval{})});
    lines.push_back({r.protocol + (r.protocol == "enrolled" ? " " + std::to_string(r.enrolled) + ", fused " + std::to_string(r.fused) : ""), r.people, r.representation, r.embedder,
                     std::to_string(r.genuine_pairs), std::to_string(r.impostor_pairs), eer, at(1), at(2), at(3), r.k_bits > 0 ? std::to_string(r.k_bits) : "-",
                     r.fnmr ? to_text(*r.fnmr) : "-", r.fmr ? to_text(*r.fmr) : "-"});
  }
  return tools::text_table(lines);
}

}  // namespace touchstone::bio
