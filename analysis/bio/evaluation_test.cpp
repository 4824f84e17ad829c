// Protocols, caches and rows on made-up fingers whose scores are known.
#include "bio/evaluation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bio/bad_input.h"
#include "bio/classical.h"
#include "bio/correlation.h"
#include "bio/page.h"
#include "codes/rotation.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

// Pictures of one pixel that hold finger and impression.
class MadeUp : public PrintData {
 public:
  MadeUp(std::string label, std::vector<int> fingers_of_set, int impressions) {
    label_ = std::move(label);
    digest_ = "made up " + std::to_string(impressions);
    for (std::uint32_t s = 0; s < fingers_of_set.size(); ++s) {
      sets_.push_back("set" + std::to_string(s));
      for (int f = 0; f < fingers_of_set[s]; ++f) {
        Finger one{s, std::to_string(f), {}};
        for (int i = 1; i <= impressions; ++i) one.impressions.push_back(i);
        fingers_.push_back(one);
      }
    }
  }
  Print print(std::size_t finger, std::size_t impression) const override {
    GreyImage image(2, 1);
    image.pixels = {static_cast<std::uint8_t>(finger), static_cast<std::uint8_t>(impression)};
    return {image, 500};
  }
};

// Score: minus the distance of fingers, a little less for distant impressions. Picture (3, 0) cannot be acquired.
class Distance : public Representation {
 public:
  explicit Distance(bool pairwise = false, bool failing = true) : pairwise_(pairwise), failing_(failing) {}
  std::string name() const override { return "distance"; }
  Kind kind() const override { return Kind::kCode; }
  std::string network() const override { return "int8"; }
  std::string digest() const override { return "distance"; }
  int k_bits() const override { return 20; }
  std::optional<Template> describe(const Print& print) const override {
    ++described;
    if (failing_ && print.image.at(0, 0) == 3 && print.image.at(1, 0) == 0) return std::nullopt;
    return Template{static_cast<float>(print.image.at(0, 0)), static_cast<float>(print.image.at(1, 0))};
  }
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree) const override {
    if (touches.size() < asked) return std::nullopt;
    return touches[0];
  }
  float score(const Template& enrolled, const Template& probe) const override {
    return -std::abs(enrolled[0] - probe[0]) - 0.01F * std::abs(enrolled[1] - probe[1]);
  }
  bool pairwise() const override { return pairwise_; }
  mutable int described = 0;

 private:
  bool pairwise_;
  bool failing_;
};

Comparisons run(const PrintData& data, const Representation& r, const Protocol& protocol) {
  const Templates templates = acquire(data, {{&r, {}}}, Store(), {}).begin()->second;
  PairScores pairs;
  if (r.pairwise()) pairs = PairScores(data, r, templates, "key", Store(), {});
  return compare(data, r, templates, templates, &pairs, protocol, 1);
}

TEST(Protocols, CountTheComparisonsOfFvcAndOfEnrolment) {
  const MadeUp data("one", {10}, 8);
  const Distance r(false, false);
  const auto count = [&](const Protocol& p) {
    const Comparisons c = run(data, r, p);
    return std::pair(c.scores.genuine.size(), c.scores.impostor.size());
  };
  EXPECT_EQ(count({Protocol::Kind::kFvc}), std::pair(std::size_t{280}, std::size_t{45}));
  EXPECT_EQ(count({Protocol::Kind::kAll}), std::pair(std::size_t{280}, std::size_t{2880}));
  EXPECT_EQ(count({Protocol::Kind::kEnrol, 4, Protocol::Split::kFirst}), std::pair(std::size_t{40}, std::size_t{360}));
  EXPECT_EQ(count({Protocol::Kind::kEnrol, 4, Protocol::Split::kBoth}), std::pair(std::size_t{80}, std::size_t{720}));
  EXPECT_EQ(count({Protocol::Kind::kEnrol, 2, Protocol::Split::kBoth, 4}), std::pair(std::size_t{80}, std::size_t{720}));
  EXPECT_EQ(count({Protocol::Kind::kEnrol, 7, Protocol::Split::kNone}), std::pair(std::size_t{10}, std::size_t{90}));
  EXPECT_EQ((Protocol{Protocol::Kind::kEnrol, 4, Protocol::Split::kLast}.split_name()), "5-8");
}

TEST(Protocols, FingersOfDifferentSetsNeverMeet) {
  const MadeUp data("pooled", {3, 2}, 8);
  const Comparisons c = run(data, Distance(), {Protocol::Kind::kAll});
  EXPECT_EQ(c.scores.impostor.size(), 64U * (3 + 1));
  for (const metrics::Comparison& one : c.scores.impostor) EXPECT_EQ(c.scores.stratum[one.reference_finger], c.scores.stratum[one.probe_finger]);
  const Comparisons second = of_set(c, 1);
  EXPECT_EQ(second.scores.impostor.size(), 64U);
  EXPECT_EQ(second.scores.genuine.size(), 56U);
  EXPECT_EQ(second.fta.tries, 16U);
  EXPECT_EQ(second.fta.errors, 1U);  // finger 3 is the first of the second set
  EXPECT_EQ(of_set(c, 0).fta.errors, 0U);
}

