// The debugger's server as GDB itself meets it (gdb-multiarch), and as visitors meet it that are no debuggers. Each program runs in a
// child process with the command `mcu run --gdb`.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "mcu/mcu_run.h"
#include "support/gdb.h"

namespace touchstone::models {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

using test::slurp;

class Gdb : public testing::Test {
 protected:
  Gdb() {
    std::string pattern = testing::TempDir() + "touchstone_gdb_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Gdb() override {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      waitpid(child_, nullptr, 0);
    }
    for (const char* name : {"out", "err", "script"}) std::remove(path(name).c_str());
    rmdir(folder_.c_str());
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// Begins `mcu run elf --gdb 0` and returns the port it waits at.
  int start(const std::string& elf) {
    std::remove(path("err").c_str());
    std::fflush(nullptr);
    child_ = fork();
    if (child_ == 0) {
      for (const auto& [name, fd] : {std::pair{"out", 1}, std::pair{"err", 2}})
        dup2(open(path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), fd);
      std::vector<std::string> arguments{"mcu run", elf, "--gdb", "0", "--max-instructions", "100000000"};
      std::vector<char*> argv;
      for (std::string& a : arguments) argv.push_back(a.data());
      const int code = mcu_run_main(static_cast<int>(argv.size()), argv.data());
      std::fflush(nullptr);
      _exit(code);
    }
    return test::debugger_port(path("err"));
  }
  int exit_code() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  /// The program `hello` came to its end as without a debugger.
  void expect_hello() {
    EXPECT_EQ(exit_code(), 42);
    EXPECT_EQ(slurp(path("out")), "hello from RV32IMC\n");
  }
  /// What gdb-multiarch says to these commands.
  std::string debug(const std::string& elf, int port, const std::string& commands) {
    return test::gdb_says(path("script"), elf, port, commands);
  }
  static int connect_to(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  std::string folder_;
  pid_t child_ = 0;
};

TEST_F(Gdb, BreaksAtASourceLineReadsAndContinuesToTheEnd) {
  const int port = start(HELLO_ELF);
  const std::string said = debug(HELLO_ELF, port,
                                 "break hello.cpp:42\ninfo registers pc\ncontinue\nbacktrace 1\nprint early.value\nprint zeros\nprint/x $misa\nprint $priv\n"
                                 "stepi\ninfo registers mcycle\ncontinue\n");
  EXPECT_THAT(said, HasSubstr("pc             0x20000000"));
  EXPECT_THAT(said, HasSubstr("Breakpoint 1, main"));
  EXPECT_THAT(said, HasSubstr("hello.cpp:42"));
  EXPECT_THAT(said, HasSubstr("$3 = 0x40101104"));
  EXPECT_THAT(said, HasSubstr("$4 = 3"));
  EXPECT_THAT(said, HasSubstr("exited with code 052")) << "42, as GDB writes it";
  expect_hello();
}

TEST_F(Gdb, WatchesMemoryAndWritesIt) {
  const int port = start(INTERRUPTS_ELF);
  const std::string said = debug(INTERRUPTS_ELF, port,
                                 "tbreak on_trap\ncontinue\nwatch count\ncontinue\ncontinue\nset var count = 199\nprint count\ndelete\n"
                                 "x/1wx 0x20000000\npython\ntry:\n  gdb.execute(\"print *(int*)0x40001000\")\nexcept gdb.error as e:\n  print(e)\nend\ncontinue\n");
  EXPECT_THAT(said, HasSubstr("Hardware watchpoint 2: count"));
  EXPECT_THAT(said, HasSubstr("Old value = 0"));
  EXPECT_THAT(said, HasSubstr("New value = 1"));
  EXPECT_THAT(said, HasSubstr("= 199"));
  EXPECT_THAT(said, HasSubstr("Cannot access memory at address 0x40001000")) << "device registers are not for debuggers";
  EXPECT_THAT(said, HasSubstr("exited normally"));
  EXPECT_EQ(exit_code(), 0);
}

TEST_F(Gdb, StepsJumpsAndResets) {
  const int port = start(HELLO_ELF);
  const std::string said = debug(HELLO_ELF, port,
                                 "stepi\nstepi\nprint/x $pc\nset $t0 = 0x1234\nprint/x $t0\nmonitor status\nmonitor reset\nflushregs\nprint/x $pc\nprint/x $t0\n"
                                 "tbreak main\ncontinue\nmonitor reset\nflushregs\ncontinue\n");
  EXPECT_THAT(said, HasSubstr("= 0x1234"));
  EXPECT_THAT(said, HasSubstr("instructions, "));
  EXPECT_THAT(said, HasSubstr("= 0x20000000"));
  EXPECT_THAT(said, HasSubstr("= 0x0")) << "registers are those of a reset";
  EXPECT_THAT(said, HasSubstr("Temporary breakpoint 1, main"));
  expect_hello();
}

TEST_F(Gdb, ADebuggerThatDetachesLeavesTheRunAlone) {
  const int port = start(HELLO_ELF);
  debug(HELLO_ELF, port, "tbreak main\ncontinue\ndetach\n");
  EXPECT_EQ(exit_code(), 42);
  EXPECT_THAT(slurp(path("err")), HasSubstr("the run goes on"));
}

TEST_F(Gdb, KillEndsTheRun) {
  const int port = start(HELLO_ELF);
  EXPECT_THAT(debug(HELLO_ELF, port, "tbreak main\ncontinue\nkill\n"), HasSubstr("killed"));
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(slurp(path("err")), HasSubstr("killed by the debugger"));
  EXPECT_THAT(slurp(path("err")), Not(HasSubstr("the run goes on")));
  EXPECT_EQ(slurp(path("out")), "") << "the program came to no end";
}

TEST_F(Gdb, VisitorsThatAreNoDebuggersAreSentAway) {
  for (const std::string& speech : {std::string("GET / HTTP/1.1\r\nHost: here\r\n\r\n"), std::string(100'000, '$'), std::string("$qSupported#37$g#67") + std::string(64, '\xFF'),
                                    std::string("$qSupported#37$Z0,20000000,2#a3$c#63$"), std::string()}) {
    const int fd = connect_to(start(HELLO_ELF));
    (void)!send(fd, speech.data(), speech.size(), MSG_NOSIGNAL);
    if (speech.empty() || speech.back() == '$') close(fd);  // lost in the middle of a packet
    EXPECT_EQ(exit_code(), 42) << speech.substr(0, 40);
    close(fd);
  }
}

TEST_F(Gdb, InterruptStopsARunningCore) {
  const int fd = connect_to(start(SHA256_CHAIN_ELF));
  const auto say = [&](const std::string& bytes) { EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); };
  const auto hear = [&](const std::string& wanted) {
    std::string heard;
    char c;
    while (heard.find(wanted) == std::string::npos && recv(fd, &c, 1, 0) == 1) heard += c;
    return heard;
  };
  say("$?#3f");
  EXPECT_THAT(hear("T05#b9"), HasSubstr("$T05#b9"));
  say("+$c#63");
  std::this_thread::sleep_for(50ms);
  say("\x03");
  EXPECT_THAT(hear("T02#b6"), HasSubstr("$T02#b6"));
  say("+$k#6b");
  close(fd);
  EXPECT_EQ(exit_code(), 1);
  EXPECT_THAT(slurp(path("err")), HasSubstr("killed by the debugger"));
}

TEST_F(Gdb, SaysThatAPortIsTaken) {
  const int port = start(HELLO_ELF);
  std::fflush(nullptr);
  const pid_t second = fork();
  if (second == 0) {
    dup2(open(path("script").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    std::string number = std::to_string(port);
    std::string arguments[] = {"mcu run", HELLO_ELF, "--gdb"};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), number.data(), nullptr};
    _exit(mcu_run_main(4, argv));
  }
  int status = 0;
  waitpid(second, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_THAT(slurp(path("script")), HasSubstr("Address already in use"));
}

}  // namespace
}  // namespace touchstone::models
