#include "bio/row.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/text_table.h"

namespace touchstone::bio {
namespace {

constexpr int kTries = 3;

nlohmann::ordered_json pair(const metrics::Interval& i) { return {i.low, i.high}; }

nlohmann::ordered_json to_json(const metrics::Spread& s) { return {{"p95", s.p95}, {"max", s.max}, {"gini", s.gini}, {"fingers", s.fingers}}; }

std::string bare(double fraction) {
  std::string text = metrics::percent(fraction);
  return text.substr(0, text.size() - 2);
}

}  // namespace

nlohmann::ordered_json to_json(const RateWithInterval& r) {
  return {{"rate", r.rate.value()},
          {"errors", r.rate.errors},
          {"tries", r.rate.tries},
          {"interval_95", pair(r.interval_95)},
          {"rule_of_3", r.rate.rule_of_3()},
          {"rule_of_30_met", r.rate.meets_rule_of_30()}};
}

std::string to_text(const RateWithInterval& r) {
  if (r.rate.errors == 0) return metrics::to_text(r.rate);
  return metrics::percent(r.rate.value()) + " [" + bare(r.interval_95.low) + ", " + bare(r.interval_95.high) + "]";
}

Row measure(const Comparisons& comparisons, const RowLabel& label, const metrics::BootstrapOptions& options) {
  Row out;
  out.label = label;
  const metrics::ScoreSet& scores = comparisons.scores;
  const metrics::ErrorRates rates(scores);
  std::set<std::uint32_t> fingers;
  for (const metrics::Comparison& c : scores.genuine) fingers.insert(c.probe_finger);
  out.fingers = fingers.size();
  out.genuine_pairs = rates.genuine_count();
  out.impostor_pairs = rates.impostor_count();
  out.impostor_finger_pairs = scores.impostor_finger_pairs();
  out.thinned = comparisons.thinned;
  out.eer = rates.eer();
  out.threshold = rates.threshold_for_fmr(kOperatingFmr);
  const metrics::Intervals intervals = metrics::bootstrap(scores, kAskedFmr, out.threshold, options);
  out.eer_95 = intervals.eer;
  for (std::size_t a = 0; a < std::size(kAskedFmr); ++a) out.fnmr_at.push_back({rates.fnmr_at_fmr(kAskedFmr[a]), intervals.fnmr_at_fmr[a]});
  out.rates["fmr"] = {rates.fmr(out.threshold), intervals.fmr};
  out.rates["fnmr"] = {rates.fnmr(out.threshold), intervals.fnmr};
  out.rates["gfar"] = {rates.gfar(out.threshold), intervals.gfar};
  out.rates["gfrr"] = {rates.gfrr(out.threshold), intervals.gfrr};
  out.rates["fta"] = {comparisons.fta, metrics::bootstrap(comparisons.fta_of_finger, scores.stratum, options)};
  out.rates["fte"] = {comparisons.fte, metrics::bootstrap(comparisons.fte_of_finger, scores.stratum, options)};
  if (label.protocol != "all" && label.protocol != "fvc") {
    const metrics::ScoreSet sets = metrics::transactions(scores, kTries);
    const metrics::ErrorRates three(sets);
    const metrics::Intervals three_95 = metrics::bootstrap(sets, {}, out.threshold, options);
    out.transaction_rates["far"] = {three.gfar(out.threshold), three_95.gfar};
    out.transaction_rates["frr"] = {three.gfrr(out.threshold), three_95.gfrr};
  }
  const metrics::PerFinger of_finger = metrics::per_finger(scores, out.threshold);
  out.goat = metrics::spread(of_finger.goat);
  out.lamb = metrics::spread(of_finger.lamb);
  out.wolf = metrics::spread(of_finger.wolf);
  std::uint64_t lamb_tries = 0;
  for (const metrics::Rate& r : of_finger.lamb) lamb_tries = std::max(lamb_tries, r.tries);
  out.bits = metrics::bits(out.rates["fmr"].rate, intervals.fmr, out.lamb.p95, lamb_tries);
  out.genuine_bits = comparisons.genuine_bits;
  out.impostor_bits = comparisons.impostor_bits;
  out.det = rates.det(400);
  return out;
}

nlohmann::ordered_json to_json(const Row& row) {
  nlohmann::ordered_json out = {{"data", row.label.data},
                                {"protocol", row.label.protocol},
                                {"representation", row.label.representation},
                                {"name", row.label.name},
                                {"network", row.label.network},
                                {"sensor", row.label.sensor},
                                {"enrolled", row.label.enrolled},
                                {"split", row.label.split}};
  out["eer"] = row.eer ? nlohmann::ordered_json(*row.eer) : nlohmann::ordered_json();
  for (std::size_t a = 0; a < row.fnmr_at.size(); ++a) out[kAskedNames[a]] = row.fnmr_at[a].rate.value();
  out["fnmr_at_fmr_1e2"] = row.fnmr_at[0].rate.value();
  out["genuine_pairs"] = row.genuine_pairs;
  out["impostor_pairs"] = row.impostor_pairs;
  out["fingers"] = row.fingers;
  out["impostor_finger_pairs"] = row.impostor_finger_pairs;
  out["impostor_pairs_thinned"] = row.thinned;
  nlohmann::ordered_json intervals;
  if (row.eer_95) intervals["eer"] = pair(*row.eer_95);
  for (std::size_t a = 0; a < row.fnmr_at.size(); ++a) intervals[kAskedNames[a]] = pair(row.fnmr_at[a].interval_95);
  intervals["fnmr_at_fmr_1e2"] = pair(row.fnmr_at[0].interval_95);
  out["intervals_95"] = intervals;
  out["k_bits"] = row.label.k_bits == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(row.label.k_bits);
  out["code_bits"] = row.label.code_bits == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(row.label.code_bits);
  // An FNMR at an FMR that the comparisons cannot show is the FNMR at the strictest threshold they can tell.
  out["supported"] = {{"fmr100", row.supports(1e-2)}, {"fmr1000", row.supports(1e-3)}, {"fmr10000", row.supports(1e-4)}};
  out["fmr_bound_rule_of_3"] = metrics::Rate{0, row.impostor_pairs}.rule_of_3();
  out["fmr_bound_rule_of_3_finger_pairs"] = metrics::Rate{0, row.impostor_finger_pairs}.rule_of_3();
  nlohmann::ordered_json at;
  at["fmr_asked"] = kOperatingFmr;
  at["threshold"] = std::isfinite(row.threshold) ? nlohmann::ordered_json(row.threshold) : nlohmann::ordered_json();
  for (const auto& [name, rate] : row.rates) at[name] = to_json(rate);
  if (!row.transaction_rates.empty()) {
    nlohmann::ordered_json three;
    for (const auto& [name, rate] : row.transaction_rates) three[name] = to_json(rate);
    at["transactions_of_3_tries"] = three;
  }
  at["goat_fnmr"] = to_json(row.goat);
  at["lamb_fmr"] = to_json(row.lamb);
  at["wolf_fmr"] = to_json(row.wolf);
  at["average_bits"] = row.bits.average;
  at["weak_bits"] = row.bits.weak;
  out["operating_point"] = at;
  if (row.genuine_bits.count() > 0) {
    out["code"] = {{"genuine_bit_errors_mean", row.genuine_bits.mean()},
                   {"impostor_bit_errors_mean", row.impostor_bits.mean()},
                   {"impostor_degrees_of_freedom", row.impostor_bits.degrees_of_freedom()},
                   {"bin_width", 1.0 / metrics::BitErrorHistogram::kBins},
                   {"genuine_histogram", row.genuine_bits.bins()},
                   {"impostor_histogram", row.impostor_bits.bins()}};
  }
  return out;
}

std::string eer_text(const Row& row) {
  if (!row.eer) return "-";
  std::string out = metrics::percent(*row.eer);
  if (row.eer_95) out += " [" + bare(row.eer_95->low) + ", " + bare(row.eer_95->high) + "]";
  return out;
}

std::string to_text(const Row& row, std::size_t asked) {
  const RateWithInterval& r = row.fnmr_at[asked];
  if (r.rate.tries == 0) return "-";
  if (kAskedFmr[asked] > 0 && !row.supports(kAskedFmr[asked])) {
    return to_text(r) + " (FMR < 3/" + std::to_string(row.impostor_pairs) + ")";
  }
  return to_text(r);
}

std::string to_table(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines = {{"representation", "sensor", "protocol", "enrolled", "split", "EER", "FNMR at FMR 1e-2", "at 1e-3", "FTA", "pairs", "b_avg b_weak"}};
  for (const Row& r : rows) {
    char bits[40];
    std::snprintf(bits, sizeof bits, "%.1f %.1f", r.bits.average, r.bits.weak);
    lines.push_back({r.label.name + (r.label.network == "none" ? "" : " " + r.label.network), r.label.sensor, r.label.protocol, std::to_string(r.label.enrolled), r.label.split, eer_text(r),
                     to_text(r, 0), to_text(r, 1), metrics::to_text(r.rates.at("fta").rate), std::to_string(r.genuine_pairs) + "/" + std::to_string(r.impostor_pairs), bits});
  }
  return tools::text_table(lines);
}

}  // namespace touchstone::bio
