// touchstone rtl tvla: traces, verdicts, pictures; resumed and merged from checkpoints.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "checkpoint.h"
#include "options.h"
#include "plot.h"
#include "tvla.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using What = Experiment::What;

// About a minute of one core.
constexpr std::uint64_t kTraces = 2'000, kControlTraces = 200, kMaxTraces = 100'000'000;
constexpr const char* kSuffix = ".sums";

struct Plan {
  Experiment experiment;
  std::uint64_t traces;
};

struct Settings {
  Shard shard;
  fs::path out;  ///< empty: nothing is kept
  std::chrono::seconds checkpoint_period{5};
};

fs::path file_of(const fs::path& folder, const Experiment& e) { return folder / (e.slug() + kSuffix); }

/// What lies in `out` of this experiment, or a fresh start.
Checkpoint resume(const Tvla& tvla, const Settings& settings, std::uint64_t share) {
  const Checkpoint fresh = Checkpoint::begin(tvla, settings.shard);
  if (settings.out.empty()) return fresh;
  const fs::path path = file_of(settings.out, tvla.experiment());
  if (!fs::exists(path)) return fresh;
  Checkpoint found = Checkpoint::load(path);
  if (!found.same_experiment(fresh) || found.shard != settings.shard)
    throw std::runtime_error(path.string() + ": is of another seed, shard or core; remove it or name another --out");
  if (found.done > share) throw std::runtime_error(path.string() + ": has more traces already than are asked for");
  return found;
}

Checkpoint collect(Tvla& tvla, const Settings& settings, std::uint64_t traces) {
  const std::uint64_t share = settings.shard.share(traces);
  Checkpoint out = resume(tvla, settings, share);
  const auto keep = [&] {
    if (!settings.out.empty()) out.save(file_of(settings.out, tvla.experiment()));
  };
  Progress progress(tvla.experiment().name(), out.done, share);
  for (auto saved = Clock::now(); out.done < share;) {
    tvla.collect(settings.shard.index(out.done), out.sums);
    progress.step(++out.done);
    if (Clock::now() - saved >= settings.checkpoint_period) {
      keep();
      saved = Clock::now();
    }
  }
  keep();
  return out;
}

/// JSON knows no infinity.
double finite(double t) { return std::clamp(t, -std::numeric_limits<double>::max(), std::numeric_limits<double>::max()); }

/// The verdict of a whole experiment, in words, as a picture and as JSON.
class Report {
 public:
  explicit Report(fs::path out) : out_(std::move(out)) {}

  void add(const Tvla& tvla, const Checkpoint& whole) {
    const Experiment& e = tvla.experiment();
    const std::vector<PointInfo>& points = tvla.point_infos();
    const Verdict v = judge(whole.sums, points);
    const bool as_expected = v.confirmed.empty() != e.is_control();
    pass_ = pass_ && as_expected;
    std::printf("%s\n  %llu traces, %zu points, threshold %.2f, max |t| %.2f, confirmed points %zu: %s\n", e.name().c_str(), static_cast<unsigned long long>(v.traces),
                v.points, v.threshold, v.max_abs_t, v.confirmed.size(),
                as_expected ? (e.is_control() ? "the control leaks, as it must" : "no leak confirmed") : (e.is_control() ? "THE CONTROL DOES NOT LEAK" : "LEAK"));
    Json leaks = Json::array(), excluded = Json::array();
    std::map<std::string, std::pair<std::size_t, double>> leaking;  // block -> points, greatest |t|
    for (const Verdict::Leak& leak : v.confirmed) {
      auto& [count, greatest] = leaking[points[leak.cycle].block];
      ++count;
      greatest = std::max(greatest, std::abs(v.t[leak.cycle]));
      if (leaks.size() < 100)
        leaks.push_back({{"cycle", leak.cycle}, {"block", points[leak.cycle].block}, {"rom_address", points[leak.cycle].address}, {"t_first", finite(leak.t_first)}, {"t_second", finite(leak.t_second)}});
    }
    for (const auto& [block, found] : leaking) std::printf("  leaks in %s: %zu cycles, |t| up to %.1f\n", block.c_str(), found.first, found.second);
    if (!v.confirmed.empty()) std::printf("  first at cycle %zu, microcode address %d\n", v.confirmed[0].cycle, points[v.confirmed[0].cycle].address);
    std::string left_out;
    for (const Stretch& s : stretches(points)) {
      if (s.counts) continue;
      left_out += (left_out.empty() ? "" : ", ") + std::string(s.block) + " (" + std::to_string(s.cycles) + ")";
      excluded.push_back({{"block", s.block}, {"first_cycle", s.first}, {"cycles", s.cycles}});
    }
    std::printf("  left out, cycles: %s\n  second order, for information: max |t| %.2f, points beyond the threshold %zu\n", left_out.empty() ? "none" : left_out.c_str(),
                v.second_order_max_abs_t, v.second_order_points);
    variants_.push_back({{"name", e.name()},
                         {"traces", v.traces},
                         {"points", v.points},
                         {"threshold", v.threshold},
                         {"max_abs_t", finite(v.max_abs_t)},
                         {"confirmed_points", v.confirmed.size()},
                         {"control", e.is_control()},
                         {"as_expected", as_expected},
                         {"leaks", leaks},
                         {"excluded", excluded},
                         {"second_order", {{"max_abs_t", finite(v.second_order_max_abs_t)}, {"points_beyond", v.second_order_points}}}});
    if (out_.empty()) return;
    const fs::path picture = out_ / (e.slug() + ".svg");
    write_file(picture, plot(e.name(), v, points));
    std::printf("  %s\n", picture.c_str());
  }

