#include "nets/trainer.h"

#include <dlfcn.h>
#include <torch/cuda.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/check.h"
#include "nets/bad_input.h"
#include "nets/files.h"
#include "nets/network.h"
#include "nets/optimiser.h"
#include "nets/progress.h"
#include "nets/quantise.h"
#include "prints/population.h"

namespace touchstone::nets {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

Json to_json(const Figures& f) {
  return {{"eer", f.eer}, {"fnmr_at_fmr_1e2", f.fnmr_1e2}, {"enrolled", f.enrolled}, {"enrolled_eer", f.enrolled_eer}, {"enrolled_fnmr_at_fmr_1e2", f.enrolled_fnmr_1e2}, {"failures", f.failures}};
}

Figures figures_from(const Json& j) {
  return {j.at("eer"), j.at("fnmr_at_fmr_1e2"), j.at("enrolled_eer"), j.at("enrolled_fnmr_at_fmr_1e2"), j.at("enrolled"), j.at("failures")};
}

/// What an earlier call left in the folder, where it came to the end; throws BadInput where that was another training.
std::optional<TrainingResult> finished(const TrainingOptions& options) {
  const std::filesystem::path file = options.out / "weights.tsnt";
  if (!std::filesystem::exists(file)) return std::nullopt;
  const Weights w = Weights::read(file);
  if (w.configuration_hash != options.experiment.hash || w.generator_hash != prints::population_hash() || w.front_end_hash != options.front_end_hash) {
    throw BadInput(file.string() + ": of another experiment, generator or front end; remove it or give another --out");
  }
  try {
    const Json log = Json::parse(read_whole(options.out / "weights.json"));
    TrainingResult r;
    r.finished = true;
    r.step = static_cast<int>(w.step);
    r.proxy_loss = log.at("losses").at("proxy");
    r.minutia_loss = log.at("losses").at("minutia");
    r.full = figures_from(log.at("figures").at("full"));
    r.card = figures_from(log.at("figures").at("card"));
    r.seconds = log.at("seconds");
    r.patches_per_s = log.at("patches_per_s");
    return r;
  } catch (const Json::exception&) {
    throw BadInput((options.out / "weights.json").string() + ": not the log of a training");
  }
}

class Training {
 public:
  Training(const TrainingOptions& options, const TouchSet& touches)
      : options_(options), experiment_(options.experiment), touches_(touches), device_(options.device), network_(experiment_.architecture, SeedTree(experiment_.seed).child("weights")) {
    fingers_ = training_fingers(touches, 0, static_cast<std::uint32_t>(experiment_.data.training()));
    if (static_cast<int>(fingers_.size()) < experiment_.optimiser.fingers) throw BadInput("only " + std::to_string(fingers_.size()) + " fingers have two touches with three minutiae: too few for a batch");
    network_.to(device_);
    const std::int64_t identities = static_cast<std::int64_t>(fingers_.size()) * 2;  // as they are and mirrored
    proxies_ = uniform_tensor({identities, experiment_.architecture.dimensions}, 0.1, SeedTree(experiment_.seed).stream("proxies"), torch::kFloat32).to(device_).set_requires_grad(true);
    for (const Parameter& p : network_.parameters()) optimiser_.add(p.name, p.value, 1, experiment_.optimiser.weight_decay);
    optimiser_.add("proxies", proxies_, experiment_.optimiser.proxy_factor, 0);
    if (file_of(Weights::Kind::kWeights).serialise().size() + whitening_bytes() > Weights::kMostBytes) throw BadInput("the weights of this architecture would be larger than 4 MB");
  }

