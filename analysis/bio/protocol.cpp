#include "bio/protocol.h"

#include <algorithm>
#include <map>

#include "base/check.h"

namespace touchstone::bio {
namespace {

// Bit errors are counted over this many impostor comparisons at most: the histogram needs no more.
constexpr std::size_t kMostBitPairs = 200'000;

std::vector<std::uint32_t> range(std::size_t first, std::size_t count) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = first; i < first + count; ++i) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

std::vector<Record> records_of(const PrintData& data, const Protocol& protocol) {
  std::vector<Record> out;
  for (std::uint32_t f = 0; f < data.fingers().size(); ++f) {
    const std::size_t count = data.fingers()[f].impressions.size();
    const auto enrolled = static_cast<std::size_t>(protocol.enrolled);
    if (protocol.kind != Protocol::Kind::kEnrol) {
      for (std::size_t i = 0; i < count; ++i) out.push_back({f, range(i, 1), 0, 0});
      continue;
    }
    const auto aside = static_cast<std::size_t>(protocol.set_aside());
    const auto add = [&](std::size_t first) {
      out.push_back({f, range(first, enrolled), static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first + aside)});
    };
    if (protocol.split != Protocol::Split::kLast) add(0);
    if (protocol.split == Protocol::Split::kLast || protocol.split == Protocol::Split::kBoth) add(count - aside);
  }
  return out;
}

// Impressions of finger g that are held against the record.
std::vector<std::uint32_t> probes_of(const PrintData& data, const Record& record, std::uint32_t g, const Protocol& protocol, bool thinned) {
  const std::size_t count = data.fingers()[g].impressions.size();
  std::vector<std::uint32_t> out;
  if (protocol.kind == Protocol::Kind::kEnrol) {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i < record.aside_first || i >= record.aside_end) out.push_back(i);
    }
    return out;
  }
  const std::uint32_t own = record.impressions[0];
  if (g == record.finger) {
    for (std::uint32_t i = own + 1; i < count; ++i) out.push_back(i);
  } else if (g > record.finger) {  // each pair once
    if (protocol.kind == Protocol::Kind::kFvc) {
      if (own == 0) out.push_back(0);
    } else if (thinned) {
      if (own < count) out.push_back(own);
    } else {
      out = range(0, count);
    }
  }
  return out;
}

std::size_t count_impostors(const PrintData& data, const std::vector<Record>& records, const Protocol& protocol) {
  // By set: all fingers of one have about as many impressions, so one other finger stands for all.
  std::vector<std::size_t> in_set(data.sets().size());
  for (const Finger& f : data.fingers()) ++in_set[f.set];
  std::size_t out = 0;
  for (const Record& r : records) {
    const Finger& f = data.fingers()[r.finger];
    out += (in_set[f.set] - 1) * f.impressions.size();
  }
  return protocol.kind == Protocol::Kind::kEnrol ? out : out / 2;
}

}  // namespace

std::string Protocol::name() const {
  switch (kind) {
    case Kind::kFvc: return "fvc";
    case Kind::kAll: return "all";
    case Kind::kEnrol: return "enrol";
  }
  return "?";
}

std::string Protocol::split_name() const {
  switch (split) {
    case Split::kNone: return "none";
    case Split::kFirst: return "1-" + std::to_string(set_aside());
    case Split::kLast: return std::to_string(set_aside() + 1) + "-" + std::to_string(2 * set_aside());
    case Split::kBoth: return "both";
  }
  return "?";
}

Comparisons compare(const PrintData& data, const Representation& representation, const Templates& references, const Templates& probes,
                    const PairScores* pairs, const Protocol& protocol, std::uint64_t seed) {
  TS_CHECK(!representation.pairwise() || pairs != nullptr, "pair scores are missing");
  Comparisons out;
  const auto fingers = static_cast<std::uint32_t>(data.fingers().size());
  for (const Finger& f : data.fingers()) out.scores.stratum.push_back(f.set);
  out.fta_of_finger.resize(fingers);
  out.fte_of_finger.resize(fingers);
  for (std::uint32_t f = 0; f < fingers; ++f) {
    metrics::Rate& rate = out.fta_of_finger[f];
    for (const Templates* side : {&references, &probes}) {
      for (const auto& t : (*side)[f]) {
        ++rate.tries;
        rate.errors += t ? 0 : 1;
      }
      if (&references == &probes) break;
    }
    out.fta.tries += rate.tries;
    out.fta.errors += rate.errors;
  }

  const std::vector<Record> records = records_of(data, protocol);
  const std::size_t impostors = count_impostors(data, records, protocol);
  out.thinned = protocol.kind == Protocol::Kind::kAll && impostors > kMostImpostors;
  const std::size_t bit_step = std::max<std::size_t>(1, impostors / kMostBitPairs);
  std::vector<std::vector<std::uint32_t>> in_set(data.sets().size());
  for (std::uint32_t f = 0; f < fingers; ++f) in_set[data.fingers()[f].set].push_back(f);
  std::size_t met = 0;
  for (std::uint32_t r = 0; r < records.size(); ++r) {
    const Record& record = records[r];
    std::vector<Template> touches;
    for (const std::uint32_t i : record.impressions) {
      if (const auto& t = references[record.finger][i]) touches.push_back(*t);
    }
    std::optional<Template> enrolled;
    const bool made = representation.pairwise() ? !touches.empty() && 2 * touches.size() >= record.impressions.size()
                                                : (enrolled = representation.enrol(touches, record.impressions.size(), SeedTree(seed).child("record").child(r))).has_value();
    metrics::Rate& fte = out.fte_of_finger[record.finger];
    ++fte.tries;
    fte.errors += made ? 0 : 1;
    const auto score = [&](std::uint32_t g, std::uint32_t i) {
      const auto& probe = probes[g][i];
      if (!made || !probe) return metrics::kFailure;
      if (!representation.pairwise()) return representation.score(*enrolled, *probe);
      float best = metrics::kFailure;
      for (const std::uint32_t j : record.impressions) best = std::max(best, pairs->at(record.finger, j, g, i));
      return best;
    };
    const auto hold = [&](std::uint32_t g) {
      const bool own = g == record.finger;
      for (const std::uint32_t i : probes_of(data, record, g, protocol, out.thinned)) {
        const float s = score(g, i);
        (own ? out.scores.genuine : out.scores.impostor).push_back({r, record.finger, g, s});
        if (own) out.genuine_probes.push_back({g, i});
        if (representation.code_bits() == 0 || s == metrics::kFailure || (!own && ++met % bit_step != 0)) continue;
        if (const auto errors = representation.bit_errors(*enrolled, *probes[g][i])) (own ? out.genuine_bits : out.impostor_bits).add(*errors);
      }
    };
    hold(record.finger);
    for (const std::uint32_t g : in_set[data.fingers()[record.finger].set]) {
      if (g != record.finger) hold(g);
    }
  }
  for (const metrics::Rate& rate : out.fte_of_finger) {
    out.fte.tries += rate.tries;
    out.fte.errors += rate.errors;
  }
  return out;
}

