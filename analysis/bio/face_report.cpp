#include "bio/face_report.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "metrics/error_rates.h"

namespace touchstone::bio {
namespace {

using nlohmann::ordered_json;
using tools::Axis;
using tools::Chart;
using tools::escaped;
using tools::Series;

std::string words_of(const FaceRow& row) {
  if (row.protocol == "official_pairs") return "official pairs";
  if (row.protocol == "all_pairs") return "all pairs, people " + row.people;
  return std::to_string(row.enrolled) + (row.enrolled == 1 ? " picture" : " pictures") + " enrolled, " + std::to_string(row.fused) + (row.fused == 1 ? " shown" : " fused");
}

std::string key_of(const FaceRow& row) {
  if (row.protocol == "official_pairs") return "official_pairs";
  if (row.protocol == "all_pairs") return row.people == "all" ? "all_pairs" : "all_pairs_named";
  return "enrolled_" + std::to_string(row.enrolled) + "_fused_" + std::to_string(row.fused);
}

class Charts {
 public:
  void det(const FaceRow& row, const std::string& name, const std::string& title) {
    Chart& chart = charts_[name];
    chart.title = title;
    chart.note = row.data + "; lines: all thresholds; points: what a code gives the secret to, with 95 % intervals";
    chart.x = {"FMR", Axis::Scale::kDeviate, 1e-6, 0.6, true};
    chart.y = {"FNMR", Axis::Scale::kDeviate, 1e-3, 0.99, true};
    if (!row.det.empty()) {
      Series line{shown_name(row), {}, Series::Style::kSteps};
      for (const metrics::DetPoint& p : row.det) line.points.push_back({p.fmr, p.fnmr, 0, 0});
      chart.series.push_back(std::move(line));
    }
    if (row.fnmr) {
      // No false match: the point stands at the bound, no axis has a 0.
      const double fmr = row.fmr->rate.errors == 0 ? row.fmr->rate.rule_of_3() : row.fmr->rate.value();
      chart.series.push_back({shown_name(row) + ", k = " + std::to_string(row.k_bits) + (row.fmr->rate.errors == 0 ? " (FMR: bound)" : ""),
                              {{fmr, row.fnmr->rate.value(), row.fnmr->interval_95.low, row.fnmr->interval_95.high}},
                              Series::Style::kPoints});
    }
  }
  void scores(const FaceRow& row) {
    if (row.scores.genuine.empty()) return;
    Chart& chart = charts_["2_scores_" + key_of(row) + "_" + (row.scheme.empty() ? row.embedder : row.scheme)];
    chart.title = "Scores, " + shown_name(row) + ": " + words_of(row);
    chart.note = row.data + ", " + std::to_string(row.genuine_pairs) + " genuine, " + std::to_string(row.impostor_pairs) + " impostor comparisons";
    const auto step = (row.scores.high - row.scores.low) / static_cast<double>(row.scores.genuine.size());
    double most = 0;
    for (const auto& [name, bins] : {std::pair("genuine", &row.scores.genuine), std::pair("impostor", &row.scores.impostor)}) {
      Series bars{name, {}, Series::Style::kBars};
      for (std::size_t b = 0; b < bins->size(); ++b) {
        bars.points.push_back({row.scores.low + (static_cast<double>(b) + 0.5) * step, (*bins)[b], 0, 0});
        most = std::max(most, (*bins)[b]);
      }
      chart.series.push_back(std::move(bars));
    }
    chart.x = {row.representation == "code" ? "wrong bits, negative" : "cosine", Axis::Scale::kLinear, row.scores.low, row.scores.high, false};
    chart.y = {"share of comparisons", Axis::Scale::kLinear, 0, most * 1.05, true};
  }
  void enrolment(const FaceRow& row) {
    const RateWithInterval* rate = row.fnmr ? &*row.fnmr : row.supports(1e-4) ? &row.fnmr_at[2] : nullptr;
    if (rate == nullptr || rate->rate.tries == 0) return;
    Chart& chart = charts_["4_enrolment"];
    chart.title = "FNMR against the number of enrolled pictures";
    chart.note = row.data + "; embeddings at FMR 1e-4; 95 % intervals by person; people differ: those who have the pictures";
    chart.x = {"pictures enrolled", Axis::Scale::kLinear, 0.5, 8.5, false};
    chart.y = {"FNMR", Axis::Scale::kLinear, 0, 0.8, true};
    const std::string name = shown_name(row) + ", " + (row.fused == 1 ? "one picture shown" : std::to_string(row.fused) + " fused");
    auto at = std::find_if(chart.series.begin(), chart.series.end(), [&](const Series& s) { return s.name == name; });
    if (at == chart.series.end()) at = chart.series.insert(chart.series.end(), {name, {}, Series::Style::kLine, row.fused == 1});
    at->points.push_back({static_cast<double>(row.enrolled), rate->rate.value(), rate->interval_95.low, rate->interval_95.high});
  }
  std::vector<std::pair<std::string, Chart>> take() {
    std::vector<std::pair<std::string, Chart>> out;
    for (auto& [name, chart] : charts_) out.emplace_back(name.substr(2), std::move(chart));
    return out;
  }

