#include "metrics/bootstrap.h"

#include <algorithm>

#include "base/check.h"
#include "base/seed.h"

namespace touchstone::metrics {
namespace {

// How often each finger was drawn.
using Weights = std::vector<std::uint32_t>;

class Resampler {
 public:
  Resampler(std::span<const std::uint32_t> stratum, std::uint64_t seed) : seed_(SeedTree(seed).child("bootstrap")), weights_(stratum.size()) {
    std::uint32_t strata = 0;
    for (const std::uint32_t s : stratum) strata = std::max(strata, s + 1);
    members_.resize(strata);
    for (std::size_t f = 0; f < stratum.size(); ++f) members_[stratum[f]].push_back(f);
  }
  const Weights& draw(int replicate) {
    Random random = seed_.child(static_cast<std::uint64_t>(replicate)).stream("fingers");
    std::fill(weights_.begin(), weights_.end(), 0);
    for (const std::vector<std::size_t>& members : members_) {
      for (std::size_t i = 0; i < members.size(); ++i) ++weights_[members[random.below(members.size())]];
    }
    return weights_;
  }

 private:
  SeedTree seed_;
  std::vector<std::vector<std::size_t>> members_;
  Weights weights_;
};

struct Entry {
  float score;
  std::uint32_t reference_finger, probe_finger;
};

// Sorted once; a replicate walks down the scores with its weights.
class Side {
 public:
  explicit Side(const std::vector<Comparison>& comparisons, bool genuine) : genuine_(genuine) {
    std::vector<std::pair<std::uint64_t, bool>> pairs;
    for (const Comparison& c : comparisons) {
      if (!c.failed()) entries_.push_back({c.score, c.reference_finger, c.probe_finger});
      pairs.emplace_back(std::uint64_t{c.reference_finger} << 32 | c.probe_finger, c.failed());
    }
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.score > b.score; });
    std::sort(pairs.begin(), pairs.end());
    for (const auto& [pair, failed] : pairs) {
      const auto reference = static_cast<std::uint32_t>(pair >> 32);
      const auto probe = static_cast<std::uint32_t>(pair);
      if (counts_.empty() || counts_.back().reference != reference || counts_.back().probe != probe) counts_.push_back({reference, probe, 0, 0});
      ++(failed ? counts_.back().failed : counts_.back().made);
    }
  }
  const std::vector<Entry>& entries() const { return entries_; }
  std::uint64_t weight(const Entry& e, const Weights& w) const { return product(e.reference_finger, e.probe_finger, w); }

  struct Total {
    std::uint64_t made = 0, failed = 0;
  };
  Total total(const Weights& w) const {
    Total out;
    for (const Count& c : counts_) {
      const std::uint64_t weight = product(c.reference, c.probe, w);
      out.made += weight * c.made;
      out.failed += weight * c.failed;
    }
    return out;
  }

 private:
  struct Count {
    std::uint32_t reference, probe, made, failed;
  };
  std::uint64_t product(std::uint32_t reference, std::uint32_t probe, const Weights& w) const {
    return genuine_ ? w[reference] : std::uint64_t{w[reference]} * w[probe];
  }
  bool genuine_;
  std::vector<Entry> entries_;
  std::vector<Count> counts_;  // comparisons of every pair of fingers that was compared
};

// What one replicate says.
struct Replicate {
  double eer = -1;
  std::vector<double> fnmr_at_fmr;
  std::uint64_t genuine_accepted = 0, impostor_accepted = 0;  // at the operating threshold
};

Replicate walk(const Side& genuine, const Side& impostor, Side::Total g_all, Side::Total i_all, const Weights& w,
               std::span<const double> asked, double threshold) {
  Replicate out;
  out.fnmr_at_fmr.assign(asked.size(), -1);
  std::size_t open = asked.size() + 1;  // figures still to be found: those asked for and the EER
  const std::vector<Entry>& gs = genuine.entries();
  const std::vector<Entry>& is = impostor.entries();
  const auto g_total = static_cast<double>(g_all.made);
  const auto i_total = static_cast<double>(i_all.made);
  std::size_t g = 0;
  std::size_t i = 0;
  std::uint64_t g_sum = 0;
  std::uint64_t i_sum = 0;
  double above_sum = 1;
  double fnmr_above = 1;
  while (g < gs.size() || i < is.size()) {
    const float level = std::max(g < gs.size() ? gs[g].score : kFailure, i < is.size() ? is[i].score : kFailure);
    for (; g < gs.size() && gs[g].score == level; ++g) g_sum += genuine.weight(gs[g], w);
    for (; i < is.size() && is[i].score == level; ++i) i_sum += impostor.weight(is[i], w);
    if (level >= threshold) {
      out.genuine_accepted = g_sum;
      out.impostor_accepted = i_sum;
    } else if (open == 0) {
      break;
    }
    if (g_all.made == 0 || i_all.made == 0) continue;
    const double fnmr = static_cast<double>(g_all.made - g_sum) / g_total;
    const double fmr = static_cast<double>(i_sum) / i_total;
    for (std::size_t a = 0; a < asked.size(); ++a) {
      if (out.fnmr_at_fmr[a] >= 0 || fmr <= asked[a]) continue;
      out.fnmr_at_fmr[a] = fnmr_above;
      --open;
    }
    if (out.eer < 0 && fmr >= fnmr) {
      out.eer = fmr == fnmr ? fmr : std::min(fnmr + fmr, above_sum) / 2;
      --open;
    }
    above_sum = fnmr + fmr;
    fnmr_above = fnmr;
  }
  for (double& fnmr : out.fnmr_at_fmr) {
    if (fnmr < 0) fnmr = fnmr_above;  // every impostor may pass
  }
  return out;
}

