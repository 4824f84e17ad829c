// list, schema, explain, replay, diff, report and play, as people call them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "scenario/needs.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const std::string kProgram = std::string(TS_BIN) + "/touchstone ";
const fs::path kScenarios = TS_SCENARIOS;

std::string file_of(const std::string& name) { return (kScenarios / (name + ".yaml")).string(); }

/// A run of this scenario, whatever its verdict.
fs::path run(const std::string& file, const std::string& name, const std::string& options = "") {
  const fs::path out = fresh_folder("verbs-" + name);
  const Outcome outcome = run_program(kProgram + "run " + file + " --out " + out.string() + " " + options);
  EXPECT_LE(outcome.exit_code, 1) << outcome.output;
  return out;
}

/// The demo's run, made once for every test of a process.
const fs::path& demo() {
  static const fs::path folder = run(file_of("normal/touch_to_signature"), "demo");
  return folder;
}

/// The demo with an expectation of its own.
fs::path demo_expecting(const std::string& expectation, const std::string& name) {
  const fs::path file = fresh_folder("verbs-" + name + "-file");
  fs::create_directories(file);
  std::ofstream(file / "other.yaml") << "touchstone: 1\nname: other\ntitle: Expects something else\nbase: " << file_of("normal/touch_to_signature") << "\nexpect:\n  - " << expectation << "\n";
  return run((file / "other.yaml").string(), name);
}

fs::path copy_of(const fs::path& folder, const std::string& name) {
  const fs::path out = fresh_folder("verbs-" + name);
  fs::copy(folder, out, fs::copy_options::recursive);
  return out;
}

std::vector<std::string> every_scenario() {
  std::vector<std::string> out;
  for (const char* folder : {"normal", "failures"})
    for (const auto& entry : fs::directory_iterator(kScenarios / folder)) out.push_back((fs::path(folder) / entry.path().stem()).string());
  std::sort(out.begin(), out.end());
  return out;
}

class EveryScenario : public testing::TestWithParam<std::string> {};
TEST_P(EveryScenario, CanBeExplainedReplayedComparedAndShown) {
  TS_SKIP_WITHOUT_NEEDS_OF(file_of(GetParam()));
  const std::string folder = run(file_of(GetParam()), "every-" + fs::path(GetParam()).stem().string()).string();
  const Outcome explained = run_program(kProgram + "explain " + folder);
  EXPECT_EQ(explained.exit_code, 0) << explained.output;
  EXPECT_THAT(explained.output, HasSubstr("Expectations:"));
  const Outcome replayed = run_program("cd / && " + kProgram + "replay " + folder);
  EXPECT_EQ(replayed.exit_code, 0) << replayed.output;
  EXPECT_EQ(run_program(kProgram + "diff " + folder + " " + folder).exit_code, 0);
  EXPECT_EQ(run_program(kProgram + "report " + folder).exit_code, 0);
  EXPECT_GT(fs::file_size(fs::path(folder) / "report.html"), 30'000u);
}
INSTANTIATE_TEST_SUITE_P(Verbs, EveryScenario, testing::ValuesIn(every_scenario()), [](const auto& scenario) { return fs::path(scenario.param).stem().string(); });

TEST(List, NamesEveryGoodScenario) {
  const Outcome text = run_program(kProgram + "list " + kScenarios.string()), json = run_program(kProgram + "list --json " + kScenarios.string() + " 2>/dev/null");
  EXPECT_EQ(text.exit_code, 0);
  const auto catalogue = nlohmann::json::parse(json.output, nullptr, false);
  ASSERT_TRUE(catalogue.is_object()) << json.output;
  std::set<std::string> names;
  for (const auto& entry : catalogue["scenarios"]) {
    names.insert(entry["name"]);
    EXPECT_FALSE(entry["expect"].empty()) << entry["name"];
    EXPECT_THAT(text.output, AllOf(HasSubstr(entry["name"].get<std::string>()), HasSubstr(entry["title"].get<std::string>())));
  }
  for (const char* folder : {"normal", "failures"})
    for (const auto& entry : fs::directory_iterator(kScenarios / folder)) EXPECT_TRUE(names.contains(entry.path().stem()) || !std::getenv("TOUCHSTONE_DATA")) << entry.path();
  EXPECT_FALSE(names.contains("bad")) << "what must be refused is not offered";
  EXPECT_EQ(run_program(kProgram + "list no/such/folder").exit_code, 2);
}

TEST(Explain, OfAPassingRunFollowsTheCausesBackToAnAct) {
  const Outcome outcome = run_program(kProgram + "explain " + demo().string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("All hold"), HasSubstr("scenario.step"), HasSubstr("sensor.finger_down"), HasSubstr("wallet.signature_verified"), HasSubstr("display/frame-")));
  EXPECT_LT(outcome.output.find("scenario.step"), outcome.output.find("sensor.finger_down"));
  // Where the firmware stood: a file and a line of its own source.
  EXPECT_THAT(outcome.output, testing::ContainsRegex("\\[[a-z_/]+\\.(cpp|h):[1-9][0-9]* in "));
}