 private:
  std::map<std::string, Chart> charts_;
};

std::string line_of(const Suspect& s) {
  char score[16];
  std::snprintf(score, sizeof score, "%.3f", static_cast<double>(s.score));
  return s.one_name ? s.a + ": at most " + score + " like any other picture of its name, more like " + s.b : s.a + " and " + s.b + ": " + score + " alike under two names";
}

/// Those of one embedder: the others say the same again. Where a network hardly tells people apart, the list is long and no list of wrong
/// labels: people read its beginning, the JSON has all.
std::vector<std::string> lines_of(const std::vector<Suspect>& suspects, bool one_name) {
  constexpr std::size_t kShown = 25;
  std::vector<std::string> out;
  for (const Suspect& s : suspects) {
    if (s.embedder == suspects.back().embedder && s.one_name == one_name) out.push_back(line_of(s));
  }
  if (out.size() > kShown) {
    const std::size_t more = out.size() - kShown;
    out.resize(kShown);
    out.push_back(std::to_string(more) + " more (--json has them): so many say that the vectors do not tell these people apart, not that labels are wrong");
  }
  return out;
}

std::string networks_text(const FaceEvaluation& e) {
  std::string out;
  for (const auto& n : e.networks) {
    out += n.scheme + ": the signs of the last biases alone, without any face, are the secret for " + std::to_string(n.biases_tell) + " of " + std::to_string(n.networks) + " people\n";
  }
  return out;
}

}  // namespace

ordered_json to_json(const Facts& facts, const FaceEvaluation& e) {
  ordered_json out = {{"version", 2}, {"trait", "face"}};
  for (const auto& [name, value] : facts) out[name] = value;
  out["images"] = e.pictures;
  const metrics::Rate fta{e.failures.size(), e.pictures};
  out["fta"] = {{"rate", fta.value()}, {"errors", fta.errors}, {"tries", fta.tries}};
  out["failed_to_acquire"] = e.failures;
  out["left_out"] = e.notes;
  out["pairs_without_vector"] = e.pairs_without_vector;
  const auto list = [](const auto& of) {
    ordered_json array = ordered_json::array();
    for (const auto& one : of) array.push_back(to_json(one));
    return array;
  };
  out["results"] = list(e.rows);
  out["loss_by_protection"] = list(e.protection);
  out["by_condition"] = list(e.conditions);
  out["suspected_label_errors"] = list(e.suspects);
  out["person_networks"] = ordered_json::array();
  for (const auto& n : e.networks) out["person_networks"].push_back({{"scheme", n.scheme}, {"networks", n.networks}, {"secret_in_biases", n.biases_tell}});
  return out;
}

std::vector<std::pair<std::string, Chart>> charts(const FaceEvaluation& e) {
  Charts out;
  for (const FaceRow& row : e.rows) {
    if (row.genuine_pairs == 0 || row.impostor_pairs == 0) continue;
    out.det(row, "1_det_" + key_of(row), "Detection error trade-off: " + words_of(row));
    out.scores(row);
    if (row.protocol == "enrolled" && (row.scheme.empty() || row.scheme == "r1")) out.enrolment(row);
  }
  for (const FaceRow& row : e.protection) {
    if (row.genuine_pairs > 0 && row.impostor_pairs > 0) out.det(row, "3_loss_by_protection_" + key_of(row), "What protection costs, step by step: " + words_of(row));
  }
  return out.take();
}

std::string to_page(const Facts& facts, const FaceEvaluation& e) {
  std::string out = page_begin("Face evaluation", facts);
  out += "<p class=\"note\">" + std::to_string(e.pictures) + " pictures, " + std::to_string(e.failures.size()) + " without a vector.</p>\n";
  for (const std::string& line : e.failures) out += "<div class=\"note\">no vector: " + escaped(line) + "</div>\n";
  for (const std::string& line : e.notes) out += "<div class=\"note\">" + escaped(line) + "</div>\n";
  out += "<h2>Error rates</h2>\n<p class=\"note\">In brackets: 95 % intervals by bootstrap over people, impostors two-way. A rate without an error is printed as its rule-of-3 bound; "
         "FNMR at an FMR that the comparisons cannot show is left out. A code has no threshold: its FNMR and FMR stand in the columns after k. Bits: -log2 of the FMR's upper end at FMR 1e-3 or "
         "at the code, and of the weakest twentieth of the people; never more than k.</p>\n";
  out += page_table(cells(e.rows)) + "<p>" + escaped(networks_text(e)) + "</p>\n";
  if (!e.protection.empty()) {
    out += "<h2>What protection costs</h2>\n<p class=\"note\">The same comparisons after each step: embedding, whitened vector in eight bits, the reference as signs, both as signs, then the codes. "
           "A hard-decision BCH code opens up to t wrong signs.</p>\n";
    out += page_table(cells(e.protection));
  }
  if (!e.conditions.empty()) {
    out += "<h2>By light and expression</h2>\n<p class=\"note\">Pictures under one condition against all others, at the threshold of FMR 1e-2 over all pairs.</p>\n";
    out += page_table(cells(e.conditions));
  }
  if (!e.suspects.empty()) {
    out += "<h2>Labels that look wrong</h2>\n<p class=\"note\">They stay in all figures. Two names, more alike than a quarter of all pairs of one name:</p>\n<ul>";
    for (const std::string& line : lines_of(e.suspects, false)) out += "<li>" + escaped(line) + "</li>";
    out += "</ul>\n<p class=\"note\">Pictures unlike their own name's and more like another's; those from the side or behind glasses are among them:</p>\n<ul>";
    for (const std::string& line : lines_of(e.suspects, true)) out += "<li>" + escaped(line) + "</li>";
    out += "</ul>\n";
  }
  return out + page_end(charts(e));
}

std::string to_text(const FaceEvaluation& e) {
  std::string out;
  for (const std::string& line : e.failures) out += "  no vector: " + line + "\n";
  for (const std::string& line : e.notes) out += "  " + line + "\n";
  out += tools::text_table(cells(e.rows)) + networks_text(e);
  if (!e.protection.empty()) out += "\nwhat protection costs, step by step:\n" + tools::text_table(cells(e.protection));
  if (!e.conditions.empty()) out += "\npictures under one condition against all others, at the threshold of FMR 1e-2 over all pairs:\n" + tools::text_table(cells(e.conditions));
  if (!e.suspects.empty()) {
    out += "\nlabels that look wrong (all stay in the figures):\n";
    for (const bool one_name : {false, true}) {
      for (const std::string& line : lines_of(e.suspects, one_name)) out += "  " + line + "\n";
    }
  }
  return out;
}

}  // namespace touchstone::bio
