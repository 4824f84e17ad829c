#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nets/bad_input.h"
#include "nets/embedder.h"
#include "nets/files.h"
#include "nets/sweep.h"
#include "nets/test_touches.h"
#include "nets/trainer.h"

namespace touchstone::nets {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

template <typename Action>
std::string refusal(const Action& action) {
  try {
    action();
    return "";
  } catch (const BadInput& bad) {
    return bad.what();
  }
}

class Training : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  TrainingOptions options(const std::string& name, const std::string& changes = "{}") const {
    TrainingOptions o;
    o.experiment = small_experiment(changes);
    o.out = folder_ / name;
    o.command = "by a test";
    o.front_end_hash = std::string(64, '0');
    return o;
  }
  TrainingResult run(const TrainingOptions& o) const { return train(o, small_touches(o.experiment.data)); }
  fs::path folder_ = fs::temp_directory_path() / ("training_test-" + std::to_string(::getpid()) + "-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(Training, LowersTheLossesAndTellsFingersApart) {
  TrainingOptions o = options("whole", R"({"optimiser": {"steps": 120}})");
  const TrainingResult r = run(o);
  EXPECT_TRUE(r.finished);
  std::istringstream log(read_whole(o.out / "log.jsonl"));
  std::string line;
  std::getline(log, line);
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["step"], 5);
  EXPECT_LT(r.proxy_loss, 0.6 * first["proxy"].get<double>());
  EXPECT_LT(r.minutia_loss, 0.8 * first["minutia"].get<double>());
  // Five components and eight fingers to learn from: far from perfect, clearly below chance.
  EXPECT_LT(r.full.eer, 0.4);
  EXPECT_LT(r.full.enrolled_eer, 0.4);
  EXPECT_EQ(r.full.enrolled, 2);
}

TEST_F(Training, GoesOnFromItsCheckpointToTheSameBytes) {
  const TrainingOptions whole = options("whole");
  run(whole);
  TrainingOptions halting = options("halting");
  // At a checkpoint, and in the midst: what came after the last checkpoint is done again.
  for (const int stop : {10, 24, 37}) {
    halting.stop_at = stop;
    const TrainingResult r = run(halting);
    EXPECT_FALSE(r.finished);
    EXPECT_EQ(r.step, stop);
    EXPECT_TRUE(fs::exists(halting.out / "checkpoint.tsnt"));
    EXPECT_FALSE(fs::exists(halting.out / "weights.tsnt"));
  }
  halting.stop_at = 0;
  EXPECT_TRUE(run(halting).finished);
  EXPECT_EQ(read_whole(halting.out / "weights.tsnt"), read_whole(whole.out / "weights.tsnt"));
  EXPECT_FALSE(fs::exists(halting.out / "checkpoint.tsnt"));
  // The log has every line once.
  const auto steps = [](const fs::path& file) {
    std::istringstream lines(read_whole(file));
    std::vector<int> out;
    for (std::string line; std::getline(lines, line);) out.push_back(nlohmann::json::parse(line)["step"]);
    return out;
  };
  EXPECT_EQ(steps(halting.out / "log.jsonl"), steps(whole.out / "log.jsonl"));
  // Once more: the same figures, and nothing is trained.
  const auto written = fs::last_write_time(whole.out / "weights.tsnt");
  const TrainingResult again = run(whole);
  EXPECT_TRUE(again.finished);
  EXPECT_LT(again.full.eer, 0.5);
  EXPECT_EQ(fs::last_write_time(whole.out / "weights.tsnt"), written);
}

