// A debugger and a profile on the whole card: they see the real firmware and change no event.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/gdb.h"

namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

using touchstone::test::slurp;

class CoreToolsTest : public testing::Test {
 protected:
  CoreToolsTest() {
    std::string pattern = testing::TempDir() + "touchstone_tools_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~CoreToolsTest() override { fs::remove_all(folder_); }

  std::string command(const std::string& name, const std::string& options) const {
    return TOUCHSTONE_SIM " run " TS_SCENARIOS "/normal/touch_to_signature.yaml --out " + (folder_ / name).string() + " " + options + " > " + (folder_ / (name + ".out")).string() +
           " 2> " + (folder_ / (name + ".err")).string();
  }
  std::string events_sha256(const std::string& name) const { return nlohmann::json::parse(slurp(folder_ / name / "results.json")).at("events_sha256"); }

  fs::path folder_;
};

/// The demo under gdb-multiarch, with the firmware's own symbols.
class CardUnderGdb : public CoreToolsTest {
 protected:
  ~CardUnderGdb() override { EXPECT_TRUE(code_seen_ || !started_) << "every test waits for the end of its run"; }

  /// Begins the run; what gdb says to `commands`, once it is connected.
  std::string debug(const std::string& commands) {
    started_ = true;
    EXPECT_EQ(std::system(("(" + command("debugged", "--gdb 0") + "; echo $? > " + (folder_ / "code").string() + ") &").c_str()), 0);
    return touchstone::test::gdb_says(folder_ / "script", CARD_ELF, touchstone::test::debugger_port(folder_ / "debugged.err"), commands);
  }
  /// The run's exit code, when it has ended.
  int exit_code() {
    for (int i = 0; i < 3000 && slurp(folder_ / "code").empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    code_seen_ = true;
    return std::atoi(slurp(folder_ / "code").c_str());
  }
  std::string errors() const { return slurp(folder_ / "debugged.err"); }

  /// "card_app.cpp:123": the line of the firmware's source that holds this text.
  static std::string place(const std::string& file, const std::string& text) {
    std::ifstream in(fs::path(TS_FIRMWARE) / file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.find(text) != std::string::npos) return fs::path(file).filename().string() + ":" + std::to_string(number);
    }
    ADD_FAILURE() << file << " holds no '" << text << "'";
    return "";
  }
  /// What follows each `sign` up to the end of the word.
  static std::vector<std::string> words_after(const std::string& text, const std::string& sign) {
    std::vector<std::string> out;
    for (std::size_t at = text.find(sign); at != std::string::npos; at = text.find(sign, at + 1)) {
      const std::size_t begin = at + sign.size();
      out.push_back(text.substr(begin, text.find_first_of(" ,\n", begin) - begin));
    }
    return out;
  }

