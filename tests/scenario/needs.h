// What a scenario needs that a machine may lack: its tests are skipped then, by name.
#pragma once

#include <cstdlib>

#include "scenario/program.h"

namespace touchstone::test {

/// Empty: nothing is missing. TS_NODE_MODULES is TOUCHSTONE_NODE_MODULES of CMake.
inline std::string missing_for(const std::filesystem::path& scenario) {
  const std::string text = read_text(scenario);
  if (text.find("$TOUCHSTONE_DATA") != std::string::npos && std::getenv("TOUCHSTONE_DATA") == nullptr) return "needs TOUCHSTONE_DATA";
  const bool sees_faces = text.find("\nfaces:") != std::string::npos;
  if (sees_faces && *TS_NODE_MODULES == 0) return "needs the npm packages with the networks of faces";
  return "";
}

}  // namespace touchstone::test

#define TS_SKIP_WITHOUT_NEEDS_OF(scenario) \
  if (const std::string missing = ::touchstone::test::missing_for(scenario); !missing.empty()) GTEST_SKIP() << missing
