// A wallet's program that crashes, hangs or answers garbage is an event with a verdict: the bench ends, in time, alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <chrono>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(TS_SCENARIOS) / "normal/touch_to_signature.yaml";

struct Finished {
  Outcome outcome;
  nlohmann::json results;
  std::vector<nlohmann::json> programs;  // the events wallet.program
  std::vector<nlohmann::json> ignored;   // and wallet.ignored
  int started = 0;                       // processes of the program
  double wall_s = 0;
};

Finished run_with_bad_wallet(const std::string& order, const fs::path& scenario, const std::string& name) {
  const fs::path out = fresh_folder(name), pids = out.string() + ".pids";
  fs::remove(pids);
  const auto start = std::chrono::steady_clock::now();
  Finished f;
  f.outcome = run_program("TS_BAD_WALLET='" + order + "' TS_BAD_WALLET_PID=" + pids.string() + " timeout 60 " + TS_BIN + "/touchstone run " + scenario.string() +
                          " --process --process-timeout 1 --wallet-program " + TS_BAD_WALLET + " --out " + out.string());
  f.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  f.results = read_json(out / "results.json");
  std::ifstream events(out / "events.jsonl");
  for (std::string line; std::getline(events, line);)
    if (auto event = nlohmann::json::parse(line); event["event"] == "wallet.program") f.programs.push_back(event);
    else if (event["event"] == "wallet.ignored") f.ignored.push_back(event);
  // Nobody is left, neither running nor unburied.
  std::ifstream in(pids);
  for (pid_t pid = 0; in >> pid; ++f.started) EXPECT_TRUE(kill(pid, 0) != 0 && errno == ESRCH) << "process " << pid << " is left";
  EXPECT_GT(f.started, 0);
  return f;
}

struct Fault {
  const char *what, *state, *why, *when = "start";
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.what; }

class WalletProgram : public testing::TestWithParam<Fault> {};
TEST_P(WalletProgram, IsAnEventAndAVerdict) {
  const Fault& fault = GetParam();
  const Finished f = run_with_bad_wallet(std::string(fault.when) + " " + fault.what, kDemo, std::string("bad-wallet-") + fault.what);
  EXPECT_EQ(f.outcome.exit_code, 1) << f.outcome.output;
  ASSERT_EQ(f.programs.size(), 2u) << f.outcome.output;
  EXPECT_EQ(f.programs[0]["state"], "started");
  EXPECT_EQ(f.programs[1]["state"], fault.state);
  EXPECT_THAT(f.programs[1]["why"].get<std::string>(), testing::HasSubstr(fault.why));
  if (fault.when == std::string("start")) {  // later the verdict names what the scenario waits for
    EXPECT_THAT(f.results.value("reason", ""), testing::AllOf(testing::HasSubstr(fault.state), testing::HasSubstr(fault.why)));
  }
  EXPECT_LT(f.wall_s, 30);
}
INSTANTIATE_TEST_SUITE_P(
    Bad, WalletProgram,
    testing::Values(Fault{"exit0", "crashed", "exit code 0"}, Fault{"exit3", "crashed", "exit code 3"}, Fault{"signal", "crashed", "SIGSEGV"},
                    Fault{"hang", "hung", "no answer within 1000 ms"}, Fault{"half_and_hang", "hung", "no answer"}, Fault{"close", "garbage", "closed the connection"},
                    Fault{"daemon_and_hang", "hung", "no answer"}, Fault{"daemon_and_exit", "crashed", "exit code 3"},
                    Fault{"half_frame", "garbage", "half a frame"}, Fault{"half_header", "garbage", "half a frame"}, Fault{"empty_frame", "garbage", "an empty frame"},
                    Fault{"huge_frame", "garbage", "longer than any message"}, Fault{"noise", "garbage", ""}, Fault{"wrong_id", "garbage", "no message of a wallet"},
                    Fault{"flood", "garbage", "an answer without end"}, Fault{"unknown_event", "garbage", "not the wallet's"},
                    Fault{"foreign_event", "garbage", "not the wallet's"}, Fault{"own_state", "garbage", "not the wallet's"}, Fault{"own_channel", "garbage", "not the wallet's"},
                    Fault{"wrong_field", "garbage", "other fields"}, Fault{"forged_payment", "garbage", "no transaction"},
                    Fault{"paired_alone", "garbage", "a key that no card answered with"}, Fault{"verified_alone", "garbage", "without publishing that payment", "sign"},
                    Fault{"own_key", "garbage", "under another key than the account's", "sign"}, Fault{"account_key", "garbage", "does not verify", "sign"},
                    Fault{"other_coin", "garbage", "spends another coin", "sign"}, Fault{"other_amount", "garbage", "another hash than its transaction's", "sign"}),
    [](const testing::TestParamInfo<Fault>& fault) { return std::string(fault.param.what); });

/// A scenario of its own: the demo's world with these steps and expectations.
fs::path scenario_file(const std::string& name, const std::string& steps_and_expectations) {
  const fs::path folder = fresh_folder("scenario-of-" + name);
  fs::create_directories(folder);
  const fs::path file = folder / (name + ".yaml");
  std::ofstream(file) << "touchstone: 1\nname: " << name << "\nbase: " << kDemo.string() << "\ntitle: a wallet that fails\n" << steps_and_expectations;
  return file;
}

