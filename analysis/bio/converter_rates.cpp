#include "bio/converter_rates.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/check.h"
#include "biometrics/converter.h"
#include "metrics/error_rates.h"
#include "tools/text_table.h"

namespace touchstone::bio {
namespace {

using biometrics::Feature;

constexpr int kTries = 3;
constexpr double kOpened = 0.5;  // between the two scores

/// Of neighbouring fingers of one set.
struct Person {
  std::uint32_t set = 0;
  std::vector<std::uint32_t> fingers;
  std::size_t impressions = 0;  // that all of them have
};

std::vector<Person> people_of(const PrintData& data, int fingers) {
  std::vector<Person> out, open(data.sets().size());
  for (std::uint32_t f = 0; f < data.fingers().size(); ++f) {
    const Finger& finger = data.fingers()[f];
    Person& person = open[finger.set];
    person.set = finger.set;
    person.impressions = person.fingers.empty() ? finger.impressions.size() : std::min(person.impressions, finger.impressions.size());
    person.fingers.push_back(f);
    if (static_cast<int>(person.fingers.size()) < fingers) continue;
    out.push_back(std::move(person));
    person = {};
  }
  return out;
}

struct Record {
  std::uint32_t person = 0;
  std::size_t first = 0;  // of its touches
};

void load(const Template& from, Feature& to) {
  TS_CHECK(from.size() <= to.components.size(), "a vector of the card's network");
  std::transform(from.begin(), from.end(), to.components.begin(), [](float c) { return static_cast<std::int8_t>(c); });
  to.dimensions = static_cast<std::uint16_t>(from.size());
}

class Judge {
 public:
  Judge(const PrintData& data, const Templates& templates, const Lock& lock, std::size_t most_impostors, std::uint64_t seed)
      : templates_(templates), lock_(lock), seed_(seed), people_(people_of(data, lock.fingers)) {
    std::size_t impostors = 0;
    for (std::uint32_t p = 0; p < people_.size(); ++p) {
      const auto enrolled = static_cast<std::size_t>(lock.enrolled);
      if (people_[p].impressions <= enrolled) continue;
      records_.push_back({p, 0});
      if (people_[p].impressions >= 2 * enrolled) records_.push_back({p, people_[p].impressions - enrolled});
    }
    for (const Record& r : records_) {
      for (const Person& stranger : people_) {
        if (stranger.set == people_[r.person].set) impostors += stranger.impressions - static_cast<std::size_t>(lock.enrolled);
      }
    }
    step_ = std::max<std::size_t>(1, (impostors + most_impostors - 1) / most_impostors);
  }

  const std::vector<Person>& people() const { return people_; }
  std::size_t records() const { return records_.size(); }

  struct Outcome {
    bool made = false;
    std::vector<metrics::Comparison> genuine, impostor, one_wrong;
    std::uint32_t person = 0;
  };
  Outcome judge(std::uint32_t record) const {
    const Record& r = records_[record];
    Outcome out;
    out.person = r.person;
    std::vector<std::uint32_t> work(biometrics::converter_work_bytes() / 4 + 1);
    const MutableBytes work_area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
    biometrics::HelperData helper;
    out.made = make(r, record, work_area, helper);
    for (std::uint32_t q = 0; q < people_.size(); ++q) {
      const bool own = q == r.person;
      if (people_[q].set != people_[r.person].set || (!own && (std::size_t{record} * people_.size() + q) % step_ != 0)) continue;
      for (std::size_t i = 0; i < people_[q].impressions; ++i) {
        if (i >= r.first && i < r.first + static_cast<std::size_t>(lock_.enrolled)) continue;
        const auto judged = [&](const Person& first) {
          return metrics::Comparison{record, r.person, q, out.made ? opens(first, people_[q], i, helper, work_area) : metrics::kFailure};
        };
        (own ? out.genuine : out.impostor).push_back(judged(people_[q]));
        if (lock_.fingers > 1 && !own) out.one_wrong.push_back(judged(people_[r.person]));
      }
    }
    return out;
  }

