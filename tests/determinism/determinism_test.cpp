// The same seed gives the same bytes of events.jsonl, however the run is arranged: step width of the processor, instructions
// the host's libraries may use, the wallet linked in or a process of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/needs.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;

// As glibc 2.33 and later spell it: libm and the string functions then take their paths for older processors.
const std::string kOldProcessor = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA ";

std::vector<std::string> scenarios(std::initializer_list<const char*> folders) {
  std::vector<std::string> out;
  for (const char* folder : folders)
    for (const auto& entry : fs::directory_iterator(fs::path(TS_SCENARIOS) / folder))
      if (entry.path().extension() == ".yaml") out.push_back(std::string(folder) + "/" + entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

std::string test_name(const testing::TestParamInfo<std::string>& scenario) {
  std::string name = scenario.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

struct Result {
  std::string events, sha256, verdict;
};

Result run(const std::string& scenario, const std::string& options, const std::string& environment = "") {
  const fs::path out = fresh_folder("determinism-" + fs::path(scenario).stem().string());
  const Outcome outcome = run_program(environment + TS_BIN + "/touchstone run " + (fs::path(TS_SCENARIOS) / (scenario + ".yaml")).string() + " --out " + out.string() + " " + options);
  const nlohmann::json results = read_json(out / "results.json");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  Result r{read_text(out / "events.jsonl"), results.value("events_sha256", ""), results.value("verdict", "")};
  EXPECT_EQ(r.sha256.size(), 64u);
  return r;
}

/// Byte for byte, with the first line that differs.
void expect_same(const Result& a, const Result& b, const std::string& what) {
  EXPECT_EQ(a.sha256, b.sha256) << what;
  EXPECT_EQ(a.verdict, b.verdict) << what;
  if (a.events == b.events) return;
  std::istringstream left(a.events), right(b.events);
  for (std::string x, y; std::getline(left, x) && std::getline(right, y);)
    if (x != y) {
      ADD_FAILURE() << what << "\n  " << x << "\n  " << y;
      return;
    }
  ADD_FAILURE() << what << ": one run has more events";
}

// Everything changed at once, over every scenario. Where this fails, the tests below tell which change it was.
class EveryScenario : public testing::TestWithParam<std::string> {};
TEST_P(EveryScenario, IsTheSameInAnotherArrangement) {
  TS_SKIP_WITHOUT_NEEDS_OF(fs::path(TS_SCENARIOS) / (GetParam() + ".yaml"));
  expect_same(run(GetParam(), ""), run(GetParam(), "--process --quantum-us 1000", kOldProcessor), "process, 1 ms, older processor");
}
INSTANTIATE_TEST_SUITE_P(Determinism, EveryScenario, testing::ValuesIn(scenarios({"normal", "failures"})), test_name);

// Each change by itself, over a payment, one that meets a broken radio and one whose wallet is killed.
class SeveralScenarios : public testing::TestWithParam<std::string> {};
TEST_P(SeveralScenarios, AreTheSame) {
  const Result reference = run(GetParam(), "");
  expect_same(reference, run(GetParam(), ""), "again");
  expect_same(reference, run(GetParam(), "--quantum-us 1"), "1 us");
  expect_same(reference, run(GetParam(), "--quantum-us 1000"), "1 ms");
  expect_same(reference, run(GetParam(), "--process"), "process");
  expect_same(reference, run(GetParam(), "", kOldProcessor), "older processor");
}
INSTANTIATE_TEST_SUITE_P(Determinism, SeveralScenarios, testing::Values("normal/touch_to_signature", "failures/radio_cut", "failures/wallet_killed"), test_name);

TEST(Determinism, AnotherSeedIsAnotherRun) {
  EXPECT_NE(run("normal/touch_to_signature", "").sha256, run("normal/touch_to_signature", "--seed 8").sha256) << "or the tests above say nothing";
}

TEST(Determinism, TheOlderProcessorIsAnotherPathThroughLibm) {
  const std::string cpu = read_text("/proc/cpuinfo");
  if (cpu.find(" fma ") == std::string::npos || cpu.find(" avx2 ") == std::string::npos) GTEST_SKIP() << "this processor has no FMA to take away";
  const Outcome plain = run_program(TS_LIBM_PATHS), again = run_program(TS_LIBM_PATHS), older = run_program(kOldProcessor + TS_LIBM_PATHS);
  EXPECT_EQ(plain.output.size(), 17u) << plain.output;
  EXPECT_EQ(plain.output, again.output);
  EXPECT_NE(plain.output, older.output) << "the tunable has no effect: the tests above would prove nothing";
}

}  // namespace
}  // namespace touchstone::test
