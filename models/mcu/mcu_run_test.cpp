// The command `mcu run`, as a user sees it: output, messages, exit codes, JSON. Each call runs in a child process, since
// SystemC elaborates once in a process.
#include "mcu/mcu_run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/bytes.h"
#include "mcu/test_assembler.h"
#include "support/elf_file.h"

namespace touchstone::models {
namespace {

using testing::HasSubstr;

struct Ended {
  int code;
  std::string out, err;
};

std::string slurp(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class McuRun : public testing::Test {
 protected:
  McuRun() {
    std::string pattern = testing::TempDir() + "touchstone_mcu_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~McuRun() override {
    for (const char* name : {"out", "err", "p.elf", "r.json", "profile.json"}) std::remove(path(name).c_str());
    rmdir(folder_.c_str());
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  Ended call(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "mcu run");
    std::vector<char*> argv;
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      for (const auto& [name, fd] : {std::pair{"out", 1}, std::pair{"err", 2}})
        dup2(open(path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), fd);
      const int code = mcu_run_main(static_cast<int>(argv.size()) - 1, argv.data());
      std::fflush(nullptr);
      _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(path("out")), slurp(path("err"))};
  }

  // An ELF file of these instructions at `base`.
  std::string program(std::initializer_list<std::uint32_t> words, std::uint32_t base = 0x20000000) {
    std::vector<std::uint8_t> code(4 * words.size());
    std::size_t at = 0;
    for (std::uint32_t word : words) store_le32(&code[at], word), at += 4;
    const std::vector<std::uint8_t> f = test::elf_file(base, code);
    std::ofstream(path("p.elf"), std::ios::binary).write(reinterpret_cast<const char*>(f.data()), static_cast<std::streamsize>(f.size()));
    return path("p.elf");
  }

  std::string folder_;
};

TEST_F(McuRun, GivesOutputExitCodeAndJson) {
  const Ended ended = call({HELLO_ELF, "--json", path("r.json")});
  EXPECT_EQ(ended.code, 42) << ended.err;
  EXPECT_EQ(ended.out, "hello from RV32IMC\n");
  const auto json = nlohmann::json::parse(slurp(path("r.json")));
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["end"], "exit");
  EXPECT_EQ(json["exit_code"], 42);
  EXPECT_GT(json["instructions"], 100);
  EXPECT_GT(json["cycles"], json["instructions"]);
  EXPECT_GT(json["simulated_time_ns"], 0);
}

TEST_F(McuRun, RunsProgramsLinkedForRam) {
  const Ended ended = call({program({rv::lui(1, 0x40000000), rv::addi(2, 0, 5), rv::sw(2, 1, 0), rv::jal(0, 0)}, 0x80000000)});
  EXPECT_EQ(ended.code, 5) << ended.err;
}

TEST_F(McuRun, ProfilesEveryCycleAndChangesNone) {
  ASSERT_EQ(call({INTERRUPTS_ELF, "--json", path("r.json")}).code, 0);
  const auto plain = nlohmann::json::parse(slurp(path("r.json")));
  const Ended ended = call({INTERRUPTS_ELF, "--json", path("r.json"), "--profile", path("profile.json")});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("on_trap"));
  const auto profiled = nlohmann::json::parse(slurp(path("r.json"))), profile = nlohmann::json::parse(slurp(path("profile.json")));
  for (const char* figure : {"cycles", "instructions", "simulated_time_ns"}) EXPECT_EQ(profiled[figure], plain[figure]) << figure;
  // The store that ends the program does not return to the profiler.
  EXPECT_NEAR(profile["cycles"].get<double>(), plain["cycles"].get<double>(), 3);
  std::uint64_t functions = 0, lines = 0;
  for (const auto& f : profile["functions"]) functions += f["cycles"].get<std::uint64_t>();
  for (const auto& l : profile["lines"]) lines += l["cycles"].get<std::uint64_t>();
  EXPECT_EQ(functions, profile["cycles"].get<std::uint64_t>());
  EXPECT_EQ(lines, functions);
  EXPECT_EQ(profile["functions"][0]["function"], "main");
  EXPECT_TRUE(profile["lines"][0]["file"].get<std::string>().ends_with("models/mcu/programs/interrupts.cpp"));
  // 3 V x 3300 uA at 64 MHz.
  EXPECT_NEAR(profile["energy_uj"].get<double>(), profile["cycles"].get<double>() * 9900 / 64e6, 1e-6);
  EXPECT_EQ(call({HELLO_ELF, "--profile", "/no/such/folder/p.json"}).code, 2);
}