TEST(Protocols, FailuresToAcquireAndToEnrolAreCounted) {
  const MadeUp data("one", {5}, 8);
  const Comparisons c = run(data, Distance(), {Protocol::Kind::kEnrol, 4, Protocol::Split::kBoth});
  EXPECT_EQ(c.fta.errors, 1U);
  EXPECT_EQ(c.fta.tries, 40U);
  EXPECT_EQ(c.fte.errors, 1U);  // the record of finger 3's first half
  EXPECT_EQ(c.fte.tries, 10U);
  std::size_t failed = 0;
  for (const metrics::Comparison& one : c.scores.genuine) failed += one.failed() ? 1 : 0;
  EXPECT_EQ(failed, 4U + 1U);  // nothing to compare with, and the picture as a probe of the other record
}

TEST(Protocols, AMatcherTakesTheBestOfTheEnrolledTouches) {
  const MadeUp data("one", {5}, 8);
  const Distance matcher(true, false);
  const Comparisons c = run(data, matcher, {Protocol::Kind::kEnrol, 4, Protocol::Split::kFirst});
  // Impressions 0-3 enrolled, probe 4: nearest is 3.
  EXPECT_FLOAT_EQ(c.scores.genuine[0].score, -0.01F);
  EXPECT_FLOAT_EQ(c.scores.genuine[3].score, -0.04F);
  EXPECT_FLOAT_EQ(c.scores.impostor[0].score, -1.01F);
}

TEST(Protocols, TwoFingersMakeAPersonWhoNeedsBoth) {
  const MadeUp data("pooled", {4, 3}, 8);
  const Comparisons single = run(data, Distance(false, false), {Protocol::Kind::kEnrol, 4, Protocol::Split::kBoth});
  const Comparisons two = two_fingers(single);
  EXPECT_EQ(two.scores.stratum, (std::vector<std::uint32_t>{0, 0, 1}));  // the last finger of the second set has no neighbour
  EXPECT_EQ(two.scores.genuine.size(), 3U * 2 * 4);
  EXPECT_EQ(two.scores.impostor.size(), 2U * 2 * 4);  // two people of the first set
  EXPECT_FLOAT_EQ(two.scores.genuine[0].score, single.scores.genuine[0].score);
  EXPECT_NEAR(two.scores.impostor[0].score, -2.04, 1e-6);  // fingers 0 and 1 against 2 and 3, impressions 0 and 4
  // One finger that cannot be acquired fails the person.
  const Comparisons failing = two_fingers(run(data, Distance(), {Protocol::Kind::kEnrol, 4, Protocol::Split::kBoth}));
  std::size_t failed = 0;
  for (const metrics::Comparison& c : failing.scores.genuine) failed += c.failed() ? 1 : 0;
  EXPECT_EQ(failed, 4U + 1U);
}

