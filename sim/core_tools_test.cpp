// A debugger and a profile on the whole card: they see the real firmware and change no event.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

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

TEST_F(CoreToolsTest, ADebuggedRunMakesTheSameEvents) {
  ASSERT_EQ(std::system(command("plain", "").c_str()), 0) << slurp(folder_ / "plain.err");
  const std::string expected = events_sha256("plain");

  ASSERT_EQ(std::system(("(" + command("debugged", "--gdb 0") + "; echo $? > " + (folder_ / "code").string() + ") &").c_str()), 0);
  std::string port;
  for (int i = 0; i < 2000 && port.empty(); ++i) {
    const std::string err = slurp(folder_ / "debugged.err"), sign = "127.0.0.1:";
    if (const std::size_t at = err.find(sign); at != std::string::npos && err.find('\n', at) != std::string::npos) port = std::to_string(std::atoi(err.c_str() + at + sign.size()));
    else std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_FALSE(port.empty());
  std::ofstream(folder_ / "script") << "set pagination off\nset confirm off\nset remotetimeout 60\ntarget remote 127.0.0.1:" << port
                                    << "\ntbreak user_main\ncontinue\nbacktrace 1\nmonitor status\nprint/x $mstatus\nstepi\nstepi\ncontinue\n";
  const std::string gdb = "timeout 200 gdb-multiarch -nx -batch -x " + (folder_ / "script").string() + " " CARD_ELF " > " + (folder_ / "gdb").string() + " 2>&1 < /dev/null";
  EXPECT_EQ(std::system(gdb.c_str()), 0) << slurp(folder_ / "gdb");
  const std::string said = slurp(folder_ / "gdb");
  EXPECT_THAT(said, HasSubstr("user_main () at"));
  EXPECT_THAT(said, HasSubstr(".cpp:")) << "a place in the firmware's source";
  EXPECT_THAT(said, HasSubstr("virtual time"));
  EXPECT_THAT(said, HasSubstr("exited normally"));
  for (int i = 0; i < 2000 && slurp(folder_ / "code").empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(slurp(folder_ / "code"), "0\n") << slurp(folder_ / "debugged.err");
  EXPECT_EQ(events_sha256("debugged"), expected);
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