TEST_F(McuRun, ASlowerMultiplierAndFlashTakeLongerForTheSameInstructions) {
  const std::string elf = program({rv::mul(1, 2, 3), rv::lui(1, 0x40000000), rv::sw(0, 1, 0), rv::jal(0, 0)});
  ASSERT_EQ(call({elf, "--json", path("r.json")}).code, 0);
  const auto plain = nlohmann::json::parse(slurp(path("r.json")));
  ASSERT_EQ(call({elf, "--multiply-cycles", "3", "--flash-wait", "2", "--json", path("r.json")}).code, 0);
  const auto slow = nlohmann::json::parse(slurp(path("r.json")));
  EXPECT_EQ(plain["multiply_cycles"], 1);
  EXPECT_EQ(slow["multiply_cycles"], 3);
  EXPECT_EQ(slow["flash_wait_cycles"], 2);
  EXPECT_EQ(slow["instructions"], plain["instructions"]);
  EXPECT_EQ(slow["cycles"].get<int>() - plain["cycles"].get<int>(), 2) << "of the MUL";
  for (const char* wrong : {"0", "65"}) EXPECT_EQ(call({HELLO_ELF, "--multiply-cycles", wrong}).code, 2);
  EXPECT_EQ(call({HELLO_ELF, "--flash-wait", "65"}).code, 2);
}

TEST_F(McuRun, EndsAtTheInstructionLimit) {
  const Ended ended = call({program({rv::jal(0, 0)}), "--max-instructions", "1000", "--json", path("r.json")});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("the limit of 1000 instructions was reached at pc 0x20000000"));
  const auto json = nlohmann::json::parse(slurp(path("r.json")));
  EXPECT_EQ(json["end"], "instruction_limit");
  EXPECT_TRUE(json["exit_code"].is_null());
  EXPECT_EQ(json["instructions"], 1000);
}

TEST_F(McuRun, SaysThatAProgramFaultsInItsHandler) {
  const Ended ended = call({program({rv::kIllegal})});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("double fault: the trap handler's first instruction at 0x00000000 raises instruction_access_fault"));
}

TEST_F(McuRun, SaysThatAProgramSleepsForEver) {
  const Ended ended = call({program({rv::kWfi, rv::jal(0, -4)})});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("no interrupt will ever come"));
}

TEST_F(McuRun, RefusesBadInputWithExitCode2) {
  for (const auto& [arguments, message] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "a program is missing"},
           {{"/no/such.elf"}, "/no/such.elf: no such file"},
           {{"/etc/hostname"}, "/etc/hostname: not an ELF file"},
           {{HELLO_ELF, "--max-instructions", "many"}, "max-instructions"},
           {{HELLO_ELF, "--frequency", "1"}, "frequency"},
           {{HELLO_ELF, HELLO_ELF}, "positional"},
           {{program({rv::kNop}, 0x10000000)}, "does not fit into flash"},
           {{HELLO_ELF, "--json", "/no/such/folder/r.json"}, "cannot be written"}}) {
    const Ended ended = call(arguments);
    EXPECT_EQ(ended.code, 2) << message;
    EXPECT_THAT(ended.err, HasSubstr(message));
  }
}

}  // namespace
}  // namespace touchstone::models
