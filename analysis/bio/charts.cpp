#include "bio/charts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

namespace touchstone::bio {
namespace {

using tools::Axis;
using tools::ChartPoint;
using tools::Series;

constexpr const char* kAtFmr = "FNMR at FMR 1e-2";

// The series of this name, made when it is new.
Series& series(tools::Chart& chart, const std::string& name, Series::Style style) {
  for (Series& s : chart.series) {
    if (s.name == name) return s;
  }
  chart.series.push_back({name, {}, style});
  return chart.series.back();
}

std::string shown_name(const RowLabel& label) {
  const char* what = label.representation == "code" ? " (protected)" : label.representation == "embedding" ? " (unprotected)" : " (keeps pictures)";
  return label.name + (label.network == "none" ? "" : " " + label.network) + what;
}

std::string shown_name(const Representation& r) {
  RowLabel label;
  label.representation = to_string(r.kind());
  label.name = r.name();
  label.network = r.network();
  return shown_name(label);
}

std::string place_of(const RowLabel& label) {
  return label.sensor + (label.enrolled == 1 ? std::string("_1_to_1") : "_enrolled_" + std::to_string(label.enrolled));
}

std::string words_of(const RowLabel& label) {
  return (label.sensor == "card" ? "card, 9.6 mm" : "full picture") + std::string(", ") +
         (label.enrolled == 1 ? "one touch against one" : std::to_string(label.enrolled) + " touches enrolled");
}

ChartPoint point(double x, const Comparisons& comparisons, const metrics::BootstrapOptions& options) {
  const metrics::ErrorRates rates(comparisons.scores);
  const double asked[] = {kOperatingFmr};
  const metrics::Interval i = metrics::bootstrap(comparisons.scores, asked, 0, options).fnmr_at_fmr[0];
  return {x, rates.fnmr_at_fmr(kOperatingFmr).value(), i.low, i.high};
}

void fractions(tools::Chart& chart, const std::string& x_label, double low, double high) {
  chart.x = {x_label, Axis::Scale::kLinear, low, high, false};
  chart.y = {kAtFmr, Axis::Scale::kLinear, 0, 1, true};
}

}  // namespace

void Charts::add(const Row& row, const Comparisons& comparisons) {
  if (row.label.split == "none" || row.label.split == "both") {
    tools::Chart& det = chart("1_det_" + place_of(row.label));
    det.title = "Detection error trade-off: " + words_of(row.label);
    det.x = {"FMR", Axis::Scale::kDeviate, 1e-4, 0.6, true};
    det.y = {"FNMR", Axis::Scale::kDeviate, 5e-3, 0.95, true};
    Series& line = series(det, shown_name(row.label), Series::Style::kSteps);
    for (const metrics::DetPoint& p : row.det) line.points.push_back({p.fmr, p.fnmr, 0, 0});

    tools::Chart& scores = chart("3_scores_" + row.label.name + "_" + place_of(row.label));
    scores.title = "Scores of " + row.label.name + ": " + words_of(row.label);
    double low = 1e30;
    double high = -1e30;
    for (const auto* side : {&comparisons.scores.genuine, &comparisons.scores.impostor}) {
      for (const metrics::Comparison& c : *side) {
        if (c.failed()) continue;
        low = std::min(low, double{c.score});
        high = std::max(high, double{c.score});
      }
    }
    if (!(low < high)) high = low + 1;
    constexpr int kBins = 50;
    double most = 0;
    for (const auto& [name, side] : {std::pair("genuine", &comparisons.scores.genuine), std::pair("impostor", &comparisons.scores.impostor)}) {
      std::vector<double> bins(kBins, 0);
      double all = 0;
      for (const metrics::Comparison& c : *side) {
        if (c.failed()) continue;
        ++bins[static_cast<std::size_t>(std::min<double>(kBins - 1, std::floor((c.score - low) / (high - low) * kBins)))];
        ++all;
      }
      Series& bars = series(scores, name, Series::Style::kBars);
      for (int b = 0; b < kBins; ++b) {
        const double share = all == 0 ? 0 : bins[static_cast<std::size_t>(b)] / all;
        bars.points.push_back({low + (b + 0.5) / kBins * (high - low), share, 0, 0});
        most = std::max(most, share);
      }
    }
    scores.x = {"score, higher is more alike", Axis::Scale::kLinear, low, high, false};
    scores.y = {"share of comparisons", Axis::Scale::kLinear, 0, std::max(most * 1.05, 1e-6), true};
  }
  if (row.genuine_bits.count() > 0 && (row.label.split == "none" || row.label.split == "both")) {
    tools::Chart& bits = chart("2_bit_errors_" + row.label.name + "_" + place_of(row.label));
    bits.title = "Bit errors of " + row.label.name + ": " + words_of(row.label);
    char note[160];
    std::snprintf(note, sizeof note, "mean genuine %.3f, impostor %.3f; %.0f degrees of freedom of %d bits", row.genuine_bits.mean(), row.impostor_bits.mean(),
                  row.impostor_bits.degrees_of_freedom(), row.label.code_bits);
    bits.note = note;
    double most = 0;
    const std::size_t width = row.label.code_bits < 100 ? 5 : 2;
    for (const auto& [name, h] : {std::pair("genuine", &row.genuine_bits), std::pair("impostor", &row.impostor_bits)}) {
      Series& bars = series(bits, name, Series::Style::kBars);
      // Bins of several percent: a short code has wide steps.
      for (std::size_t b = 0; b + width <= metrics::BitErrorHistogram::kBins; b += width) {
        std::uint64_t sum = 0;
        for (std::size_t i = b; i < b + width; ++i) sum += h->bins()[i];
        const double share = static_cast<double>(sum) / static_cast<double>(std::max<std::uint64_t>(1, h->count()));
        bars.points.push_back({(static_cast<double>(b) + static_cast<double>(width) / 2) / metrics::BitErrorHistogram::kBins, share, 0, 0});
        most = std::max(most, share);
      }
    }
    bits.x = {"share of differing bits", Axis::Scale::kLinear, 0, 0.8, true};
    bits.y = {"share of comparisons", Axis::Scale::kLinear, 0, most * 1.05, true};
  }
}

void Charts::add_truth(const PrintData& data, const Comparisons& comparisons, const Row& row, const metrics::BootstrapOptions& options) {
  if (row.label.split != "both" || !data.truth(0, 0)) return;
  struct Question {
    const char* name;
    const char* label;
    double low, high, step;
    std::function<double(const Truth&)> value;
  };
  const Question questions[] = {
      {"6_moisture_", "moisture of the probe, -1 dry to +1 wet", -1, 1, 0.25, [](const Truth& t) { return t.moisture; }},
      {"7_rotation_", "turn of the probe, degrees either way", 0, 32, 4, [](const Truth& t) { return std::abs(t.turn_deg); }}};
  std::map<std::pair<std::uint32_t, std::uint32_t>, Truth> truths;  // a finger is made once for all its touches
  for (const Probe& p : comparisons.genuine_probes) {
    const std::pair key(p.finger, p.impression);
    if (!truths.contains(key)) truths[key] = *data.truth(p.finger, p.impression);
  }
  for (const Question& q : questions) {
    const auto bins = static_cast<std::size_t>(std::ceil((q.high - q.low) / q.step));
    std::vector<std::vector<metrics::Rate>> of(bins, std::vector<metrics::Rate>(data.fingers().size()));
    for (std::size_t i = 0; i < comparisons.scores.genuine.size(); ++i) {
      const metrics::Comparison& c = comparisons.scores.genuine[i];
      if (c.failed()) continue;
      const Probe& p = comparisons.genuine_probes[i];
      const double at = (q.value(truths[{p.finger, p.impression}]) - q.low) / q.step;
      metrics::Rate& rate = of[static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(bins) - 1))][p.finger];
      ++rate.tries;
      rate.errors += c.score >= row.threshold ? 0 : 1;
    }
    tools::Chart& c = chart(q.name + row.label.sensor);
    c.title = std::string("FNMR against ") + (q.name[0] == '6' ? "moisture" : "rotation") + ": " + words_of(row.label);
    c.note = "at the threshold of FMR 1e-2 over all; 95 % intervals by finger; bins with fewer than 20 comparisons are left out";
    fractions(c, q.label, q.low, q.high);
    Series& line = series(c, shown_name(row.label), Series::Style::kLine);
    for (std::size_t b = 0; b < bins; ++b) {
      metrics::Rate sum;
      for (const metrics::Rate& r : of[b]) {
        sum.errors += r.errors;
        sum.tries += r.tries;
      }
      if (sum.tries < 20) continue;
      const metrics::Interval i = metrics::bootstrap(of[b], comparisons.scores.stratum, options);
      line.points.push_back({q.low + (static_cast<double>(b) + 0.5) * q.step, sum.value(), i.low, i.high});
    }
  }
}

