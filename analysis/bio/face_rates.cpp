#include "bio/face_rates.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "metrics/bootstrap.h"
#include "metrics/codes.h"
#include "metrics/error_rates.h"
#include "metrics/per_finger.h"
#include "tools/text_table.h"

namespace touchstone::bio {
namespace {

/// Bootstraps of millions of comparisons take fewer replicates: they cost a pass each.
constexpr std::size_t kMostDraws = 400'000'000;

metrics::BootstrapOptions limited(const metrics::ScoreSet& scores, metrics::BootstrapOptions options) {
  const std::size_t all = scores.genuine.size() + scores.impostor.size();
  options.replicates = static_cast<int>(std::clamp<std::size_t>(kMostDraws / std::max<std::size_t>(1, all), 20, static_cast<std::size_t>(options.replicates)));
  return options;
}

Histogram histogram(const metrics::ScoreSet& scores) {
  constexpr std::size_t kBins = 60;
  Histogram out;
  double low = 1e30, high = -1e30;
  for (const auto* side : {&scores.genuine, &scores.impostor}) {
    for (const metrics::Comparison& c : *side) {
      low = std::min(low, double{c.score});
      high = std::max(high, double{c.score});
    }
  }
  if (low < high) {
    out.low = low;
    out.high = high;
  }
  const auto fill = [&](const std::vector<metrics::Comparison>& side, std::vector<double>& bins) {
    bins.assign(kBins, 0);
    const double share = 1 / std::max(1.0, static_cast<double>(side.size()));
    for (const metrics::Comparison& c : side) bins[std::min(kBins - 1, static_cast<std::size_t>((c.score - out.low) / (out.high - out.low) * kBins))] += share;
  };
  fill(scores.genuine, out.genuine);
  fill(scores.impostor, out.impostor);
  return out;
}

metrics::ScoreSet empty_scores(const faces::Embeddings& e) {
  metrics::ScoreSet out;
  out.stratum.assign(e.people.size(), 0);
  return out;
}

metrics::Bits bits_of(const metrics::ScoreSet& scores, double threshold, const metrics::Rate& fmr, const metrics::Interval& fmr_95, int k_bits) {
  const metrics::PerFinger of_person = metrics::per_finger(scores, threshold);
  std::uint64_t tries = 0;
  for (const metrics::Rate& r : of_person.lamb) tries = std::max(tries, r.tries);
  metrics::Bits out = metrics::bits(fmr, fmr_95, metrics::spread(of_person.lamb).p95, tries);
  if (k_bits > 0) {
    out.average = std::min(out.average, double(k_bits));
    out.weak = std::min(out.weak, double(k_bits));
  }
  return out;
}

}  // namespace

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

void measure_scores(const metrics::ScoreSet& scores, const metrics::BootstrapOptions& wanted, FaceRow& row) {
  const auto options = limited(scores, wanted);
  const metrics::ErrorRates rates(scores);
  row.genuine_pairs = scores.genuine.size();
  row.impostor_pairs = scores.impostor.size();
  row.replicates = options.replicates;
  row.eer = rates.eer();
  const double threshold = rates.threshold_for_fmr(kFaceOperatingFmr);
  const auto intervals = metrics::bootstrap(scores, kFaceFmr, threshold, options);
  row.eer_95 = intervals.eer;
  for (std::size_t i = 0; i < std::size(kFaceFmr); ++i) row.fnmr_at.push_back({rates.fnmr_at_fmr(kFaceFmr[i]), intervals.fnmr_at_fmr[i]});
  row.bits = bits_of(scores, threshold, rates.fmr(threshold), intervals.fmr, 0);
  row.det = rates.det(400);
  row.scores = histogram(scores);
}

void measure_decisions(const metrics::ScoreSet& scores, double threshold, const metrics::BootstrapOptions& wanted, FaceRow& row) {
  const auto options = limited(scores, wanted);
  const metrics::ErrorRates rates(scores);
  const auto intervals = metrics::bootstrap(scores, {}, threshold, options);
  row.genuine_pairs = scores.genuine.size();
  row.impostor_pairs = scores.impostor.size();
  row.replicates = options.replicates;
  row.fnmr = RateWithInterval{rates.fnmr(threshold), intervals.fnmr};
  row.fmr = RateWithInterval{rates.fmr(threshold), intervals.fmr};
  row.bits = bits_of(scores, threshold, row.fmr->rate, intervals.fmr, row.k_bits);
}

FaceRow begin_row(const FaceSet& set, const FaceVectors& faces, const char* protocol, const char* representation) {
  FaceRow row;
  row.data = set.name;
  row.protocol = protocol;
  row.representation = representation;
  row.embedder = faces.embedder;
  return row;
}

FaceRow official_pairs(const FaceSet& set, const FaceVectors& faces, std::size_t& missing, const metrics::BootstrapOptions& options) {
  FaceRow row = begin_row(set, faces, "official_pairs", "embedding");
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
  measure_scores(scores, options, row);
  return row;
}

FaceRow all_pairs(const FaceSet& set, const FaceVectors& faces, bool named, const metrics::BootstrapOptions& options) {
  FaceRow row = begin_row(set, faces, "all_pairs", "embedding");
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
  measure_scores(scores, options, row);
  return row;
}

namespace {

nlohmann::ordered_json interval_json(const metrics::Interval& i) { return nlohmann::ordered_json::array({i.low, i.high}); }

}  // namespace

std::pair<nlohmann::ordered_json, nlohmann::ordered_json> rate_and_interval(const RateWithInterval* rate) {
  if (rate == nullptr || rate->rate.tries == 0) return {};
  return {rate->rate.value(), interval_json(rate->interval_95)};
}

nlohmann::ordered_json to_json(const FaceRow& row) {
  using Json = nlohmann::ordered_json;
  Json out = {{"data", row.data}, {"protocol", row.protocol}, {"representation", row.representation}};
  out["scheme"] = row.scheme.empty() ? Json() : Json(row.scheme);
  out["embedder"] = row.embedder;
  out["people"] = row.people;
  out["enrolled"] = row.enrolled;
  out["fused"] = row.fused;
  out["persons"] = row.persons;
  out["genuine_pairs"] = row.genuine_pairs;
  out["impostor_pairs"] = row.impostor_pairs;
  out["k_bits"] = row.k_bits > 0 ? Json(row.k_bits) : Json();
  out["eer"] = row.eer ? Json(*row.eer) : Json();
  Json intervals = Json::object();
  std::tie(out["fnmr"], intervals["fnmr"]) = rate_and_interval(row.fnmr ? &*row.fnmr : nullptr);
  std::tie(out["fmr"], intervals["fmr"]) = rate_and_interval(row.fmr ? &*row.fmr : nullptr);
  Json at = Json::object(), at_95 = Json::object();
  for (std::size_t i = 0; i < std::size(kFaceFmr); ++i) {
    // A code is one point: its FNMR stands at every FMR that it keeps.
    const RateWithInterval* rate = !row.fnmr_at.empty() ? &row.fnmr_at[i] : row.fmr && row.fmr->rate.value() <= kFaceFmr[i] ? &*row.fnmr : nullptr;
    std::tie(at[kFaceFmrNames[i]], at_95[kFaceFmrNames[i]]) = rate_and_interval(row.supports(kFaceFmr[i]) ? rate : nullptr);
  }
  out["fnmr_at_fmr"] = at;
  intervals["fnmr_at_fmr"] = at_95;
  intervals["eer"] = row.eer_95 ? interval_json(*row.eer_95) : Json();
  out["intervals_95"] = intervals;
  out["bits"] = {{"average", row.bits.average}, {"weak", row.bits.weak}};
  out["bootstrap_replicates"] = row.replicates;
  return out;
}

std::string shown_name(const FaceRow& row) { return row.scheme.empty() ? row.representation + " of " + row.embedder : row.scheme + (row.representation == "code" ? "" : " (scores)"); }

tools::Cells cells(const std::vector<FaceRow>& rows) {
  tools::Cells lines = {{"protocol", "people", "what", "genuine", "impostor", "EER", "FNMR at FMR 1e-2", "1e-3", "1e-4", "1e-5", "k", "FNMR", "FMR", "bits avg, weak"}};
  for (const FaceRow& r : rows) {
    const auto at = [&](std::size_t i) { return r.fnmr_at.empty() || !r.supports(kFaceFmr[i]) ? std::string("-") : to_text(r.fnmr_at[i]); };
    std::string eer = "-";
    if (r.eer) eer = to_text(RateWithInterval{metrics::Rate{static_cast<std::uint64_t>(std::llround(*r.eer * 1e6)), 1'000'000}, r.eer_95.value_or(metrics::Interval{})});
    if (r.eer == 0.0) eer = "0";
    char bits[40];
    std::snprintf(bits, sizeof bits, "%.1f, %.1f", r.bits.average, r.bits.weak);
    lines.push_back({r.protocol + (r.protocol == "enrolled" ? " " + std::to_string(r.enrolled) + ", fused " + std::to_string(r.fused) : ""), r.people, shown_name(r), std::to_string(r.genuine_pairs),
                     std::to_string(r.impostor_pairs), eer, at(0), at(1), at(2), at(3), r.k_bits > 0 ? std::to_string(r.k_bits) : "-", r.fnmr ? to_text(*r.fnmr) : "-", r.fmr ? to_text(*r.fmr) : "-", bits});
  }
  return lines;
}

}  // namespace touchstone::bio