TEST_F(Training, RefusesWhatDoesNotFit) {
  TrainingOptions o = options("one");
  o.stop_at = 10;
  run(o);
  TrainingOptions other = options("one", R"({"seed": 2})");
  EXPECT_THAT(refusal([&] { run(other); }), HasSubstr("of another experiment"));
  o.front_end_hash = std::string(64, '1');
  EXPECT_THAT(refusal([&] { run(o); }), HasSubstr("another generator or front end"));
  EXPECT_THAT(refusal([&] { run(options("large", R"({"model": {"channels": [8, 16, 256], "descriptor": 512, "dimensions": 1024}})")); }), HasSubstr("larger than 4 MB"));
  {
    const FolderLock held(folder_, false);
    o = options("");
    EXPECT_THAT(refusal([&] { run(o); }), HasSubstr("another process"));
  }
  o = options("two");
  o.device = "tpu";
  EXPECT_THAT(refusal([&] { run(o); }), HasSubstr("cpu or cuda"));
}

TEST_F(Training, WeightsComeBackAndDamagedOnesAreRefused) {
  TrainingOptions o = options("one", R"({"optimiser": {"steps": 10}})");
  run(o);
  const std::string bytes = read_whole(o.out / "weights.tsnt");
  const Weights w = Weights::parse(bytes, "w");
  EXPECT_EQ(w.serialise(), bytes);
  EXPECT_EQ(w.configuration_hash, o.experiment.hash);
  EXPECT_EQ(w.step, 10U);
  EXPECT_EQ(w.whitened, 5U);
  EXPECT_EQ(w.tensor("population.whitening").values.size(), 5U * 8U);
  for (const std::size_t length : {std::size_t{0}, std::size_t{3}, std::size_t{11}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_THAT(refusal([&] { Weights::parse(std::string_view(bytes).substr(0, length), "short"); }), AllOf(HasSubstr("short: "), testing::Not(HasSubstr("memory")))) << length;
  }
  for (std::size_t at = 8; at < bytes.size(); at += 97) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    EXPECT_THAT(refusal([&] { Weights::parse(changed, "changed"); }), HasSubstr("digest")) << at;
  }
  std::string newer = bytes;
  newer[4] = 2;
  EXPECT_THAT(refusal([&] { Weights::parse(newer, "newer"); }), HasSubstr("version 2"));
  EXPECT_THAT(refusal([&] { Weights::parse("PNG and so on", "picture"); }), HasSubstr("not a file of weights"));
  EXPECT_THAT(refusal([&] { w.require(Architecture{}, "w"); }), AllOf(HasSubstr("2-3-4/6/8"), HasSubstr("8-16-32/64/256")));
  EXPECT_EQ(refusal([&] { w.require(o.experiment.architecture, "w"); }), "");
  // A right digest over wrong extents.
  Weights lying = w;
  lying.tensors[0].shape = {9};
  lying.tensors[0].values.resize(9);
  EXPECT_THAT(refusal([&] { Embedder embedder(Weights::parse(lying.serialise(), "lying")); }), HasSubstr("conv1.weight has another shape"));
}

