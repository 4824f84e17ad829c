#include "bio/evaluation.h"

#include <algorithm>
#include <optional>

#include "bio/bad_input.h"
#include "bio/charts.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

constexpr int kMostSwept = 8;

// Templates and pair scores of one representation under one sensor, made when first asked for.
class Bench {
 public:
  Bench(const PrintData& data, const Representation& representation, const Store& store) : data_(data), representation_(representation), store_(store) {}

  Comparisons run(const Sensor& references, const Sensor& probes, const Protocol& protocol, std::uint64_t seed) {
    if (references.digest() == probes.digest()) {
      const Templates& both = templates(references);
      return compare(data_, representation_, both, both, representation_.pairwise() ? &pairs_ : nullptr, protocol, seed);
    }
    const Templates enrolled = std::move(templates(references));
    have_.clear();
    return compare(data_, representation_, enrolled, templates(probes), nullptr, protocol, seed);
  }

 private:
  Templates& templates(const Sensor& sensor) {
    const std::string key = template_key(data_, representation_, sensor);
    if (have_ == key) return templates_;
    const auto progress = [&](const std::string& what, const char* unit) {
      auto shown = std::make_shared<std::optional<tools::Progress>>();
      return Progress([=, name = representation_.name() + " " + sensor.name() + ": " + what](std::size_t done, std::size_t all) {
        if (!*shown) shown->emplace(name, done - 1, all, unit, tools::Progress::Unwatched::kSilent);
        (*shown)->step(done);
      });
    };
    templates_ = acquire(data_, representation_, sensor, store_, progress("templates", "pictures"));
    if (representation_.pairwise()) pairs_ = PairScores(data_, representation_, templates_, key, store_, progress("comparisons", "rows"));
    have_ = key;
    return templates_;
  }

  const PrintData& data_;
  const Representation& representation_;
  const Store& store_;
  std::string have_;
  Templates templates_;
  PairScores pairs_;
};

std::vector<Protocol> protocols(const PrintData& data, const std::vector<int>& enrolled, int impressions) {
  std::vector<Protocol> out;
  for (const int n : enrolled) {
    if (n == 1) {
      out.push_back({Protocol::Kind::kAll, 1, Protocol::Split::kNone});
    } else if (2 * n <= impressions) {
      for (const auto split : {Protocol::Split::kFirst, Protocol::Split::kLast, Protocol::Split::kBoth}) out.push_back({Protocol::Kind::kEnrol, n, split});
    } else if (n < impressions) {
      out.push_back({Protocol::Kind::kEnrol, n, Protocol::Split::kNone});
    } else {
      throw BadInput("--enrolled " + std::to_string(n) + ": the fingers of " + data.label() + " have " + std::to_string(impressions) +
                     " impressions, and one at least must be left to compare");
    }
  }
  return out;
}

RowLabel label_of(const PrintData& data, const Representation& r, const Sensor& sensor, const Protocol& p) {
  return {data.label(), p.name(), to_string(r.kind()), r.name(), r.network(), sensor.name(), p.enrolled, p.split_name(), r.k_bits(), r.code_bits()};
}

}  // namespace

std::string configuration_hash(const PrintData& data, const std::vector<std::unique_ptr<Representation>>& representations, const EvaluationOptions& options) {
  std::string text = "evaluation/1; data " + data.digest() + "; seed " + std::to_string(options.seed) + "; bootstrap " + std::to_string(options.bootstrap.replicates) +
                     " " + std::to_string(options.bootstrap.seed) + (options.cross_sensor ? "; cross" : "") + (options.sweeps ? "; sweeps" : "") + (options.sets ? "; sets" : "");
  for (const int n : options.enrolled) text += "; enrolled " + std::to_string(n);
  for (const Sensor::View view : options.sensors) text += "; sensor " + Sensor{view, kCardSide_mm, 0, options.seed}.digest();
  for (const auto& r : representations) text += "; " + r->digest();
  return digest_of(text);
}