 private:
  bool make(const Record& r, std::uint32_t record, MutableBytes work_area, biometrics::HelperData& helper) const {
    // As many touches of each finger as the worst of them has: the card asks again for one it could not use.
    const auto asked = static_cast<std::size_t>(lock_.enrolled);
    std::vector<std::vector<const Template*>> usable;
    std::size_t least = asked;
    for (const std::uint32_t f : people_[r.person].fingers) {
      auto& of = usable.emplace_back();
      for (std::size_t i = r.first; i < r.first + asked; ++i) {
        if (const auto& t = templates_[f][i]) of.push_back(&*t);
      }
      least = std::min(least, of.size());
    }
    if (2 * least < asked || least == 0) return false;
    const auto touches = std::make_unique<Feature[]>(least * usable.size());
    for (std::size_t f = 0; f < usable.size(); ++f) {
      for (std::size_t t = 0; t < least; ++t) load(*usable[f][t], touches[f * least + t]);
    }
    ByteArray<32> randomness{};
    Random random = SeedTree(seed_).child("converter").child(static_cast<std::uint64_t>(lock_.fingers)).child(record).stream("randomness");
    for (std::uint8_t& byte : randomness) byte = static_cast<std::uint8_t>(random.below(256));
    Secret<32> root;
    const biometrics::EnrolmentTouches enrolment{{touches.get(), least * usable.size()}, lock_.fingers, lock_.any_order};
    const Status made = biometrics::enrol(enrolment, randomness, work_area, helper, root);
    TS_CHECK(made.ok(), "a record of usable touches");
    return true;
  }

  /// All fingers of `first` but the last, which is `last`'s.
  float opens(const Person& first, const Person& last, std::size_t impression, const biometrics::HelperData& helper, MutableBytes work_area) const {
    const std::size_t fingers = first.fingers.size();
    const auto probe = std::make_unique<Feature[]>(fingers);
    for (std::size_t f = 0; f < fingers; ++f) {
      const auto& t = templates_[(f + 1 < fingers ? first : last).fingers[f]][impression];
      if (!t) return metrics::kFailure;
      load(*t, probe[lock_.any_order ? fingers - 1 - f : f]);
    }
    Secret<32> root;
    const Status opened = biometrics::regenerate({probe.get(), fingers}, helper, work_area, root);
    TS_CHECK(opened.ok() || opened.error().code == ErrorCode::kNoMatch, "a probe of the record's shape");
    return opened.ok() ? 1.0F : 0.0F;
  }