  TrainingResult run() {
    const auto begin = Clock::now();
    resume();
    Progress progress("steps", options_.show_progress);
    const int ready = step_, steps = experiment_.optimiser.steps;
    while (step_ < steps && (options_.stop_at == 0 || step_ < options_.stop_at)) {
      one_step();
      progress.step(step_, ready, steps, note_);
      if (step_ % experiment_.schedule.log_every == 0 || step_ == steps) log_losses();
      if (step_ % experiment_.schedule.evaluate_every == 0 && step_ != steps) log_figures(kQuickTouches);
      // What is logged so far belongs to the checkpoint: a resumed run drops what came after it.
      if (step_ % experiment_.schedule.checkpoint_every == 0 && step_ != steps) save_checkpoint();
    }
    if (step_ == steps) {
      result_.seconds = since(begin);
      finish();
    } else if (step_ % experiment_.schedule.log_every == 0) {
      save_checkpoint();
    }
    result_.step = step_;
    result_.seconds = since(begin);
    return result_;
  }

 private:
  // Every touch is held against every other: 4000 make 8 million comparisons.
  static constexpr std::size_t kQuickTouches = 800, kMostTouches = 4000;

  std::filesystem::path file(const char* name) const { return options_.out / name; }
  std::size_t whitening_bytes() const { return static_cast<std::size_t>(experiment_.architecture.dimensions) * static_cast<std::size_t>(experiment_.whitening.dimensions + 4) * sizeof(float); }

  Weights file_of(Weights::Kind kind) const {
    Weights w;
    w.kind = kind;
    w.architecture = experiment_.architecture;
    w.seed = experiment_.seed;
    w.step = static_cast<std::uint64_t>(step_);
    w.generator_hash = prints::population_hash();
    w.front_end_hash = options_.front_end_hash;
    w.configuration_hash = experiment_.hash;
    for (const Parameter& p : network_.parameters()) {
      if (kind == Weights::Kind::kCheckpoint || !p.name.starts_with("temperature.")) w.tensors.push_back(to_tensor(p.name, p.value));
    }
    return w;
  }

  void save_checkpoint() {
    Weights w = file_of(Weights::Kind::kCheckpoint);
    w.tensors.push_back(to_tensor("proxies", proxies_));
    for (const Optimiser::Entry& e : optimiser_.entries()) {
      w.tensors.push_back(to_tensor("mean/" + e.name, e.mean));
      w.tensors.push_back(to_tensor("square/" + e.name, e.square));
    }
    write_whole(file("log.jsonl"), log_);
    write_whole(file("checkpoint.tsnt"), w.serialise());
  }

  void resume() {
    if (!std::filesystem::exists(file("checkpoint.tsnt"))) return;
    const std::string name = file("checkpoint.tsnt").string();
    const Weights w = Weights::read(name);
    if (w.kind != Weights::Kind::kCheckpoint) throw BadInput(name + ": not a checkpoint");
    if (w.configuration_hash != experiment_.hash) throw BadInput(name + ": of another experiment; remove it or give another --out");
    if (w.generator_hash != prints::population_hash() || w.front_end_hash != options_.front_end_hash) throw BadInput(name + ": of another generator or front end; remove it or give another --out");
    w.require(experiment_.architecture, name);
    for (const Parameter& p : network_.parameters()) assign(w.tensor(p.name), p.value);
    assign(w.tensor("proxies"), proxies_);
    for (Optimiser::Entry& e : optimiser_.entries()) {
      assign(w.tensor("mean/" + e.name), e.mean);
      assign(w.tensor("square/" + e.name), e.square);
    }
    step_ = static_cast<int>(w.step);
    // The log may be one checkpoint ahead, never behind.
    std::istringstream lines(read_whole(file("log.jsonl")));
    for (std::string line; std::getline(lines, line);) {
      const Json entry = Json::parse(line, nullptr, false);
      if (!entry.is_object() || !entry.contains("step") || entry["step"].get<int>() > step_) break;
      log_ += line + "\n";
    }
  }