TEST(Explain, OfAFailingRunNamesWhatWasUnmet) {
  const fs::path missing = demo_expecting("{ event: wallet.refused }", "missing");
  const Outcome a = run_program(kProgram + "explain " + missing.string());
  EXPECT_EQ(a.exit_code, 1) << a.output;
  EXPECT_THAT(a.output, AllOf(HasSubstr("UNMET  wallet.refused"), HasSubstr("did not happen until"), HasSubstr("other.yaml:6"), HasSubstr("How it came about")));
  const fs::path forbidden = demo_expecting("{ never: sensor.finger_down }", "forbidden");
  const Outcome b = run_program(kProgram + "explain " + forbidden.string());
  EXPECT_EQ(b.exit_code, 1) << b.output;
  EXPECT_THAT(b.output, AllOf(HasSubstr("must never happen"), HasSubstr("It happened: sensor.finger_down at 1.1"), HasSubstr("scenario.step")));
  const fs::path late = demo_expecting("{ event: sensor.capture, within: 1 s }", "late");
  EXPECT_THAT(run_program(kProgram + "explain " + late.string()).output, HasSubstr("It came late: sensor.capture"));
}

TEST(Explain, SaysWhatCameInstead) {
  const fs::path file = fresh_folder("verbs-instead-file");
  fs::create_directories(file);
  // The wrong finger's steps, but a signature is expected.
  const std::string steps = read_text(kScenarios / "failures/wrong_finger.yaml");
  const std::size_t at = steps.find("expect:");
  ASSERT_NE(at, std::string::npos);
  std::string text = steps.substr(0, at) + "expect:\n  - { event: wallet.signature_verified }\n";
  const std::string base = "../normal/touch_to_signature.yaml";
  ASSERT_NE(text.find(base), std::string::npos);
  text.replace(text.find(base), base.size(), file_of("normal/touch_to_signature"));
  std::ofstream(file / "other.yaml") << text;
  const Outcome outcome = run_program(kProgram + "explain " + run((file / "other.yaml").string(), "instead").string());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("What came instead: wallet.refused"), HasSubstr("sensor.finger_down"))) << outcome.output;
}

TEST(Replay, GivesTheSameEventsFromTheFolderAlone) {
  // Another working directory: nothing but the folder is read.
  const Outcome outcome = run_program("cd / && " + kProgram + "replay " + demo().string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("same"), HasSubstr(read_json(demo() / "results.json")["events_sha256"].get<std::string>())));
  const fs::path derived = run(file_of("failures/wrong_finger"), "derived", "--seed 5");
  EXPECT_EQ(run_program("cd / && " + kProgram + "replay " + derived.string()).exit_code, 0) << "base and seed come from the folder";
}

TEST(Replay, TheFingersPictureTravelsWithTheRun) {
  const fs::path picture = fresh_folder("verbs-picture-file") / "finger.png";
  fs::create_directories(picture.parent_path());
  fs::copy_file(kScenarios.parent_path() / "sim/pictures/finger.png", picture);
  const fs::path folder = run(file_of("normal/touch_to_signature"), "picture", "--finger " + picture.string());
  fs::remove(picture);
  EXPECT_EQ(run_program(kProgram + "replay " + folder.string()).exit_code, 0);
}

TEST(Replay, ARunWithTheWalletAsAProcessIsReplayedLinkedIn) {
  const fs::path folder = run(file_of("failures/wallet_killed"), "process", "--process");
  const Outcome outcome = run_program("cd / && " + kProgram + "replay " + folder.string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(read_json(folder / "results.json")["events_sha256"].get<std::string>()));
}

TEST(Replay, NamesTheFirstDifference) {
  const fs::path changed = copy_of(demo(), "changed");
  // Another seed under the old log: as if the program had become another one.
  auto results = read_json(changed / "results.json");
  results["seed"] = 2;
  std::ofstream(changed / "results.json") << results.dump(2);
  const Outcome outcome = run_program(kProgram + "replay " + changed.string());
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("DIFFERENT"), HasSubstr(" then: {"), HasSubstr(" now:  {"), HasSubstr("touchstone diff")));
  EXPECT_TRUE(fs::exists(changed.string() + ".replay/events.jsonl")) << "the evidence stays";
  fs::remove_all(changed.string() + ".replay");
}