class Cache {
 public:
  Cache() : path_(fs::temp_directory_path() / ("touchstone_cache_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Cache() { fs::remove_all(path_); }
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(Resuming, AnInterruptedRunGoesOnWithTheSameTemplatesAndScores) {
  const Cache cache;
  const Store store(cache.path(), std::chrono::milliseconds(0));
  const MadeUp data("one", {5}, 8);
  const Distance r(true);
  const std::vector<Wanted> wanted = {{&r, {}}};
  struct Killed {};
  EXPECT_THROW(acquire(data, wanted, store, [](std::size_t done, std::size_t) { if (done == 30) throw Killed(); }), Killed);
  EXPECT_EQ(r.described, 30);
  const Templates resumed = acquire(data, wanted, store, {}).begin()->second;
  EXPECT_EQ(r.described, 40);
  EXPECT_EQ(resumed, acquire(data, wanted, Store(), {}).begin()->second);
  EXPECT_FALSE(resumed[3][0].has_value());

  EXPECT_THROW(PairScores(data, r, resumed, "key", store, [](std::size_t done, std::size_t) { if (done == 11) throw Killed(); }), Killed);
  const PairScores pairs(data, r, resumed, "key", store, {});
  const PairScores fresh(data, r, resumed, "key", Store(), {});
  for (std::size_t f = 0; f < 5; ++f) {
    for (std::size_t g = 0; g < 5; ++g) EXPECT_EQ(pairs.at(f, 1, g, 2), fresh.at(f, 1, g, 2));
  }
}

TEST(Resuming, ATornOrForeignFileCountsAsAbsent) {
  const Cache cache;
  const Store store(cache.path());
  store.save("key", {1, 2, 3});
  EXPECT_EQ(store.load("key"), (std::vector<float>{1, 2, 3}));
  EXPECT_FALSE(store.load("other").has_value());
  const fs::path file = fs::directory_iterator(cache.path())->path();
  fs::resize_file(file, fs::file_size(file) - 5);
  EXPECT_FALSE(store.load("key").has_value());
  store.save("key", {});
  EXPECT_EQ(store.load("key"), std::vector<float>());
}

TEST(Evaluation, EveryGoalHasExactlyOneRowAndTheReportItsKeys) {
  const MadeUp data("pooled", {4, 3}, 8);
  std::vector<std::unique_ptr<Representation>> representations;
  representations.push_back(std::make_unique<Distance>());
  EvaluationOptions options;
  options.bootstrap.replicates = 20;
  options.sensors = {Sensor::View::kFull};
  options.sweeps = false;
  const Evaluation out = run_evaluation(data, representations, options, Store());
  int one_to_one = 0;
  int four = 0;
  for (const Row& row : out.rows) {
    const nlohmann::ordered_json j = to_json(row);
    for (const char* key : {"data", "protocol", "representation", "network", "sensor", "enrolled", "split", "eer", "fmr100", "fmr1000", "genuine_pairs", "impostor_pairs",
                            "intervals_95", "k_bits", "fnmr_at_fmr_1e2"}) {
      EXPECT_TRUE(j.contains(key)) << key;
    }
    EXPECT_EQ(j["k_bits"], 20);
    if (j["data"] != "pooled" || j["representation"] != "code" || j["network"] != "int8" || j["sensor"] != "full") continue;
    one_to_one += j["enrolled"] == 1 && j["split"] == "none" ? 1 : 0;
    four += j["enrolled"] == 4 && j["split"] == "both" ? 1 : 0;
  }
  EXPECT_EQ(one_to_one, 1);
  EXPECT_EQ(four, 1);
  EXPECT_EQ(out.two_finger_rows.size(), 1U);
  EXPECT_DOUBLE_EQ(out.rows[0].eer.value(), 0);
  const std::string page = to_page({{"seed", "1"}}, out);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_EQ(page.find("http://"), page.find("http://www.w3.org"));  // nothing is fetched
  EXPECT_NE(configuration_hash(data, representations, options), configuration_hash(MadeUp("pooled", {4, 3}, 7), representations, options));
}

TEST(Evaluation, TooFewImpressionsAreRefused) {
  const MadeUp data("one", {4}, 4);
  std::vector<std::unique_ptr<Representation>> representations;
  representations.push_back(std::make_unique<Distance>());
  EXPECT_THROW(run_evaluation(data, representations, {}, Store()), BadInput);
}

TEST(Classical, TheCodesScoreIsTheCorrelationAfterTheRotation) {
  const ClassicalCode r;
  Random random(3);
  Template own(64);
  Template probe(64);
  for (float& v : own) v = static_cast<float>(static_cast<int>(random.below(200)) - 100);
  for (float& v : probe) v = static_cast<float>(static_cast<int>(random.below(200)) - 100);
  const Template enrolled = *r.enrol(std::span(&own, 1), 1, SeedTree(9));
  // Independently: turn both, cut one to signs.
  ByteArray<16> seed{};
  SeedTree(9).stream("rotation").fill(seed);
  const codes::Rotation rotation(seed, 6);
  const auto turned = [&](const Template& t) {
    std::vector<std::int32_t> values;
    for (const float v : t) values.push_back(static_cast<std::int32_t>(v * 256));
    rotation.apply(values);
    return values;
  };
  const auto a = turned(own);
  const auto b = turned(probe);
  double dot = 0;
  double norm = 0;
  int differing = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    norm += double(b[i]) * b[i];
    if (i == 63) continue;  // no place in a code of 63 bits
    dot += (a[i] < 0 ? -1.0 : 1.0) * b[i];
    differing += (a[i] < 0) != (b[i] < 0) ? 1 : 0;
  }
  EXPECT_NEAR(r.score(enrolled, probe), dot / std::sqrt(norm * 63), 2e-3);
  EXPECT_DOUBLE_EQ(r.bit_errors(enrolled, probe).value(), differing / 63.0);
  EXPECT_DOUBLE_EQ(r.bit_errors(enrolled, own).value(), 0);
}

TEST(Correlation, FindsATurnedAndShiftedPicture) {
  DataOptions options;
  options.data = "synthetic";
  options.fingers = 2;
  options.impressions = 2;
  const auto data = open_prints(options);
  const Print one = data->print(0, 0);
  const auto cut = [](const Print& print, double dx, double dy) {
    const Foreground f = find_foreground(print.image);
    return Print{window(print, f.centre_x_px + dx, f.centre_y_px + dy, kCardDpi, 192, 192), kCardDpi};
  };
  const Correlation r;
  const Template a = *r.describe(cut(one, 0, 0));
  const Template moved = *r.describe(cut(one, 25, -18));
  const Template other = *r.describe(cut(data->print(1, 0), 0, 0));
  EXPECT_GT(r.score(a, moved), 0.6);
  EXPECT_GT(r.score(a, moved), r.score(a, other) + 0.2F);
  EXPECT_FALSE(r.describe({GreyImage(192, 192), kCardDpi}).has_value());
}

}  // namespace
}  // namespace touchstone::bio
