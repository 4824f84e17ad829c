#include "bio/face_conditions.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "metrics/bootstrap.h"
#include "metrics/error_rates.h"

namespace touchstone::bio {

std::vector<ConditionRow> by_condition(const FaceSet& set, const FaceVectors& faces, const metrics::BootstrapOptions& options) {
  std::map<std::string, ConditionRow> rows;
  if (std::all_of(set.images.begin(), set.images.end(), [](const FaceSet::Image& image) { return image.condition.empty(); })) return {};
  for (const FaceSet::Image& image : set.images) {
    ConditionRow& row = rows[image.condition];
    row.embedder = faces.embedder;
    row.condition = image.condition;
    ++row.pictures;
    ++row.without_vector;
  }
  const auto condition = [&](std::size_t v) -> const std::string& { return set.images[faces.image[v]].condition; };
  const auto vectors = units(faces.vectors);
  metrics::ScoreSet all;
  all.stratum.assign(faces.vectors.people.size(), 0);
  std::map<std::string, metrics::ScoreSet> under;
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    --rows[condition(a)].without_vector;
    for (std::size_t b = a + 1; b < vectors.size(); ++b) {
      const std::uint32_t p = faces.vectors.person[a], q = faces.vectors.person[b];
      const metrics::Comparison c{static_cast<std::uint32_t>(a), p, q, product(vectors[a], vectors[b])};
      const auto add = [&](metrics::ScoreSet& to) { (p == q ? to.genuine : to.impostor).push_back(c); };
      add(all);
      add(under[condition(a)]);
      if (condition(b) != condition(a)) add(under[condition(b)]);
    }
  }
  const double threshold = metrics::ErrorRates(all).threshold_for_fmr(kConditionFmr);
  std::vector<ConditionRow> out;
  for (auto& [name, row] : rows) {
    if (name.empty()) continue;
    metrics::ScoreSet& scores = under[name];
    scores.stratum = all.stratum;
    const metrics::ErrorRates rates(scores);
    const auto intervals = metrics::bootstrap(scores, {}, threshold, options);
    row.genuine_pairs = scores.genuine.size();
    row.impostor_pairs = scores.impostor.size();
    row.fnmr = {rates.fnmr(threshold), intervals.fnmr};
    row.fmr = {rates.fmr(threshold), intervals.fmr};
    out.push_back(row);
  }
  return out;
}

std::vector<Suspect> suspects(const FaceVectors& faces) {
  const auto vectors = units(faces.vectors);
  const auto& person = faces.vectors.person;
  constexpr float kNone = -2;
  struct Nearest {
    float own = kNone, other = kNone;
    std::size_t of_other = 0;
  };
  std::vector<Nearest> nearest(vectors.size());
  metrics::ScoreSet scores;
  scores.stratum.assign(faces.vectors.people.size(), 0);
  struct Pair {
    std::size_t a, b;
    float score;
  };
  std::vector<Pair> alike;  // of two names; the bound is found last
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    for (std::size_t b = a + 1; b < vectors.size(); ++b) {
      const float score = product(vectors[a], vectors[b]);
      const bool one = person[a] == person[b];
      (one ? scores.genuine : scores.impostor).push_back({static_cast<std::uint32_t>(a), person[a], person[b], score});
      if (one) {
        nearest[a].own = std::max(nearest[a].own, score);
        nearest[b].own = std::max(nearest[b].own, score);
        continue;
      }
      if (score > 0) alike.push_back({a, b, score});
      if (score > nearest[a].other) nearest[a] = {nearest[a].own, score, b};
      if (score > nearest[b].other) nearest[b] = {nearest[b].own, score, a};
    }
  }
  if (scores.genuine.empty() || scores.impostor.empty()) return {};
  std::vector<float> genuine;
  for (const metrics::Comparison& c : scores.genuine) genuine.push_back(c.score);
  const auto quarter = genuine.begin() + static_cast<std::ptrdiff_t>(genuine.size() / 4);
  std::nth_element(genuine.begin(), quarter, genuine.end());
  const double threshold = metrics::ErrorRates(scores).threshold_for_fmr(1e-3);
  std::vector<Suspect> out;
  const auto& name = faces.vectors.picture;
  for (const Pair& p : alike) {
    if (p.score > *quarter) out.push_back({faces.embedder, name[p.a], name[p.b], p.score, false});
  }
  for (std::size_t a = 0; a < vectors.size(); ++a) {
    const Nearest& n = nearest[a];
    if (n.own > kNone && n.own < n.other && n.own < threshold) out.push_back({faces.embedder, name[a], name[n.of_other], n.own, true});
  }
  std::stable_sort(out.begin(), out.end(), [](const Suspect& p, const Suspect& q) { return p.one_name != q.one_name ? q.one_name : p.score > q.score; });
  return out;
}

nlohmann::ordered_json to_json(const ConditionRow& row) {
  const auto [fnmr, fnmr_95] = rate_and_interval(&row.fnmr);
  const auto [fmr, fmr_95] = rate_and_interval(&row.fmr);
  return {{"embedder", row.embedder},
          {"condition", row.condition},
          {"pictures", row.pictures},
          {"without_vector", row.without_vector},
          {"genuine_pairs", row.genuine_pairs},
          {"impostor_pairs", row.impostor_pairs},
          {"fmr_asked", kConditionFmr},
          {"fnmr", fnmr},
          {"fmr", fmr},
          {"intervals_95", {{"fnmr", fnmr_95}, {"fmr", fmr_95}}}};
}

nlohmann::ordered_json to_json(const Suspect& s) {
  return {{"embedder", s.embedder}, {"kind", s.one_name ? "one name, unlike" : "two names, alike"}, {"a", s.a}, {"b", s.b}, {"score", s.score}};
}

tools::Cells cells(const std::vector<ConditionRow>& rows) {
  tools::Cells lines = {{"condition", "embedder", "pictures", "without vector", "genuine", "impostor", "FNMR", "FMR"}};
  for (const ConditionRow& r : rows) {
    lines.push_back({r.condition, r.embedder, std::to_string(r.pictures), std::to_string(r.without_vector), std::to_string(r.genuine_pairs), std::to_string(r.impostor_pairs), to_text(r.fnmr), to_text(r.fmr)});
  }
  return lines;
}

}  // namespace touchstone::bio