TEST(Diff, EqualRunsAreEqualAndOthersDifferFromTheirFirstEvent) {
  const Outcome same = run_program(kProgram + "diff " + demo().string() + " " + demo().string());
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_THAT(same.output, HasSubstr("equal: "));
  const fs::path other = run(file_of("normal/touch_to_signature"), "seed2", "--seed 2");
  const Outcome outcome = run_program(kProgram + "diff " + demo().string() + " " + other.string());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("The runs differ from event "), HasSubstr("its causes:"), HasSubstr("seed: 1 | 2"), HasSubstr("  > ")));
}

TEST(Report, IsOneSmallFile) {
  const fs::path page = demo() / "report.html";
  const Outcome outcome = run_program(kProgram + "report " + demo().string());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const std::string html = read_text(page);
  EXPECT_LT(html.size(), 2'000'000u);
  EXPECT_THAT(html, AllOf(HasSubstr("<!doctype html>"), HasSubstr("data:image/png;base64,"), testing::Not(HasSubstr("src=\"http")), testing::Not(HasSubstr("{{"))));
  const fs::path elsewhere = fresh_folder("verbs-page.html");
  EXPECT_EQ(run_program(kProgram + "report " + demo().string() + " --out " + elsewhere.string()).exit_code, 0);
  EXPECT_EQ(read_text(elsewhere), html);
  EXPECT_EQ(run_program(kProgram + "report " + demo().string() + " --out /no/such/folder/page.html").exit_code, 2);
}

// Every verb that reads a run folder refuses what is none, or not whole, or not ours, and says what to do.
class BadFolder : public testing::TestWithParam<const char*> {
 protected:
  void expect_refused(const fs::path& folder, const std::string& why) {
    const std::string verb = GetParam();
    const Outcome outcome = run_program(kProgram + verb + " " + folder.string() + (verb == "diff" ? " " + demo().string() : ""));
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_THAT(outcome.output, AllOf(HasSubstr(folder.string()), HasSubstr(why))) << verb;
  }
};
TEST_P(BadFolder, IsRefused) {
  expect_refused("/no/such/run", "there is no such run folder");
  const fs::path empty = fresh_folder("verbs-empty");
  fs::create_directories(empty);
  expect_refused(empty, "is missing or cannot be read");
  const fs::path torn = copy_of(demo(), "torn");
  fs::resize_file(torn / "events.jsonl", fs::file_size(torn / "events.jsonl") / 2);
  expect_refused(torn, "events.jsonl");
  const fs::path damaged = copy_of(demo(), "damaged");
  fs::resize_file(damaged / "results.json", 100);
  expect_refused(damaged, "is damaged");
  const fs::path old = copy_of(demo(), "old");
  auto results = read_json(old / "results.json");
  results["version"] = 1;
  std::ofstream(old / "results.json") << results.dump(2);
  expect_refused(old, "version 1");
  EXPECT_EQ(read_json(old / "results.json"), results) << "nothing is lost";
}
INSTANTIATE_TEST_SUITE_P(Verbs, BadFolder, testing::Values("explain", "replay", "diff", "report"), [](const auto& verb) { return std::string(verb.param); });

TEST(Replay, RefusesAnotherRevisionAndSaysWhatToDo) {
  const fs::path other = copy_of(demo(), "revision");
  auto results = read_json(other / "results.json");
  results["git_revision"] = "0123456789ab";
  std::ofstream(other / "results.json") << results.dump(2);
  const Outcome outcome = run_program(kProgram + "replay " + other.string());
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("0123456789ab"), HasSubstr("--any-revision")));
  EXPECT_EQ(run_program(kProgram + "replay --any-revision " + other.string()).exit_code, 0);
  std::ofstream(other / "scenario.yaml", std::ios::app) << "\n# changed\n";
  EXPECT_THAT(run_program(kProgram + "replay --any-revision " + other.string()).output, HasSubstr("was changed since the run"));
}

TEST(Verbs, WrongUseIsExitCode2) {
  for (const char* arguments : {"explain", "diff x", "report", "replay", "report x --wrong", "explain x y", "play --speed 0", "play --speed x", "play no_such.yaml --scripted q", "play --scripted 'w0 q'", "play"})
    EXPECT_EQ(run_program(kProgram + arguments + " </dev/null").exit_code, 2) << arguments;
}

}  // namespace
}  // namespace touchstone::test