Evaluation run_evaluation(const PrintData& data, const std::vector<std::unique_ptr<Representation>>& representations, const EvaluationOptions& options,
                          const Store& store) {
  int impressions = kMostSwept * 16;
  for (const Finger& f : data.fingers()) impressions = std::min(impressions, static_cast<int>(f.impressions.size()));
  const std::vector<Protocol> wanted = protocols(data, options.enrolled, impressions);
  const bool pooled = data.sets().size() > 1 && data.label() == "pooled";

  Evaluation out;
  Charts charts;
  for (const auto& representation : representations) {
    const Representation& r = *representation;
    Bench bench(data, r, store);
    for (const Sensor::View view : options.sensors) {
      const Sensor sensor{view, kCardSide_mm, 0, options.seed};
      for (const Protocol& p : wanted) {
        const Comparisons all = bench.run(sensor, sensor, p, options.seed);
        out.rows.push_back(measure(all, label_of(data, r, sensor, p), options.bootstrap));
        charts.add(out.rows.back(), all);
        if (options.sweeps && p.kind == Protocol::Kind::kEnrol && p.enrolled == 4) charts.add_truth(data, all, out.rows.back(), options.bootstrap);
        if (!pooled || !options.sets || p.split == Protocol::Split::kFirst || p.split == Protocol::Split::kLast) continue;
        for (std::uint32_t set = 0; set < data.sets().size(); ++set) {
          RowLabel label = label_of(data, r, sensor, p);
          label.data = data.sets()[set];
          out.rows.push_back(measure(of_set(all, set), label, options.bootstrap));
        }
      }
      // FVC's own protocol is one of single databases.
      if (std::find(options.enrolled.begin(), options.enrolled.end(), 1) != options.enrolled.end() && options.sets && !data.truth(0, 0)) {
        const Protocol fvc{Protocol::Kind::kFvc, 1, Protocol::Split::kNone};
        const Comparisons all = bench.run(sensor, sensor, fvc, options.seed);
        for (std::uint32_t set = 0; set < data.sets().size(); ++set) {
          RowLabel label = label_of(data, r, sensor, fvc);
          label.data = data.sets()[set];
          out.rows.push_back(measure(of_set(all, set), label, options.bootstrap));
        }
      }
      // Number of touches: the first n of those set aside, the same probes for every n.
      const int most = std::min(kMostSwept, impressions >= 12 ? 8 : impressions / 2);
      if (options.sweeps) {
        for (int n = 1; n <= most; ++n) {
          const Protocol p{Protocol::Kind::kEnrol, n, 2 * most <= impressions ? Protocol::Split::kBoth : Protocol::Split::kFirst, most};
          charts.add_touches(n, r, sensor, bench.run(sensor, sensor, p, options.seed), options.bootstrap);
        }
      }
    }
    const int half = std::min(4, impressions / 2);
    const Protocol enrolment{Protocol::Kind::kEnrol, half, Protocol::Split::kBoth};
    if (options.sweeps && !r.pairwise()) {  // a matcher would take minutes a point
      for (const double side_mm : {7.0, 8.0, 9.6, 11.0, 13.0, 15.0}) {
        const Sensor sensor{Sensor::View::kCard, side_mm, 0, options.seed};
        charts.add_area(side_mm, r, bench.run(sensor, sensor, enrolment, options.seed), options.bootstrap);
      }
    }
    if (options.cross_sensor && !r.pairwise()) {
      const Sensor a{Sensor::View::kPart, kCardSide_mm, 0, options.seed};
      const Sensor b{Sensor::View::kPart, kCardSide_mm, 1, options.seed};
      for (const auto& [name, probes] : {std::pair("same part", &a), std::pair("other part", &b)}) {
        RowLabel label = label_of(data, r, a, enrolment);
        label.protocol = name;
        out.cross_rows.push_back(measure(bench.run(a, *probes, enrolment, options.seed), label, options.bootstrap));
      }
    }
  }
  out.charts = charts.take(data);
  return out;
}

}  // namespace touchstone::bio
