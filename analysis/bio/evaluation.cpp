#include "bio/evaluation.h"

#include <algorithm>
#include <optional>

#include "bio/bad_input.h"
#include "bio/charts.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

constexpr int kMostSwept = 8;
constexpr std::size_t kMostDecodings = 2'000'000;  // of strangers, for each way to lock: a minute
constexpr double kSides_mm[] = {7, 8, kCardSide_mm, 11, 13, 15};

Progress show(const std::string& what, const char* unit) {
  auto shown = std::make_shared<std::optional<tools::Progress>>();
  return [=](std::size_t done, std::size_t all) {
    if (!*shown) shown->emplace(what, done - 1, all, unit, tools::Progress::Unwatched::kSilent);
    (*shown)->step(done);
  };
}

// All templates, and the pair scores of one representation and sensor at a time.
class Bench {
 public:
  Bench(const PrintData& data, const std::vector<Wanted>& wanted, const Store& store)
      : data_(data), store_(store), templates_(acquire(data, wanted, store, show("templates", "pictures"))) {}

  const Templates& templates(const Representation& r, const Sensor& sensor) const { return templates_.at(template_key(data_, r, sensor)); }

  Comparisons run(const Representation& r, const Sensor& references, const Sensor& probes, const Protocol& protocol, std::uint64_t seed) {
    const std::string key = template_key(data_, r, references);
    if (r.pairwise() && pairs_of_ != key) {
      pairs_ = PairScores(data_, r, templates_.at(key), key, store_, show(r.name() + ", " + references.name() + ": comparisons", "rows"));
      pairs_of_ = key;
    }
    return compare(data_, r, templates_.at(key), templates_.at(template_key(data_, r, probes)), r.pairwise() ? &pairs_ : nullptr, protocol, seed);
  }

 private:
  const PrintData& data_;
  const Store& store_;
  std::map<std::string, Templates> templates_;
  std::string pairs_of_;
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

/// One finger with each number of touches, and two as a sequence and as a set.
std::vector<Lock> locks(const std::vector<int>& enrolled, int impressions) {
  std::vector<Lock> out;
  for (const int n : enrolled) {
    if (n < impressions) out.push_back({1, false, n});
  }
  const int most = *std::max_element(enrolled.begin(), enrolled.end());
  for (const bool any_order : {false, true}) out.push_back({2, any_order, std::min(most, impressions / 2)});
  return out;
}

RowLabel label_of(const PrintData& data, const Representation& r, const Sensor& sensor, const Protocol& p) {
  return {data.label(), p.name(), to_string(r.kind()), r.name(), r.network(), sensor.name(), p.enrolled, p.split_name(), r.k_bits(), r.code_bits()};
}

}  // namespace

std::string configuration_hash(const PrintData& data, const std::vector<std::unique_ptr<Representation>>& representations, const EvaluationOptions& options) {
  std::string text = "evaluation/1; data " + data.digest() + "; seed " + std::to_string(options.seed) + "; bootstrap " + std::to_string(options.bootstrap.replicates) +
                     " " + std::to_string(options.bootstrap.seed) + (options.cross_sensor ? "; cross" : "") + (options.sweeps ? "; sweeps" : "") + (options.sets ? "; sets" : "") + (options.converter ? "; converter" : "");
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

  // Everything that needs pictures, so that each is read or made once. Area and parts are left out for a matcher: minutes a point.
  const Sensor part_a{Sensor::View::kPart, kCardSide_mm, 0, options.seed};
  const Sensor part_b{Sensor::View::kPart, kCardSide_mm, 1, options.seed};
  std::vector<Wanted> templates;
  for (const auto& r : representations) {
    for (const Sensor::View view : options.sensors) templates.push_back({r.get(), {view, kCardSide_mm, 0, options.seed}});
    if (r->pairwise()) continue;
    for (const double side_mm : kSides_mm) {
      if (options.sweeps) templates.push_back({r.get(), {Sensor::View::kCard, side_mm, 0, options.seed}});
    }
    for (const Sensor& part : {part_a, part_b}) {
      if (options.cross_sensor) templates.push_back({r.get(), part});
    }
  }
  Bench bench(data, templates, store);

  Evaluation out;
  Charts charts;
  for (const auto& representation : representations) {
    const Representation& r = *representation;
    for (const Sensor::View view : options.sensors) {
      const Sensor sensor{view, kCardSide_mm, 0, options.seed};
      for (const Protocol& p : wanted) {
        const Comparisons all = bench.run(r, sensor, sensor, p, options.seed);
        out.rows.push_back(measure(all, label_of(data, r, sensor, p), options.bootstrap));
        charts.add(out.rows.back(), all);
        if (p.enrolled == 4 && p.split == Protocol::Split::kBoth) {
          RowLabel label = label_of(data, r, sensor, p);
          label.protocol = "two fingers";
          label.k_bits = label.code_bits = 0;  // of one finger's code
          out.two_finger_rows.push_back(measure(two_fingers(all), label, options.bootstrap));
        }
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
        const Comparisons all = bench.run(r, sensor, sensor, fvc, options.seed);
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
          charts.add_touches(n, r, sensor, bench.run(r, sensor, sensor, p, options.seed), options.bootstrap);
        }
      }
    }
    if (options.converter && r.is_the_cards() && r.kind() == Kind::kCode) {
      for (const Sensor::View view : options.sensors) {
        for (const Lock& lock : locks(options.enrolled, impressions)) {
          const Sensor sensor{view, kCardSide_mm, 0, options.seed};
          out.converter_rows.push_back(converter_rates(data, sensor.name(), bench.templates(r, sensor), lock, kMostDecodings, options.seed, options.bootstrap,
                                                       show("converter, " + sensor.name(), "records")));
        }
      }
    }
    const int half = std::min(4, impressions / 2);
    const Protocol enrolment{Protocol::Kind::kEnrol, half, Protocol::Split::kBoth};
    if (options.sweeps && !r.pairwise()) {
      for (const double side_mm : kSides_mm) {
        const Sensor sensor{Sensor::View::kCard, side_mm, 0, options.seed};
        charts.add_area(side_mm, r, bench.run(r, sensor, sensor, enrolment, options.seed), options.bootstrap);
      }
    }
    if (options.cross_sensor && !r.pairwise()) {
      for (const auto& [name, probes] : {std::pair("same part", &part_a), std::pair("other part", &part_b)}) {
        RowLabel label = label_of(data, r, part_a, enrolment);
        label.protocol = name;
        out.cross_rows.push_back(measure(bench.run(r, part_a, *probes, enrolment, options.seed), label, options.bootstrap));
      }
    }
  }
  out.charts = charts.take(data);
  return out;
}

}  // namespace touchstone::bio
