// Runs a command through the shell and keeps what it printed.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace touchstone::test {

struct Outcome {
  int exit_code = -1;  ///< 128 and the signal's number where one ended it
  std::string output;  ///< stdout
};

inline Outcome run_command(const std::string& command) {
  Outcome out;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.output.append(buffer, n);
  const int status = pclose(pipe);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace touchstone::test