Interval percentile(std::vector<double>& values) {
  if (values.empty()) return {0, 1};
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = [&](double q) { return values[static_cast<std::size_t>(q * last + 0.5)]; };
  return {at(0.025), at(0.975)};
}

// A sample without an error resamples to none: the rule of 3 is what it can say.
Interval bounded(std::vector<double>& values, const Rate& measured) {
  Interval out = percentile(values);
  if (measured.errors == 0) out.high = std::max(out.high, measured.rule_of_3());
  if (measured.errors == measured.tries) out.low = std::min(out.low, 1 - measured.rule_of_3());
  return out;
}

double over(std::uint64_t part, std::uint64_t all) { return static_cast<double>(part) / static_cast<double>(all); }

}  // namespace

Intervals bootstrap(const ScoreSet& scores, std::span<const double> asked, double threshold, const BootstrapOptions& options) {
  const Side genuine(scores.genuine, true);
  const Side impostor(scores.impostor, false);
  Resampler resampler(scores.stratum, options.seed);
  std::vector<double> eer;
  std::vector<double> fmr;
  std::vector<double> fnmr;
  std::vector<double> gfar;
  std::vector<double> gfrr;
  std::vector<std::vector<double>> at(asked.size());
  for (int b = 0; b < options.replicates; ++b) {
    const Weights& w = resampler.draw(b);
    const Side::Total g = genuine.total(w);
    const Side::Total i = impostor.total(w);
    const Replicate r = walk(genuine, impostor, g, i, w, asked, threshold);
    if (g.made > 0) fnmr.push_back(over(g.made - r.genuine_accepted, g.made));
    if (g.made + g.failed > 0) gfrr.push_back(over(g.made + g.failed - r.genuine_accepted, g.made + g.failed));
    if (i.made > 0) fmr.push_back(over(r.impostor_accepted, i.made));
    if (i.made + i.failed > 0) gfar.push_back(over(r.impostor_accepted, i.made + i.failed));
    if (g.made == 0 || i.made == 0) continue;
    if (r.eer >= 0) eer.push_back(r.eer);
    for (std::size_t a = 0; a < asked.size(); ++a) at[a].push_back(r.fnmr_at_fmr[a]);
  }

  // The measured counts: every finger once.
  const Weights once(scores.fingers(), 1);
  const Side::Total g = genuine.total(once);
  const Side::Total i = impostor.total(once);
  const Replicate all = walk(genuine, impostor, g, i, once, asked, threshold);
  Intervals out;
  if (!eer.empty()) out.eer = percentile(eer);
  for (std::size_t a = 0; a < asked.size(); ++a) {
    const auto errors = static_cast<std::uint64_t>(all.fnmr_at_fmr[a] * static_cast<double>(g.made) + 0.5);
    out.fnmr_at_fmr.push_back(bounded(at[a], {errors, g.made}));
  }
  out.fnmr = bounded(fnmr, {g.made - all.genuine_accepted, g.made});
  out.gfrr = bounded(gfrr, {g.made + g.failed - all.genuine_accepted, g.made + g.failed});
  out.fmr = bounded(fmr, {all.impostor_accepted, i.made});
  out.gfar = bounded(gfar, {all.impostor_accepted, i.made + i.failed});
  return out;
}

Interval bootstrap(std::span<const Rate> of_finger, std::span<const std::uint32_t> stratum, const BootstrapOptions& options) {
  TS_CHECK(of_finger.size() == stratum.size(), "one rate a finger");
  Resampler resampler(stratum, options.seed);
  std::vector<double> values;
  Rate measured;
  for (const Rate& r : of_finger) {
    measured.errors += r.errors;
    measured.tries += r.tries;
  }
  for (int b = 0; b < options.replicates; ++b) {
    const Weights& w = resampler.draw(b);
    Rate sum;
    for (std::size_t f = 0; f < w.size(); ++f) {
      sum.errors += w[f] * of_finger[f].errors;
      sum.tries += w[f] * of_finger[f].tries;
    }
    if (sum.tries > 0) values.push_back(sum.value());
  }
  return bounded(values, measured);
}

}  // namespace touchstone::metrics