  int finish(const std::optional<std::string>& json) const {
    if (json) write_file(*json, Json{{"version", 1}, {"pass", pass_}, {"variants", variants_}}.dump(2) + "\n");
    return pass_ ? 0 : 1;
  }

 private:
  fs::path out_;
  bool pass_ = true;
  Json variants_ = Json::array();
};

/// The set of a run without a choice: what must not leak, and what must.
std::vector<Plan> standard_set(std::optional<std::uint64_t> traces, std::uint64_t seed) {
  const rtl::Variant &core = variant_named("protected_64"), &plain = variant_named("unprotected_64"), &weak = variant_named("double_and_add_64");
  using contract::secp::Op;
  const std::uint64_t all = traces.value_or(kTraces), few = std::min(all, kControlTraces);
  std::vector<Plan> out = {{{core, Op::kMul, What::kPoint, false, seed}, all}};
  for (const Op op : {Op::kMul, Op::kMulBase, Op::kAddN, Op::kMulN, Op::kInvN, Op::kSignN}) out.push_back({{core, op, What::kScalar, false, seed}, all});
  for (const auto& [variant, random_off] : {std::pair{weak, false}, std::pair{plain, false}, std::pair{core, true}})
    out.push_back({{variant, Op::kMul, What::kScalar, random_off, seed}, few});
  return out;
}

int merge_folders(const std::vector<std::string>& folders, const Settings& settings, const std::optional<std::string>& json) {
  std::map<std::string, std::vector<Checkpoint>> by_file;
  for (const std::string& folder : folders) {
    if (!fs::is_directory(folder)) throw UsageError("--merge: " + folder + " is no folder");
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == kSuffix) by_file[entry.path().filename()].push_back(Checkpoint::load(entry.path()));
  }
  if (by_file.empty()) throw UsageError("--merge: no checkpoints (*" + std::string(kSuffix) + ") in these folders");
  Report report(settings.out);
  for (const auto& [file, shards] : by_file) {
    const Checkpoint whole = merge(shards);
    const Tvla tvla(whole.experiment);
    if (!whole.same_experiment(Checkpoint::begin(tvla, whole.shard))) throw std::runtime_error(file + ": is of another core than this program's");
    if (!settings.out.empty()) whole.save(file_of(settings.out, whole.experiment));
    report.add(tvla, whole);
  }
  return report.finish(json);
}

}  // namespace

int tvla_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  Settings settings;
  settings.out = options.value("--out").value_or("");
  const auto json = options.output("--json", settings.out);
  settings.checkpoint_period = std::chrono::seconds(options.number("--checkpoint-s", 0, 3600).value_or(5));
  const std::vector<std::string> folders = options.values("--merge");
  const auto prepare = [&] {
    options.finish();
    if (!settings.out.empty()) fs::create_directories(settings.out);
  };
  if (!folders.empty()) {
    prepare();
    return merge_folders(folders, settings, json);
  }

  const auto variant = options.value("--variant"), operation = options.value("--operation"), what = options.value("--what"), shard = options.value("--shard");
  const bool random_off = options.flag("--random-off");
  const auto traces = options.number("--traces", 1, kMaxTraces);
  rtl::Weights weights = rtl::kEqualWeights;
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::uint32_t>(options.number(std::string("--weight-") + rtl::kWatchedParts[i], 0, kMaxWeight).value_or(1));
  const std::uint64_t seed = options.number("--seed", 0, std::numeric_limits<std::uint64_t>::max()).value_or(1);
  if (shard) settings.shard = shard_of(*shard);
  if (shard && settings.out.empty()) throw UsageError("--shard needs --out");
  if (shard && json) throw UsageError("--json: a shard has no verdict; give it to --merge");
  std::vector<Plan> plans;
  if (variant || operation || what || random_off) {
    Experiment e{variant_named(variant.value_or("protected_64")), contract::secp::Op::kMul, What::kScalar, random_off, seed, weights};
    const auto assessed = std::find_if(std::begin(kAssessed), std::end(kAssessed), [&](const Assessed& a) { return operation.value_or("k_p") == a.name; });
    if (assessed == std::end(kAssessed)) throw UsageError("--operation: '" + *operation + "' is no operation with a secret input (touchstone rtl bench names them)");
    e.op = assessed->op;
    if (what && *what != "scalar" && *what != "point") throw UsageError("--what: scalar or point, not '" + *what + "'");
    if (what && *what == "point") e.what = What::kPoint;
    if (e.what == What::kPoint && e.op != contract::secp::Op::kMul) throw UsageError("--what point: of k_p alone, no other operation has a point that is masked");
    plans = {{e, traces.value_or(kTraces)}};
  } else {
    plans = standard_set(traces, seed);
    for (Plan& plan : plans) plan.experiment.weights = weights;
  }
  prepare();

  Report report(settings.out);
  for (const Plan& plan : plans) {
    Tvla tvla(plan.experiment);
    const Checkpoint done = collect(tvla, settings, plan.traces);
    if (settings.shard.of == 1) report.add(tvla, done);
    else std::printf("%s\n  shard %llu of %llu: %llu traces; --merge gives the verdict\n", plan.experiment.name().c_str(), static_cast<unsigned long long>(settings.shard.number),
                     static_cast<unsigned long long>(settings.shard.of), static_cast<unsigned long long>(done.done));
    std::fflush(stdout);
  }
  return settings.shard.of == 1 ? report.finish(json) : 0;
}

}  // namespace touchstone::rtl_tools