  void one_step() {
    const auto begin = Clock::now();
    const Experiment::Optimiser& settings = experiment_.optimiser;
    const Batch batch = training_batch(experiment_, touches_, fingers_, step_);
    optimiser_.clear_gradients();
    const Losses l = losses(network_, proxies_, batch, experiment_.loss);
    l.total.backward();
    constexpr double kMostGradient = 1;
    optimiser_.clip_gradients(kMostGradient);
    const OneCycle cycle = OneCycle::at(step_, settings.steps, settings.warm_up);
    ++step_;
    optimiser_.update(step_, cycle.rate * settings.learning_rate, cycle.momentum);
    sums_.proxy += l.proxy.item<double>();
    sums_.minutia += l.minutia.item<double>();
    sums_.pairs += static_cast<double>(batch.first.size());
    sums_.patches += batch.minutiae();
    sums_.seconds += since(begin);
    ++sums_.steps;
    if (!std::isfinite(sums_.proxy + sums_.minutia)) throw BadInput("the loss is no number any more at step " + std::to_string(step_) + ": a smaller learning rate may help");
  }

  void append(const Json& line) {
    log_ += line.dump() + "\n";
    write_whole(file("log.jsonl"), log_);
  }

  void log_losses() {
    const double n = sums_.steps;
    result_.proxy_loss = sums_.proxy / n;
    result_.minutia_loss = sums_.minutia / n;
    result_.patches_per_s = sums_.patches / sums_.seconds;
    append({{"step", step_}, {"proxy", sums_.proxy / n}, {"minutia", sums_.minutia / n}, {"pairs", sums_.pairs / n}, {"patches", sums_.patches / n}, {"patches_per_s", std::round(result_.patches_per_s)}});
    std::ostringstream note;
    note.precision(3);
    note << ", losses " << result_.proxy_loss << " and " << result_.minutia_loss;
    note_ = note.str();
    sums_ = {};
  }

  /// Vectors of the touches of fingers [first, end), as many from the first on as `most` allows.
  Rows embed(int first, int end, bool card, std::size_t most) const {
    const torch::NoGradGuard guard;
    Rows rows{experiment_.architecture.dimensions, {}, {}, {}};
    Batch batch;
    const auto flush = [&] {
      if (batch.touches == 0) return;
      const Tensor v = to_tensor("", network_.forward(batch).vectors);
      rows.values.insert(rows.values.end(), v.values.begin(), v.values.end());
      batch = {};
    };
    const auto impressions = static_cast<std::uint32_t>(experiment_.data.impressions);
    for (std::size_t i = 0; i < touches_.touches().size() && rows.size() < most; ++i) {
      const Touch& touch = touches_.touches()[i];
      if (touch.finger < static_cast<std::uint32_t>(first) || touch.finger >= static_cast<std::uint32_t>(end)) continue;
      append_touch(batch, touch, experiment_.augmentation.most_minutiae, {card, experiment_.augmentation.card_shift_px, SeedTree(experiment_.seed).child("window").child(i)});
      rows.finger.push_back(touch.finger);
      rows.impression.push_back(static_cast<std::uint32_t>(i % impressions));
      if (batch.touches == 64) flush();
    }
    flush();
    return rows;
  }

  /// Statistics of full pictures and of the card's windows in equal parts.
  Population learn(std::size_t most) const {
    const int first = experiment_.data.training(), end = first + experiment_.data.statistics;
    Rows rows = embed(first, end, false, most);
    const Rows card = embed(first, end, true, most);
    rows.values.insert(rows.values.end(), card.values.begin(), card.values.end());
    rows.finger.insert(rows.finger.end(), card.finger.begin(), card.finger.end());
    rows.impression.insert(rows.impression.end(), card.impression.begin(), card.impression.end());
    return learn_population(rows, experiment_.whitening);
  }

  Population log_figures(std::size_t most) {
    Population population = learn(most);
    const int first = experiment_.data.training() + experiment_.data.statistics;
    result_.full = figures_of(population.whitened(embed(first, experiment_.data.fingers, false, most)));
    result_.card = figures_of(population.whitened(embed(first, experiment_.data.fingers, true, most)));
    append({{"step", step_}, {"full", to_json(result_.full)}, {"card", to_json(result_.card)}});
    return population;
  }

