// Several trainings, one after the other (file and table: trials.h). The table's figures: seconds, proxy_loss, minutia_loss, and of each
// window (full, card) eer, fnmr_1e2, enrolled_eer, enrolled_fnmr_1e2.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "nets/experiment.h"
#include "nets/trainer.h"

namespace touchstone::nets {

struct Trial {
  std::string name;
  Experiment experiment;
};
/// Throws BadInput, also for settings of a trial that are not allowed and for names that are no file names or stand twice.
std::vector<Trial> read_sweep(const std::filesystem::path& file);

/// Runs the trials that are not done yet in folders of their name below `out`; a killed sweep goes on in the midst of its
/// trial. A done trial with other settings is run again in a folder that must not hold the old one's checkpoint. `run` trains
/// one. A trial that throws BadInput is failed, with the message, and the next one starts. Returns how many failed.
using RunTrial = std::function<TrainingResult(const Trial& trial, const std::filesystem::path& folder)>;
int run_sweep(const std::vector<Trial>& trials, const std::filesystem::path& out, const RunTrial& run);

}  // namespace touchstone::nets