 private:
  bool started_ = false, code_seen_ = false;
};

const char* const kServe = "untrusted_message = board_.request.first(request_bytes_)";  // in CardApp::serve()

TEST_F(CardUnderGdb, BreaksWatchesLooksAndMakesTheSameEvents) {
  ASSERT_EQ(std::system(command("plain", "").c_str()), 0) << slurp(folder_ / "plain.err");
  const std::string said = debug(
      "tbreak user_main\ncontinue\nprint/x $mstatus\nstepi\n"
      "tbreak " + place("app/card_app.cpp", kServe) + "\ncontinue\nbacktrace 1\n"
      "print request_bytes_\nprint board_.request._M_ptr[0]\n"
      "watch -l busy_\ncontinue\nbacktrace 1\ndelete\n"
      "set $kept = $t0\nset $t0 = 0x1234\nprint/x $t0\nset $t0 = $kept\n"
      "monitor status\nshell sleep 0.5\nmonitor status\nstepi\nmonitor status\ncontinue\n");
  EXPECT_THAT(said, HasSubstr("user_main () at"));
  EXPECT_THAT(said, HasSubstr("Temporary breakpoint 2, touchstone::firmware::CardApp::serve"));
  EXPECT_THAT(said, HasSubstr(place("app/card_app.cpp", kServe)));
  EXPECT_THAT(said, HasSubstr(" = 33\n")) << "the first request is an AttestRequest: its id and a challenge of 32 bytes";
  EXPECT_THAT(said, HasSubstr("= 6 '")) << "its id";
  EXPECT_THAT(said, HasSubstr("Hardware watchpoint 3: -location busy_"));
  EXPECT_THAT(said, HasSubstr("Old value = false\nNew value = true"));
  EXPECT_THAT(said, HasSubstr("= 0x1234"));
  const auto times = words_after(said, "virtual time "), instructions = words_after(said, " s, ");
  ASSERT_EQ(times.size(), 3u) << said;
  EXPECT_EQ(times[0], times[1]) << "virtual time stands while the core does";
  EXPECT_EQ(instructions.at(0), instructions.at(1));
  EXPECT_NE(instructions.at(1), instructions.at(2));
  EXPECT_THAT(said, HasSubstr("exited normally"));
  EXPECT_EQ(exit_code(), 0) << errors();
  EXPECT_EQ(events_sha256("debugged"), events_sha256("plain"));
}

TEST_F(CardUnderGdb, TheFirmwareSeesWhatTheDebuggerWrites) {
  const std::string said = debug("tbreak " + place("app/card_app.cpp", kServe) + "\ncontinue\nset var board_.request._M_ptr[0] = 255\nprint board_.request._M_ptr[0]\ncontinue\n");
  EXPECT_THAT(said, HasSubstr("= 255 '"));
  EXPECT_EQ(exit_code(), 1) << "the firmware refuses a message of an unknown kind, and so the wallet the card";
  EXPECT_THAT(slurp(folder_ / "debugged" / "results.json"), HasSubstr("the wallet refused the card"));
}

TEST_F(CardUnderGdb, ResetStartsTheCardFromItsBootRomAndKillEndsTheRun) {
  const std::string said = debug("tbreak user_main\ncontinue\nmonitor status\nmonitor reset\nflushregs\nprint/x $pc\nprint $priv\nmonitor status\n"
                                 "tbreak user_main\ncontinue\nprint $priv\nmonitor status\nkill\n");
  EXPECT_THAT(said, HasSubstr("= 0x10000000")) << "the boot ROM";
  EXPECT_THAT(said, HasSubstr("Temporary breakpoint 2, ")) << "and the firmware again";
  const auto modes = words_after(said, " cycles since reset, ");
  EXPECT_THAT(modes, testing::ElementsAre("user", "machine", "user"));
  const auto times = words_after(said, "virtual time "), instructions = words_after(said, " s, ");
  ASSERT_EQ(times.size(), 3u) << said;
  EXPECT_EQ(times[0], times[1]) << "a reset takes no time";
  EXPECT_EQ(instructions.at(1), "0");
  EXPECT_GT(std::stoll(instructions.at(2)), 1'000'000) << "the boot ROM has hashed the image again";
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(errors(), HasSubstr("killed by the debugger"));
  EXPECT_FALSE(fs::exists(folder_ / "debugged")) << "a killed run has no outcome";
  EXPECT_FALSE(fs::exists(folder_ / "debugged.partial"));
}

TEST_F(CoreToolsTest, AProfiledRunMakesTheSameEventsAndItsProfileAddsUp) {
  ASSERT_EQ(std::system(command("plain", "").c_str()), 0) << slurp(folder_ / "plain.err");
  ASSERT_EQ(std::system(command("profiled", "--profile " + (folder_ / "profile.json").string()).c_str()), 0) << slurp(folder_ / "profiled.err");
  EXPECT_EQ(events_sha256("profiled"), events_sha256("plain"));
  const auto profile = nlohmann::json::parse(slurp(folder_ / "profile.json"));
  const auto results = nlohmann::json::parse(slurp(folder_ / "profiled" / "results.json"));
  EXPECT_EQ(profile.at("version"), 1);
  std::uint64_t by_function = 0, by_line = 0, known = 0;
  for (const auto& f : profile.at("functions")) by_function += f.at("cycles").get<std::uint64_t>();
  for (const auto& l : profile.at("lines")) {
    by_line += l.at("cycles").get<std::uint64_t>();
    if (!l.at("file").get<std::string>().empty()) known += l.at("cycles").get<std::uint64_t>();
  }
  EXPECT_EQ(by_function, profile.at("cycles").get<std::uint64_t>());
  EXPECT_EQ(by_line, by_function);
  EXPECT_GT(known, by_line / 10 * 9) << "nearly all of the time is spent in code with debug information";
}

}  // namespace
