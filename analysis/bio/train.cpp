// The verbs train and cache: from generated fingers to the network's weights; faces are face_train's.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "face_train.h"
#include "nets/experiment.h"
#include "nets/front_end.h"
#include "nets/progress.h"
#include "nets/sweep.h"
#include "nets/touches.h"
#include "nets/trainer.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

struct Options {
  std::filesystem::path config = TS_EXPERIMENTS "/finger/shipped.json";
  std::filesystem::path sweep, cache, out;
  int threads = 2;
  std::string device = "cpu";
  std::string command;
};

Options parse(const char* verb, const std::vector<std::string>& arguments) {
  Options o;
  o.command = std::string("touchstone bio ") + verb;
  for (const std::string& word : arguments) o.command += " " + word;
  const bool training = std::string_view(verb) == "train";
  tools::Options given(arguments);
  const auto trait = given.value("--trait");
  if (trait != "finger") throw tools::UsageError(training ? "--trait finger or --trait face is needed" : "--trait finger is needed: only fingers are generated");
  const auto config = given.value("--config");
  if (config) o.config = *config;
  const auto cache = given.value("--cache");
  o.threads = static_cast<int>(given.number("--threads", 1, 256).value_or(2));
  if (training) {
    const auto out = given.value("--out");
    if (!out) throw tools::UsageError("--out is missing");
    o.out = *out;
    if (const auto sweep = given.value("--sweep")) o.sweep = *sweep;
    if (config && !o.sweep.empty()) throw tools::UsageError("--sweep names its configuration itself: --config has no place beside it");
    o.device = given.value("--device").value_or("cpu");
    nets::require_device(o.device);
  }
  given.finish();
  if (!cache && !training) throw tools::UsageError("--cache is missing");
  o.cache = cache ? std::filesystem::path(*cache) : o.out / "touches";
  return o;
}

nets::TouchSet touches_of(const Options& o, const nets::Experiment& experiment) {
  const auto begin = std::chrono::steady_clock::now();
  nets::Progress progress("touches", true);
  std::size_t made = 0;
  nets::TouchSet set = nets::open_touches(experiment.data, nets::card_front_end(), o.cache, o.threads, [&](std::size_t done, std::size_t ready, std::size_t all) {
    made = done - ready;
    progress.step(static_cast<double>(done), static_cast<double>(ready), static_cast<double>(all));
  });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%zu touches, %zu of them made in %.0f s", set.touches().size(), made, seconds);
  std::size_t minutiae = 0;
  for (const nets::Touch& t : set.touches()) minutiae += t.minutiae.size();
  std::printf(", %.1f minutiae each\n", static_cast<double>(minutiae) / static_cast<double>(set.touches().size()));
  std::fflush(stdout);
  return set;
}

void print(const char* window, const nets::Figures& f) {
  std::printf("%s: 1:1 EER %.1f %%, FNMR at FMR 1e-2 %.1f %%; %d enrolled EER %.1f %%, FNMR at FMR 1e-2 %.1f %%; no minutiae in %.1f %%\n", window, 100 * f.eer, 100 * f.fnmr_1e2, f.enrolled,
              100 * f.enrolled_eer, 100 * f.enrolled_fnmr_1e2, 100 * f.failures);
}

nets::TrainingResult train(const Options& o, const nets::Experiment& experiment, const std::filesystem::path& out) {
  nets::TrainingOptions t;
  t.experiment = experiment;
  t.out = out;
  t.threads = o.threads;
  t.device = o.device;
  t.command = o.command;
  t.show_progress = true;
  const nets::TouchSet touches = touches_of(o, experiment);
  t.front_end_hash = nets::front_end_digest(nets::card_front_end());
  const nets::TrainingResult r = nets::train(t, touches);
  std::printf("%s: %d steps in %.0f s, %.0f patches/s, losses %.3f and %.3f\n", (out / "weights.tsnt").c_str(), r.step, r.seconds, r.patches_per_s, r.proxy_loss, r.minutia_loss);
  print("full picture", r.full);
  print("card window", r.card);
  std::fflush(stdout);
  return r;
}

}  // namespace

int train_main(const std::vector<std::string>& arguments) {
  if (tools::Options(arguments).value("--trait") == "face") return train_face(arguments);
  const Options o = parse("train", arguments);
  if (o.sweep.empty()) {
    train(o, nets::Experiment::read(o.config), o.out);
    return 0;
  }
  const int failed = nets::run_sweep(nets::read_sweep(o.sweep), o.out, [&](const nets::Trial& trial, const std::filesystem::path& folder) {
    std::printf("trial %s\n", trial.name.c_str());
    return train(o, trial.experiment, folder);
  });
  if (failed > 0) std::fprintf(stderr, "touchstone bio train: %d trials failed; their messages stand in %s\n", failed, (o.out / "sweep.sqlite").c_str());
  return failed > 0 ? 1 : 0;
}

int cache_main(const std::vector<std::string>& arguments) {
  const Options o = parse("cache", arguments);
  touches_of(o, nets::Experiment::read(o.config));
  return 0;
}

}  // namespace touchstone::bio