Comparisons two_fingers(const Comparisons& single) {
  // Scores by record and probe finger, in the order of the probe's impressions; records by finger, in the order of the splits.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<float>> scores;
  std::map<std::uint32_t, std::vector<std::uint32_t>> records;
  for (const auto* side : {&single.scores.genuine, &single.scores.impostor}) {
    for (const metrics::Comparison& c : *side) scores[{c.reference, c.probe_finger}].push_back(c.score);
  }
  for (const metrics::Comparison& c : single.scores.genuine) {
    auto& of = records[c.reference_finger];
    if (of.empty() || of.back() != c.reference) of.push_back(c.reference);
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> people;
  std::map<std::uint32_t, std::uint32_t> waiting;  // by set: a finger without a neighbour yet
  Comparisons out;
  for (std::uint32_t f = 0; f < single.scores.fingers(); ++f) {
    const std::uint32_t set = single.scores.stratum[f];
    const auto other = waiting.find(set);
    if (other == waiting.end()) {
      waiting[set] = f;
      continue;
    }
    people.emplace_back(other->second, f);
    out.scores.stratum.push_back(set);
    waiting.erase(other);
  }
  const auto joined = [](const std::vector<metrics::Rate>& of, std::pair<std::uint32_t, std::uint32_t> person) {
    return metrics::Rate{of[person.first].errors + of[person.second].errors, of[person.first].tries + of[person.second].tries};
  };
  for (const auto& person : people) {
    out.fta_of_finger.push_back(joined(single.fta_of_finger, person));
    out.fte_of_finger.push_back(joined(single.fte_of_finger, person));
    for (metrics::Rate* sum : {&out.fta, &out.fte}) {
      const metrics::Rate& r = sum == &out.fta ? out.fta_of_finger.back() : out.fte_of_finger.back();
      sum->errors += r.errors;
      sum->tries += r.tries;
    }
  }
  std::uint32_t record = 0;
  for (std::uint32_t p = 0; p < people.size(); ++p) {
    const auto& first = records[people[p].first];
    const auto& second = records[people[p].second];
    for (std::size_t r = 0; r < std::min(first.size(), second.size()); ++r, ++record) {
      for (std::uint32_t q = 0; q < people.size(); ++q) {
        if (out.scores.stratum[p] != out.scores.stratum[q]) continue;
        const std::vector<float>& a = scores[{first[r], people[q].first}];
        const std::vector<float>& b = scores[{second[r], people[q].second}];
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
          (p == q ? out.scores.genuine : out.scores.impostor).push_back({record, p, q, (a[i] + b[i]) / 2});
        }
      }
    }
  }
  return out;
}

Comparisons of_set(const Comparisons& pooled, std::uint32_t set) {
  Comparisons out;
  out.scores.stratum = pooled.scores.stratum;
  out.thinned = pooled.thinned;
  for (std::size_t i = 0; i < pooled.scores.genuine.size(); ++i) {
    const metrics::Comparison& c = pooled.scores.genuine[i];
    if (pooled.scores.stratum[c.probe_finger] != set) continue;
    out.scores.genuine.push_back(c);
    out.genuine_probes.push_back(pooled.genuine_probes[i]);
  }
  for (const metrics::Comparison& c : pooled.scores.impostor) {
    if (pooled.scores.stratum[c.probe_finger] == set) out.scores.impostor.push_back(c);
  }
  const auto pick = [&](const std::vector<metrics::Rate>& from, std::vector<metrics::Rate>& to, metrics::Rate& sum) {
    to.resize(from.size());
    for (std::size_t f = 0; f < from.size(); ++f) {
      if (pooled.scores.stratum[f] != set) continue;
      to[f] = from[f];
      sum.tries += from[f].tries;
      sum.errors += from[f].errors;
    }
  };
  pick(pooled.fta_of_finger, out.fta_of_finger, out.fta);
  pick(pooled.fte_of_finger, out.fte_of_finger, out.fte);
  return out;
}

}  // namespace touchstone::bio