TEST(WalletProgramFault, AnExpectedOnePasses) {
  for (const auto& [what, state] : {std::pair{"exit3", "crashed"}, {"hang", "hung"}, {"noise", "garbage"}}) {
    const fs::path file = scenario_file("expected", std::string("steps:\n  - { at: 200 ms, wallet: sign }\nexpect:\n  - { event: wallet.program, where: { state: ") + state + " } }\n");
    const Finished f = run_with_bad_wallet(std::string("sign ") + what, file, "bad-wallet-expected");
    EXPECT_EQ(f.outcome.exit_code, 0) << f.outcome.output;
    const fs::path other = scenario_file("unexpected", "steps:\n  - { at: 200 ms, wallet: sign }\nexpect:\n  - { event: wallet.program, where: { state: killed } }\ntimeout: 1 s\n");
    if (state == std::string("crashed")) {
      EXPECT_EQ(run_with_bad_wallet(std::string("sign ") + what, other, "bad-wallet-unexpected").outcome.exit_code, 1);
    }
  }
}

TEST(WalletProgramTime, ItIsWokenOnceOnVirtualTime) {
  const Finished f = run_with_bad_wallet("start wakes", kDemo, "bad-wallet-wakes");
  ASSERT_EQ(f.ignored.size(), 1u) << "the later WakeAfter takes the place of the earlier";
  // 5 ms of computing, 20 ms, and 5 ms of computing.
  EXPECT_EQ(f.ignored[0]["t_ns"].get<std::int64_t>() - f.programs[0]["t_ns"].get<std::int64_t>(), 30'000'000);
}

TEST(WalletProgramFault, WhatItForkedIntoAnotherSessionEndsWithIt) {
  for (const char* order : {"start daemon_and_hang", "start daemon", "sign daemon_and_hang"})
    EXPECT_EQ(run_with_bad_wallet(order, kDemo, "bad-wallet-daemon").started, 2) << order;  // and nobody is left
}

TEST(WalletProgramFault, AMemoryThatCannotBeSearchedIsNotClean) {
  for (const auto& [what, why] : {std::pair{"daemon", "has child processes"}, {"huge_memory", "truncated: "}, {"unreadable_memory", "cannot be read"}}) {
    const Finished f = run_with_bad_wallet(std::string("start ") + what, kDemo, "bad-wallet-hides");
    EXPECT_EQ(f.outcome.exit_code, 1) << f.outcome.output;
    EXPECT_THAT(f.results.value("reason", ""), testing::AllOf(testing::HasSubstr("memory scan failed: "), testing::HasSubstr(why)));
    EXPECT_EQ(f.results["memory_scan"]["complete"], false);
    EXPECT_THAT(f.results["memory_scan"]["failure"].get<std::string>(), testing::HasSubstr(why));
  }
}

TEST(WalletProgramFault, AfterACrashTheNextStartGoesOn) {
  const fs::path file = scenario_file("recovers",
                                      "steps:\n"
                                      "  - { at: 200 ms, wallet: sign }\n"
                                      "  - { on: wallet.program, where: { state: crashed }, after: 500 ms, wallet: restart }\n"
                                      "  - { after: 100 ms, wallet: sign }\n"
                                      "  - { on: mcu.phase, where: { phase: user }, after: 900 ms, touch: { finger: owner.right_index, impression: 11, for: 180 ms } }\n"
                                      "  - { on: mcu.phase, where: { phase: user }, after: 900 ms, touch: { finger: owner.right_index, impression: 12, for: 1500 ms } }\n"
                                      "expect:\n"
                                      "  - { event: wallet.program, where: { state: crashed } }\n"
                                      "  - { event: wallet.signature_verified }\n");
  const Finished f = run_with_bad_wallet("sign signal once", file, "bad-wallet-recovers");
  EXPECT_EQ(f.outcome.exit_code, 0) << f.outcome.output;
  EXPECT_EQ(f.results.value("signature_hex", "").size(), 128u);
}

TEST(WalletProgramFault, WrongUseIsExitCode2) {
  const std::string run = std::string(TS_BIN) + "/touchstone run " + kDemo.string() + " ";
  const std::string not_executable = "--process --wallet-program " + kDemo.string();
  for (const std::string& arguments : {std::string("--process --wallet-program /no/such/program"), not_executable, std::string("--process --wallet-program /tmp"),
                                       std::string("--wallet-program /bin/true"), std::string("--process-timeout 5"), std::string("--process --process-timeout 0")}) {
    const Outcome outcome = run_program(run + arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments << "\n" << outcome.output;
  }
  const Outcome by_hand = run_program(std::string(TS_BIN) + "/touchstone-wallet simulate < /dev/null");
  EXPECT_EQ(by_hand.exit_code, 2);
  EXPECT_THAT(by_hand.output, testing::HasSubstr("touchstone run FILE --process"));
}

TEST(WalletProgramFault, AProgramThatIsNoWalletIsACrash) {
  const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone run " + kDemo.string() + " --process --wallet-program /bin/true --out " + fresh_folder("no-wallet").string());
  EXPECT_EQ(outcome.exit_code, 1) << outcome.output;
  EXPECT_THAT(outcome.output, testing::HasSubstr("crashed: ended with exit code 0"));
}

}  // namespace
}  // namespace touchstone::test
