// The verbs of touchstone-bio. Each returns the exit code: 0 done, 2 wrong use or bad input.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace touchstone::bio {

struct TrainOptions {
  int fingers = 800;
  int impressions = 6;
  std::uint64_t seed = 1;
  std::filesystem::path out;
};
int train_whitening(const TrainOptions& options);

struct EvaluateOptions {
  std::filesystem::path data;  ///< folder with png/<finger>_<impression>.png; "synthetic" makes `fingers` of them
  int width_px = 300;
  int height_px = 300;
  int enrol = 4;
  int fingers = 40;
  std::uint64_t seed = 2;
  std::filesystem::path json;
};
int evaluate(const EvaluateOptions& options);

}  // namespace touchstone::bio
