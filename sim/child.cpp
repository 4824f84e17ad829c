#include "sim/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace touchstone::sim {

int run_self(const std::vector<std::string>& arguments) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    std::vector<char*> argv{const_cast<char*>("touchstone-sim")};
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    execv("/proc/self/exe", argv.data());
    _exit(127);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> out;
  std::error_code ignored;
  for (std::filesystem::directory_iterator it("/proc", ignored), end; it != end; it.increment(ignored)) {
    const std::string name = it->path().filename();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); })) continue;
    std::ifstream in(it->path() / "stat");
    const std::string stat{std::istreambuf_iterator<char>(in), {}};  // pid (name) state parent; the name may hold anything
    const std::size_t after_name = stat.rfind(')');
    int its_parent = 0;
    if (after_name != std::string::npos && std::sscanf(stat.c_str() + after_name + 1, " %*c %d", &its_parent) == 1 && its_parent == parent) out.push_back(std::stoi(name));
  }
  return out;
}

}  // namespace touchstone::sim
