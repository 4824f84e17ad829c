#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "scenario/needs.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;

const std::string kRun = std::string(TS_BIN) + "/touchstone run ";
const fs::path kScenarios = TS_SCENARIOS;

std::vector<std::string> files(const char* folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kScenarios / folder)) out.push_back((fs::path(folder) / entry.path().stem()).string());
  std::sort(out.begin(), out.end());
  return out;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

fs::path file_of(const std::string& name) { return kScenarios / (name + ".yaml"); }

class Scenario : public testing::TestWithParam<std::string> {};
TEST_P(Scenario, EndsAsExpected) {
  TS_SKIP_WITHOUT_NEEDS_OF(file_of(GetParam()));
  const fs::path out = fresh_folder("scenario-" + fs::path(GetParam()).stem().string());
  const Outcome outcome = run_program(kRun + file_of(GetParam()).string() + " --out " + out.string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  const auto json = read_json(out / "results.json");
  EXPECT_EQ(json.value("verdict", ""), "pass");
  // Whatever cut the power: no phase has more instructions than its time has cycles, 64 a microsecond, a twentieth more with a fast clock.
  for (const auto& usage : json.at("usage")) EXPECT_LE(usage.at("instructions").get<double>(), usage.at("time_ns").get<double>() * 0.064 * 1.05 + 64) << usage;
}
INSTANTIATE_TEST_SUITE_P(Normal, Scenario, testing::ValuesIn(files("normal")), test_name);
INSTANTIATE_TEST_SUITE_P(Attacks, Scenario, testing::ValuesIn(files("attacks")), test_name);
INSTANTIATE_TEST_SUITE_P(Failures, Scenario, testing::ValuesIn(files("failures")), test_name);

class BadScenario : public testing::TestWithParam<std::string> {};
TEST_P(BadScenario, IsRefusedWithFileLineAndExitCode2) {
  const fs::path out = fresh_folder("bad-" + fs::path(GetParam()).stem().string());
  const Outcome outcome = run_program(kRun + file_of(GetParam()).string() + " --out " + out.string());
  EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
  EXPECT_THAT(outcome.output, testing::ContainsRegex(fs::path(GetParam()).filename().string() + "\\.yaml:[1-9][0-9]*: [a-zA-Z']"));
  EXPECT_FALSE(fs::exists(out)) << "a refused file leaves no run folder";
}
INSTANTIATE_TEST_SUITE_P(Files, BadScenario, testing::ValuesIn(files("bad")), test_name);

TEST(BadScenarios, AreAtLeastTwenty) { EXPECT_GE(files("bad").size(), 20u); }

nlohmann::json results(const std::string& arguments, const std::string& name) {
  const fs::path out = fresh_folder(name);
  const Outcome outcome = run_program(kRun + file_of("normal/touch_to_signature").string() + " --out " + out.string() + " " + arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  return read_json(out / "results.json");
}

TEST(Determinism, SameSeedSameEventsAtEveryQuantum) {
  const auto first = results("--seed 7", "determinism-a");
  const auto again = results("--seed 7", "determinism-b");
  const auto fine = results("--seed 7 --quantum-us 1", "determinism-c");
  const auto coarse = results("--seed 7 --quantum-us 1000", "determinism-d");
  EXPECT_EQ(first["events_sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(first["events_sha256"], again["events_sha256"]);
  EXPECT_EQ(first["events_sha256"], fine["events_sha256"]);
  EXPECT_EQ(first["events_sha256"], coarse["events_sha256"]);
  EXPECT_EQ(first["instructions"], coarse["instructions"]);
  EXPECT_EQ(first["energy_uj"], coarse["energy_uj"]);
  EXPECT_EQ(first["signature_hex"], fine["signature_hex"]);
  const auto other = results("--seed 8", "determinism-e");
  EXPECT_NE(first["events_sha256"], other["events_sha256"]);
  EXPECT_NE(first["public_key_hex"], other["public_key_hex"]);
}

/// Virtual time of the last event with this name, and with that value of `field` if one is named.
std::int64_t time_of_ns(const fs::path& run_folder, const std::string& event, const std::string& field = "", const std::string& value = "") {
  std::int64_t out = -1;
  std::ifstream log(run_folder / "events.jsonl");
  for (std::string line; std::getline(log, line);) {
    const auto e = nlohmann::json::parse(line);
    if (e["event"] == event && (field.empty() || e[field] == value)) out = e["t_ns"];
  }
  return out;
}

// Virtual time of the whole card at 2M/251: image, features, share, the rest of the protocol over the air, verification.
TEST(Ecdsa, TakesLessThanASecondOnceTheHoldIsTaken) {
  const fs::path out = fresh_folder("ecdsa");
  ASSERT_EQ(run_program(kRun + file_of("normal/ecdsa_payment").string() + " --out " + out.string()).exit_code, 0);
  const std::int64_t hold_ns = time_of_ns(out, "mcu.phase", "phase", "capture"), contact_ns = time_of_ns(out, "sensor.finger_down"),
                     verified_ns = time_of_ns(out, "wallet.signature_verified");
  ASSERT_GT(contact_ns, 0);
  ASSERT_GT(hold_ns, contact_ns);
  ASSERT_GT(verified_ns, hold_ns);
  EXPECT_LE(verified_ns - hold_ns, 1'000'000'000);
  RecordProperty("hold_to_signature_us", static_cast<int>((verified_ns - hold_ns) / 1000));
  RecordProperty("contact_to_signature_us", static_cast<int>((verified_ns - contact_ns) / 1000));
  EXPECT_EQ(read_json(out / "results.json")["public_key_hex"].get<std::string>().size(), 66u) << "compressed: ECDSA";
}

TEST(RunFolder, HoldsWhatItPromises) {
  const fs::path out = fresh_folder("folder");
  const Outcome outcome = run_program(kRun + file_of("normal/touch_to_signature").string() + " --out " + out.string() + " --story");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  const nlohmann::json r = read_json(out / "results.json");
  for (const char* key : {"verdict", "scenario", "seed", "signature_hex", "public_key_hex", "message_hash_hex", "simulated_time_ns", "wall_time_s", "instructions",
                          "accelerator_cycles", "energy_uj", "events_sha256"})
    EXPECT_TRUE(r.contains(key)) << key;
  EXPECT_EQ(r["signature_hex"].get<std::string>().size(), 128u);
  EXPECT_EQ(r["public_key_hex"].get<std::string>().size(), 64u);
  EXPECT_EQ(r["message_hash_hex"].get<std::string>().size(), 64u);
  EXPECT_GT(r["accelerator_cycles"].get<std::int64_t>(), 0);
  // The signature is checked again by the wallet's own program, from the run folder alone.
  const Outcome verified = run_program(std::string(TS_BIN) + "/touchstone-wallet verify --key " + r["public_key_hex"].get<std::string>() + " --message " +
                                       r["message_hash_hex"].get<std::string>() + " --signature " + r["signature_hex"].get<std::string>());
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  std::string flipped = r["signature_hex"].get<std::string>();
  flipped[127] = flipped[127] == '0' ? '1' : '0';
  EXPECT_EQ(run_program(std::string(TS_BIN) + "/touchstone-wallet verify --key " + r["public_key_hex"].get<std::string>() + " --message " +
                        r["message_hash_hex"].get<std::string>() + " --signature " + flipped).exit_code, 1);
  std::int64_t last = INT64_MIN;
  std::ifstream events(out / "events.jsonl");
  for (std::string line; std::getline(events, line);) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    ASSERT_FALSE(event.is_discarded()) << line;
    EXPECT_GE(event["t_ns"].get<std::int64_t>(), last) << "events are in the order of their times: " << line;
    last = event["t_ns"];
  }
  EXPECT_GT(std::distance(fs::directory_iterator(out / "display"), fs::directory_iterator()), 5);
  // energy.csv tells the same energy as the results.
  std::ifstream energy(out / "energy.csv");
  std::string line;
  std::getline(energy, line);
  EXPECT_EQ(line, "phase,part,energy_uj,time_ns");
  double sum_uj = 0;
  while (std::getline(energy, line)) sum_uj += std::stod(line.substr(line.find(',', line.find(',') + 1) + 1));
  EXPECT_NEAR(sum_uj, r["energy_uj"].get<double>(), 0.1);
  EXPECT_THAT(outcome.output, testing::AllOf(testing::HasSubstr("The card shows, page 1 of"), testing::HasSubstr("verifies under the output key"), testing::HasSubstr("Run folder")));
}

TEST(RunFolder, TheReadmesPicturesAreTheDemosPages) {
  const fs::path out = fresh_folder("pictures");
  ASSERT_EQ(run_program(kRun + file_of("normal/touch_to_signature").string() + " --out " + out.string()).exit_code, 0);
  const auto pages = read_json(out / "results.json")["pages"];
  ASSERT_EQ(pages.size(), 2u);
  for (int page = 1; page <= 2; ++page) {
    const fs::path committed = kScenarios.parent_path() / "sim/pictures" / ("page-" + std::to_string(page) + ".png");
    const fs::path fresh = out / pages[static_cast<std::size_t>(page - 1)].get<std::string>();
    EXPECT_TRUE(read_text(fresh) == read_text(committed)) << "repair: cp " << fresh << " " << committed;
  }
}

TEST(RunFolder, NothingButAnEarlierRunIsReplaced) {
  const fs::path folder = fresh_folder("not-a-run");
  fs::create_directories(folder);
  std::ofstream(folder / "thesis.txt") << "years of work";
  const std::string run = kRun + file_of("normal/touch_to_signature").string() + " --out ";
  EXPECT_EQ(run_program(run + folder.string()).exit_code, 2);
  EXPECT_EQ(run_program("cd " + folder.string() + " && " + run + ".").exit_code, 2);
  EXPECT_EQ(read_text(folder / "thesis.txt"), "years of work");
  const fs::path fresh = fresh_folder("a-run");
  EXPECT_EQ(run_program(run + fresh.string() + "/").exit_code, 0) << "a trailing slash is no other folder";
  EXPECT_EQ(run_program(run + fresh.string()).exit_code, 0) << "an earlier run is replaced";
  EXPECT_TRUE(fs::exists(fresh / "results.json"));
}

TEST(Program, WrongUseIsExitCode2) {
  for (const char* arguments : {"", "no_such_file.yaml", "--no-such-option", "scenarios --out x", "x.yaml --seed=-1", "x.yaml --seed abc", "x.yaml --quantum-us nan"})
    EXPECT_EQ(run_program(kRun + arguments).exit_code, 2) << arguments;
  EXPECT_EQ(run_program(std::string(TS_BIN) + "/touchstone dance").exit_code, 2);
}

}  // namespace
}  // namespace touchstone::test
