#include "nets/sweep.h"

#include "nets/trials.h"

namespace touchstone::nets {

std::vector<Trial> read_sweep(const std::filesystem::path& file) {
  const SweepFile sweep = read_sweep_file(file);
  const Experiment base = Experiment::read(sweep.base);
  std::vector<Trial> trials;
  for (const auto& [name, changes] : sweep.trials) trials.push_back({name, Experiment::changed(base, changes, file.string() + ": trial " + name)});
  return trials;
}

int run_sweep(const std::vector<Trial>& trials, const std::filesystem::path& out, const RunTrial& run) {
  static const std::vector<std::string> kColumns = {"seconds",  "proxy_loss",    "minutia_loss",     "full_eer",          "full_fnmr_1e2", "full_enrolled_eer", "full_enrolled_fnmr_1e2",
                                                    "card_eer", "card_fnmr_1e2", "card_enrolled_eer", "card_enrolled_fnmr_1e2"};
  std::vector<TrialSettings> settings;
  for (const Trial& trial : trials) settings.push_back({trial.name, trial.experiment.text, trial.experiment.hash});
  return run_trials(settings, kColumns, out, [&](std::size_t i) -> std::vector<double> {
    const TrainingResult r = run(trials[i], out / trials[i].name);
    const Figures &f = r.full, &c = r.card;
    return {r.seconds, r.proxy_loss, r.minutia_loss, f.eer, f.fnmr_1e2, f.enrolled_eer, f.enrolled_fnmr_1e2, c.eer, c.fnmr_1e2, c.enrolled_eer, c.enrolled_fnmr_1e2};
  });
}

}  // namespace touchstone::nets
