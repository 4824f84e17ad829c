// Where tests labelled `data` find published vectors and real images: the folder TOUCHSTONE_DATA (datasets/, vectors/).
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace touchstone::test {

/// Path below TOUCHSTONE_DATA, or empty when the variable or the path is absent.
inline std::filesystem::path data_path(const std::filesystem::path& below) {
  const char* root = std::getenv("TOUCHSTONE_DATA");
  if (root == nullptr) return {};
  std::filesystem::path path = std::filesystem::path(root) / below;
  return std::filesystem::exists(path) ? path : std::filesystem::path{};
}

}  // namespace touchstone::test

/// Declares the path `variable` or skips the test by name.
#define TS_DATA_OR_SKIP(variable, below)                                             \
  const std::filesystem::path variable = ::touchstone::test::data_path(below);           \
  if ((variable).empty()) GTEST_SKIP() << "needs TOUCHSTONE_DATA with " << (below)
