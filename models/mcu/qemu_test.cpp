// Whole programs on QEMU's virt machine and here: one ELF file, the same lines printed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "mcu/mcu_run.h"
#include "support/command.h"

namespace touchstone::models {
namespace {

std::string on_qemu(const std::string& elf) {
  return test::run_command("timeout 20 qemu-system-riscv32 -M virt -cpu rv32 -m 16M -nographic -monitor none -serial stdio -bios none -kernel " + elf + " 2>&1 < /dev/null").output;
}

std::string here(std::string elf) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 1);
    std::string arguments[] = {"mcu run", "--max-instructions=200000000"};
    char* argv[] = {arguments[0].data(), elf.data(), arguments[1].data(), nullptr};
    const int code = mcu_run_main(3, argv);
    std::fflush(nullptr);
    _exit(code);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return text;
}

void compare(const char* elf, std::ptrdiff_t lines) {
  const std::string theirs = on_qemu(elf), ours = here(elf);
  EXPECT_EQ(ours, theirs);
  EXPECT_TRUE(theirs.ends_with("end\n")) << "QEMU did not reach the end";
  EXPECT_GE(std::count(theirs.begin(), theirs.end(), '\n'), lines);
}

TEST(Qemu, TrapsUserModeAndProtectionAgree) { compare(ORACLE_MODES_ELF, 80); }
TEST(Qemu, RandomCodeLeavesTheSameState) { compare(ORACLE_TORTURE_ELF, 21); }
TEST(Qemu, ComputesTheSameUnderTimerInterrupts) { compare(ORACLE_COMPUTE_ELF, 5); }

}  // namespace
}  // namespace touchstone::models
