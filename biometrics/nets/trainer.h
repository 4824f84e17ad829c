// Training from touches to a weights file. LibTorch stays inside.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nets/experiment.h"
#include "nets/statistics.h"
#include "nets/touches.h"
#include "nets/weights.h"

namespace touchstone::nets {

struct TrainingOptions {
  Experiment experiment;
  std::filesystem::path out;     ///< folder of checkpoint.tsnt, log.jsonl, weights.tsnt and weights.json
  int threads = 1;               ///< the weights are the same for the same number
  std::string device = "cpu";    ///< or cuda
  std::string command;           ///< for weights.json
  std::string front_end_hash;    ///< front_end_digest(), or 64 zeros
  int stop_at = 0;               ///< leave at this step with a checkpoint, as if interrupted; 0: at the end
  bool show_progress = false;    ///< on standard error, where that is a terminal
};

struct TrainingResult {
  bool finished = false;  ///< weights.tsnt is there
  int step = 0;
  double proxy_loss = 0, minutia_loss = 0;  ///< means over the last line of the log
  Figures full, card;
  double seconds = 0;       ///< of this call
  double patches_per_s = 0; ///< in training steps
};

/// Trains, or goes on from the checkpoint in options.out; the end is the same bytes at the same thread count on CPU. Throws
/// BadInput: device not there, folder not writable or of another experiment, weights that would be larger than
/// Weights::kMostBytes.
TrainingResult train(const TrainingOptions& options, const TouchSet& touches);

/// LibTorch's version, e.g. "1.13.1".
std::string torch_version();
/// "cpu" always; "cuda" where LibTorch has it and a device is there. Throws BadInput with what is missing.
void require_device(const std::string& device);

/// LibTorch's own threads, and those of the OpenBLAS under it, where it is that: both decide the order of additions.
void use_threads(int threads);

}  // namespace touchstone::nets
