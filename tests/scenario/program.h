// Runs a program as a person would and keeps what it printed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/command.h"

namespace touchstone::test {

/// `command` goes through the shell; its output is both streams.
inline Outcome run_program(const std::string& command) { return run_command(command + " 2>&1"); }

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream in(path);
  return nlohmann::json::parse(in, nullptr, false);
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Of this process alone, as tests of other processes use the same names at the same time; gone when it ends.
class ScratchRoot {
 public:
  ScratchRoot() { std::filesystem::remove_all(path); }
  ~ScratchRoot() {
    std::error_code ignored;
    if (getpid() == owner_) std::filesystem::remove_all(path, ignored);
  }
  const std::filesystem::path path = std::filesystem::temp_directory_path() / ("touchstone-test-" + std::to_string(getpid()));

 private:
  pid_t owner_ = getpid();
};

/// The path of a folder of this name that is not there yet.
inline std::filesystem::path fresh_folder(const std::string& name) {
  static const ScratchRoot root;
  std::filesystem::create_directories(root.path);
  std::filesystem::remove_all(root.path / name);
  return root.path / name;
}

}  // namespace touchstone::test
