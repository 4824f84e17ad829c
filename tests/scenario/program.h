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

/// A fresh folder of this name under the system's temporary folder.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto path = std::filesystem::temp_directory_path() / ("touchstone-test-" + name);
  std::filesystem::remove_all(path);
  return path;
}

}  // namespace touchstone::test