  /// Some touches of the statistics' fingers.
  Batch calibration() const {
    constexpr int kTouches = 60;
    Batch batch;
    const auto first = static_cast<std::uint32_t>(experiment_.data.training());
    for (const Touch& touch : touches_.touches()) {
      if (touch.finger >= first && batch.touches < kTouches) append_touch(batch, touch, experiment_.augmentation.most_minutiae, {});
    }
    return batch;
  }

  void finish() {
    const Population population = log_figures(kMostTouches);
    Weights w = file_of(Weights::Kind::kWeights);
    const auto d = static_cast<std::uint32_t>(population.dimensions), kept = static_cast<std::uint32_t>(population.kept());
    w.whitened = kept;
    w.tensors.push_back({"population.mean", {d}, population.mean});
    w.tensors.push_back({"population.whitening", {kept, d}, population.whitening});
    w.tensors.push_back({"population.variance", {kept}, population.variance});
    w.tensors.push_back({"population.reliability", {kept}, population.reliability});
    w.tensors.push_back(activation_levels(w, calibration()));
    const std::string bytes = w.serialise();
    if (fits_card(w.architecture, w.whitened)) write_whole(file("weights.tsq"), quantise(w));
    Json log;
    log["command"] = options_.command;
    log["weights_sha256"] = digest_of(bytes);
    log["bytes"] = bytes.size();
    log["seed"] = experiment_.seed;
    log["configuration_hash"] = experiment_.hash;
    log["generator_hash"] = w.generator_hash;
    log["front_end_hash"] = w.front_end_hash;
    log["configuration"] = Json::parse(experiment_.text);
    log["touches"] = touches_.touches().size();
    log["training_fingers"] = fingers_.size();
    log["losses"] = {{"proxy", result_.proxy_loss}, {"minutia", result_.minutia_loss}};
    log["figures"] = {{"full", to_json(result_.full)}, {"card", to_json(result_.card)}};
    log["threads"] = options_.threads;
    log["device"] = options_.device;
    log["libtorch"] = torch_version();
    log["seconds"] = std::round(result_.seconds * 10) / 10;
    log["patches_per_s"] = std::round(result_.patches_per_s);
    write_whole(file("weights.json"), log.dump(2) + "\n");
    write_whole(file("weights.tsnt"), bytes);  // last: its presence says that all is done
    std::filesystem::remove(file("checkpoint.tsnt"));
    result_.finished = true;
  }

  const TrainingOptions& options_;
  const Experiment& experiment_;
  const TouchSet& touches_;
  torch::Device device_;
  Network network_;
  torch::Tensor proxies_;
  Optimiser optimiser_;
  std::vector<TrainingFinger> fingers_;
  int step_ = 0;
  struct {
    double proxy = 0, minutia = 0, pairs = 0, patches = 0, seconds = 0;
    int steps = 0;
  } sums_;
  std::string log_, note_;
  TrainingResult result_;
};

}  // namespace

void use_threads(int threads) {
  torch::set_num_threads(threads);
  if (auto* set = reinterpret_cast<void (*)(int)>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(threads);
}

std::string torch_version() { return TORCH_VERSION; }

void require_device(const std::string& device) {
  if (device == "cpu") return;
  if (device != "cuda") throw BadInput("--device: cpu or cuda, not " + device);
  if (!torch::cuda::is_available()) throw BadInput("--device cuda: this LibTorch has no CUDA or there is no such device; use cpu");
}

TrainingResult train(const TrainingOptions& options, const TouchSet& touches) {
  require_device(options.device);
  use_threads(options.threads);
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) throw BadInput(options.out.string() + ": cannot be made");
  const FolderLock lock(options.out, false);
  if (const auto result = finished(options)) return *result;
  return Training(options, touches).run();
}

}  // namespace touchstone::nets