void Charts::add_touches(int touches, const Representation& representation, const Sensor& sensor, const Comparisons& comparisons, const metrics::BootstrapOptions& options) {
  tools::Chart& c = chart("5_touches_" + sensor.name());
  c.title = "FNMR against the number of enrolled touches: " + std::string(sensor.name() == "card" ? "card, 9.6 mm" : "full picture");
  c.note = "the same probes for every number; 95 % intervals by finger";
  fractions(c, "touches enrolled", 0.5, 8.5);
  series(c, shown_name(representation), Series::Style::kLine).points.push_back(point(touches, comparisons, options));
}

void Charts::add_area(double side_mm, const Representation& representation, const Comparisons& comparisons, const metrics::BootstrapOptions& options) {
  tools::Chart& c = chart("4_area");
  c.title = "FNMR against the sensor's area, touches placed within 2 mm";
  c.note = "square sensors of 7 to 15 mm a side, 508 dpi, 4 touches enrolled; 95 % intervals by finger";
  fractions(c, "area, mm2", 0, 240);
  series(c, shown_name(representation), Series::Style::kLine).points.push_back(point(side_mm * side_mm, comparisons, options));
}

std::vector<std::pair<std::string, tools::Chart>> Charts::take(const PrintData& data) {
  std::vector<std::pair<std::string, tools::Chart>> out;
  for (auto& [name, one] : charts_) {
    if (one.note.empty()) one.note = data.label() + ", " + std::to_string(data.fingers().size()) + " fingers";
    out.emplace_back(name.substr(2), std::move(one));
  }
  return out;
}

}  // namespace touchstone::bio
