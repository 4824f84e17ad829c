// Generated fingers as files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace touchstone::bio {

struct FingerMakeOptions {
  std::filesystem::path out;
  int fingers = 10;
  int impressions = 8;
  int first = 1;             ///< number of the first finger
  std::uint64_t seed = 1;
  std::string sensor = "full";  ///< full: by the population's shares; card; WxH@DPI: the card's kind with another array
  std::filesystem::path sheet;
  int threads = 2;
};

/// Writes OUT/png/FINGER_IMPRESSION.png (the form `--data` reads), OUT/truth/FINGER_IMPRESSION.json and OUT/manifest.json.
/// Files that are there already stay: what was interrupted goes on, and more fingers join a set of the same seed, sensor and
/// generator. Every file appears whole. Throws BadInput.
void make_fingers(const FingerMakeOptions& options);

/// finger make ...: exit code 0 done, 2 wrong use or bad input.
int finger_main(int argc, char** argv);

}  // namespace touchstone::bio