  const Templates& templates_;
  const Lock& lock_;
  std::uint64_t seed_;
  std::vector<Person> people_;
  std::vector<Record> records_;
  std::size_t step_ = 1;
};

std::vector<Judge::Outcome> judge_all(const Judge& judge, const Progress& progress) {
  std::vector<Judge::Outcome> out(judge.records());
  std::atomic<std::uint32_t> next{0};
  std::mutex mutex;
  std::size_t done = 0;
  const auto work = [&] {
    for (std::uint32_t r = next++; r < out.size(); r = next++) {
      out[r] = judge.judge(r);
      const std::lock_guard guard(mutex);
      if (progress) progress(++done, out.size());
    }
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < std::max(1U, std::thread::hardware_concurrency()); ++t) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
  return out;
}

std::string name_of(const codes::CodeChoice& code) {
  char buffer[codes::CodeChoice::kMaxNameLength];
  return std::string(code.name(buffer));
}

}  // namespace

ConverterRow converter_rates(const PrintData& data, const std::string& sensor, const Templates& templates, const Lock& lock, std::size_t most_impostors,
                             std::uint64_t seed, const metrics::BootstrapOptions& options, const Progress& progress) {
  const Judge judge(data, templates, lock, most_impostors, seed);
  const int dimensions = biometrics::finger_network().architecture().dimensions;
  ConverterRow out;
  out.data = data.label();
  out.sensor = sensor;
  out.lock = lock;
  out.code = biometrics::code_for(lock.fingers, dimensions);
  out.list_size = biometrics::kListSize;
  out.bits_left = out.code.bits_left_q8(lock.fingers * dimensions) / 256.0;
  out.people = judge.people().size();
  metrics::ScoreSet scores, one_wrong;
  for (const Person& p : judge.people()) scores.stratum.push_back(p.set);
  one_wrong.stratum = scores.stratum;
  std::vector<metrics::Rate> fte(judge.people().size());
  for (const Judge::Outcome& o : judge_all(judge, progress)) {
    scores.genuine.insert(scores.genuine.end(), o.genuine.begin(), o.genuine.end());
    scores.impostor.insert(scores.impostor.end(), o.impostor.begin(), o.impostor.end());
    one_wrong.impostor.insert(one_wrong.impostor.end(), o.one_wrong.begin(), o.one_wrong.end());
    ++fte[o.person].tries;
    fte[o.person].errors += o.made ? 0 : 1;
  }
  const metrics::ErrorRates rates(scores);
  const metrics::Intervals intervals = metrics::bootstrap(scores, {}, kOpened, options);
  out.fnmr = {rates.fnmr(kOpened), intervals.fnmr};
  out.fmr = {rates.fmr(kOpened), intervals.fmr};
  out.gfrr = {rates.gfrr(kOpened), intervals.gfrr};
  for (const metrics::Rate& r : fte) {
    out.fte.rate.tries += r.tries;
    out.fte.rate.errors += r.errors;
  }
  out.fte.interval_95 = metrics::bootstrap(fte, scores.stratum, options);
  if (lock.fingers > 1) out.one_wrong = {metrics::ErrorRates(one_wrong).fmr(kOpened), metrics::bootstrap(one_wrong, {}, kOpened, options).fmr};
  const metrics::ScoreSet threes = metrics::transactions(scores, kTries);
  const metrics::ErrorRates three(threes);
  const metrics::Intervals three_95 = metrics::bootstrap(threes, {}, kOpened, options);
  out.frr = {three.gfrr(kOpened), three_95.gfrr};
  out.far = {three.gfar(kOpened), three_95.gfar};
  return out;
}

nlohmann::ordered_json to_json(const ConverterRow& row) {
  nlohmann::ordered_json out = {{"data", row.data},
          {"sensor", row.sensor},
          {"enrolled", row.lock.enrolled},
          {"fingers", row.lock.fingers},
          {"any_order", row.lock.any_order},
          {"code", name_of(row.code)},
          {"k_bits", row.code.k},
          {"code_bits", row.code.n},
          {"list_size", row.list_size},
          {"sign_pattern_bits_left", row.bits_left},
          {"people", row.people},
          {"fnmr", to_json(row.fnmr)},
          {"fmr", to_json(row.fmr)},
          {"gfrr", to_json(row.gfrr)},
          {"fte", to_json(row.fte)},
          {"transactions_of_3_tries", {{"frr", to_json(row.frr)}, {"far", to_json(row.far)}}}};
  if (row.lock.fingers > 1) out["opened_with_one_wrong_finger"] = to_json(row.one_wrong);
  return out;
}

std::string to_table(const std::vector<ConverterRow>& rows) {
  std::vector<std::vector<std::string>> lines = {{"record", "sensor", "enrolled", "code", "bits left", "FNMR", "FMR", "FRR of 3 tries", "FAR of 3 tries", "one wrong", "FTE", "tries genuine/impostor"}};
  for (const ConverterRow& r : rows) {
    char left[16];
    std::snprintf(left, sizeof left, "%.0f", r.bits_left);
    lines.push_back({r.lock.fingers == 1 ? "one finger" : std::to_string(r.lock.fingers) + " fingers" + (r.lock.any_order ? ", a set" : ", a sequence"), r.sensor,
                     std::to_string(r.lock.enrolled), name_of(r.code) + " list " + std::to_string(r.list_size), left, to_text(r.fnmr), to_text(r.fmr), to_text(r.frr), to_text(r.far),
                     r.lock.fingers > 1 ? to_text(r.one_wrong) : "-", to_text(r.fte), std::to_string(r.fnmr.rate.tries) + "/" + std::to_string(r.fmr.rate.tries)});
  }
  return tools::text_table(lines);
}

}  // namespace touchstone::bio