TEST_F(Training, ASweepKeepsWhatItTriedAndGoesOn) {
  write_whole(folder_ / "base.json", small_experiment(R"({"optimiser": {"steps": 10}})").text);
  write_whole(folder_ / "sweep.json", R"({"base": "base.json", "trials": [{"name": "as-is", "changes": {}}, {"name": "fails", "changes": {"seed": 9}}, {"name": "slow", "changes": {"optimiser": {"learning_rate": 0.001}}}]})");
  const std::vector<Trial> trials = read_sweep(folder_ / "sweep.json");
  ASSERT_EQ(trials.size(), 3U);
  EXPECT_EQ(trials[2].experiment.optimiser.learning_rate, 0.001);
  EXPECT_EQ(trials[2].experiment.optimiser.steps, 10);
  std::vector<std::string> ran;
  const RunTrial run_one = [&](const Trial& trial, const fs::path& folder) {
    ran.push_back(trial.name);
    if (trial.name == "fails" && ran.size() < 4) throw BadInput("as told");
    TrainingOptions o = options("");
    o.experiment = trial.experiment;
    o.out = folder;
    return run(o);
  };
  EXPECT_EQ(run_sweep(trials, folder_ / "out", run_one), 1);
  EXPECT_EQ(run_sweep(trials, folder_ / "out", run_one), 0);
  EXPECT_THAT(ran, testing::ElementsAre("as-is", "fails", "slow", "fails"));

  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder_ / "out" / "sweep.sqlite").c_str(), &database), SQLITE_OK);
  int done = 0;
  const auto count = [](void* counter, int, char** columns, char**) {
    ++*static_cast<int*>(counter);
    EXPECT_STREQ(columns[0], "done");
    EXPECT_GT(std::atof(columns[1]), 0);
    EXPECT_EQ(columns[2], nullptr);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, "SELECT state, proxy_loss, message FROM trials WHERE card_eer <= 1", count, &done, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_EQ(done, 3);

  write_whole(folder_ / "bad.json", R"({"base": "base.json", "trials": [{"name": "../x", "changes": {}}]})");
  EXPECT_THAT(refusal([&] { read_sweep(folder_ / "bad.json"); }), HasSubstr("letters a-z"));
  write_whole(folder_ / "bad.json", R"({"base": "base.json", "trials": [{"name": "x", "changes": {"seed": 1, "sed": 1}}]})");
  EXPECT_THAT(refusal([&] { read_sweep(folder_ / "bad.json"); }), HasSubstr("trial x: sed: unknown key"));
}

TEST(Statistics, WhiteningGivesUnitVarianceAndKnowsWhatIsOfTheFinger) {
  // Three components: large and of the finger, small and of the touch, and their mixture.
  Rows rows{3, {}, {}, {}};
  Random random(4);
  for (std::uint32_t f = 0; f < 300; ++f) {
    const double own = 5 * random.normal();
    for (std::uint32_t i = 0; i < 4; ++i) {
      const double touch = random.normal();
      rows.finger.push_back(f);
      rows.impression.push_back(i);
      for (const double v : {2 + own, -1 + touch, own + touch + 0.1 * random.normal()}) rows.values.push_back(static_cast<float>(v));
    }
  }
  const Population p = learn_population(rows, {3, 1e-4});
  EXPECT_NEAR(p.mean[0], 2, 1);
  EXPECT_GT(p.variance[0], 10 * p.variance[1]);
  EXPECT_GT(p.reliability[0], 0.95);
  EXPECT_LT(p.reliability[1], 0.1);
  const Rows white = p.whitened(rows);
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b <= a; ++b) {
      double sum = 0;
      for (std::size_t i = 0; i < white.size(); ++i) sum += double{white.row(i)[a]} * double{white.row(i)[b]};
      EXPECT_NEAR(sum / static_cast<double>(white.size()), a == b ? 1 : 0, 0.02);
    }
  }
  rows.values.assign(rows.values.size(), 0.0F);
  EXPECT_THAT(refusal([&] { learn_population(rows, {3, 0.05}); }), HasSubstr("no touches with minutiae"));
}

TEST(Statistics, FiguresOfHandMadeRows) {
  // Two fingers, four touches each, apart but for one touch of the second finger that looks like the first.
  Rows rows{2, {1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0}, {7, 7, 7, 7, 9, 9, 9, 9}, {0, 1, 2, 3, 0, 1, 2, 3}};
  Figures f = figures_of(rows);
  // Of 12 genuine pairs 3 score 0; of 16 impostor pairs 4 score 1.
  EXPECT_NEAR(f.fnmr_1e2, 1, 1e-12);
  EXPECT_NEAR(f.eer, 0.25, 1e-12);
  EXPECT_EQ(f.enrolled, 2);
  EXPECT_EQ(f.failures, 0);
  // Without that touch all is right.
  rows.values[14] = 0;
  f = figures_of(rows);
  EXPECT_EQ(f.eer, 0);
  EXPECT_EQ(f.enrolled_eer, 0);
  EXPECT_EQ(f.enrolled_fnmr_1e2, 0);
  EXPECT_EQ(f.failures, 0.125);
}

}  // namespace
}  // namespace touchstone::nets
