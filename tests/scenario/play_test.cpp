// The live card, played by keys: without a terminal, and in a real pseudo-terminal as a person has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kProgram = std::string(TS_BIN) + "/touchstone";
const std::string kScenario = std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml";

Outcome scripted(const std::string& keys) { return run_program(kProgram + " play " + kScenario + " --scripted '" + keys + "'"); }

TEST(Play, KeysReachAVerifiedSignature) {
  const Outcome outcome = scripted("p w1200 t w1000 h w1600 l w800 q");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("signature verified by the wallet"), HasSubstr("connected")));
  // The display is drawn: some of its Braille cells are not empty.
  EXPECT_THAT(outcome.output, testing::ContainsRegex("[\u28ff\u28f0]"));
}

TEST(Play, TheWrongFingerIsRefused) {
  const Outcome outcome = scripted("f p w1200 t w1000 h w1600 l w3000 h w1600 l w3000 h w1600 l w3000 h w1600 l w3000 q");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("the card refused"), Not(HasSubstr("signature verified"))));
}

TEST(Play, TamperingIsSeen) {
  const Outcome outcome = scripted("p w1200 c w500 q");
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("the supply is cut"), HasSubstr("NO POWER"), Not(HasSubstr("signature verified"))));
  EXPECT_THAT(scripted("r w100 q").output, HasSubstr("CUT"));
}

/// The program in a pseudo-terminal of 80 x 24 characters.
class Pty {
 public:
  Pty() {
    winsize size{24, 80, 0, 0};
    pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      execl(kProgram.c_str(), "touchstone", "play", kScenario.c_str(), "--speed", "4", nullptr);
      _exit(127);
    }
    tcgetattr(terminal_, &before_);
  }
  ~Pty() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    close(terminal_);
  }
  void type(char key) { EXPECT_EQ(write(terminal_, &key, 1), 1); }
  void signal(int number) { kill(pid_, number); }
  /// Reads until the text was on the screen, at most 60 s.
  bool see(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (seen.find(text, from_) == std::string::npos) {
      pollfd in{terminal_, POLLIN, 0};
      if (std::chrono::steady_clock::now() > end) return false;
      if (poll(&in, 1, 100) <= 0) continue;
      char buffer[4096];
      const ssize_t n = read(terminal_, buffer, sizeof buffer);
      if (n <= 0) return seen.find(text, from_) != std::string::npos;
      seen.append(buffer, static_cast<std::size_t>(n));
    }
    from_ = seen.find(text, from_) + text.size();
    return true;
  }
  int exit_status() {
    int status = 0;
    see("\x1b[?1049l");
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return status;
  }
  /// Line editing and echo are as they were.
  bool restored() const {
    termios now{};
    tcgetattr(terminal_, &now);
    return now.c_lflag == before_.c_lflag;
  }
  std::string seen;

 private:
  pid_t pid_ = -1;
  int terminal_ = -1;
  std::size_t from_ = 0;
  termios before_{};
};

TEST(Play, InATerminalASignatureByKeys) {
  Pty pty;
  ASSERT_TRUE(pty.see("press p for a payment")) << pty.seen;
  pty.type('p');
  ASSERT_TRUE(pty.see("    user ")) << pty.seen;  // the page stands, the card waits
  usleep(300'000);
  pty.type('t');
  ASSERT_TRUE(pty.see("touches"));
  usleep(500'000);
  pty.type('h');
  ASSERT_TRUE(pty.see("signature verified")) << pty.seen;
  pty.type('q');
  const int status = pty.exit_status();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_THAT(pty.seen, AllOf(HasSubstr("\x1b[?1049h"), HasSubstr("\x1b[?25h"), HasSubstr("touchstone play")));
  EXPECT_TRUE(pty.restored());
}

TEST(Play, ASignalGivesTheTerminalBack) {
  Pty pty;
  ASSERT_TRUE(pty.see("press p for a payment")) << pty.seen;
  pty.signal(SIGTERM);
  pty.exit_status();
  EXPECT_THAT(pty.seen, HasSubstr("\x1b[?1049l"));
  EXPECT_TRUE(pty.restored());
}

}  // namespace
}  // namespace touchstone::test
