// gdb-multiarch with a program that waits for a debugger: the port it names, and what GDB says to a list of commands.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "support/command.h"

namespace touchstone::test {

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Where the program says in its error output that it waits; 0 and a failed test when it never does.
inline int debugger_port(const std::filesystem::path& errors) {
  const std::string sign = "127.0.0.1:";
  for (int i = 0; i < 2000; ++i) {
    const std::string text = slurp(errors);
    if (const std::size_t at = text.find(sign); at != std::string::npos && text.find('\n', at) != std::string::npos) return std::stoi(text.substr(at + sign.size()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "no port: " << slurp(errors);
  return 0;
}

/// Both streams of GDB, which connects, carries out `commands` and leaves. `script` is written over.
inline std::string gdb_says(const std::filesystem::path& script, const std::string& elf, int port, const std::string& commands) {
  std::ofstream(script) << "set pagination off\nset confirm off\nset remotetimeout 60\ntarget remote 127.0.0.1:" << port << "\n" << commands;
  const Outcome gdb = run_command("timeout 200 gdb-multiarch -nx -batch -x " + script.string() + " " + elf + " 2>&1 < /dev/null");
  EXPECT_EQ(gdb.exit_code, 0) << gdb.output;
  return gdb.output;
}

}  // namespace touchstone::test
