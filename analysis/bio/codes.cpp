// What codes can do on vectors drawn from a model, for the choice of code, length and list before any finger is at hand.
#include "codes.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/seed.h"
#include "codes/code_offset.h"
#include "metrics/rate.h"
#include "commands.h"
#include "revision.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using codes::at;
using codes::CodeChoice;
using Json = nlohmann::ordered_json;

struct Model {
  std::vector<CodeChoice> codes;
  std::vector<int> lists = {8, 32};
  std::vector<double> correlations = {0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9};
  int dimensions = 0;
  int fingers = 1;
  int right = 1;
  bool any_order = false;
  int trials = 500;
  std::uint64_t seed = 1;
};

template <typename Number>
Number number(std::string_view option, std::string_view text, Number low, Number high) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || !(out >= low && out <= high))
    throw tools::UsageError(std::string(option) + ": bad value '" + std::string(text) + "'");
  return out;
}

template <typename Each>
void for_each_part(std::string_view text, const Each& each) {
  while (true) {
    const std::size_t comma = text.find(',');
    each(text.substr(0, comma));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

std::string name_of(const CodeChoice& code) {
  char buffer[CodeChoice::kMaxNameLength];
  return std::string(code.name(buffer));
}

CodeChoice code_of(std::string_view name) {
  const auto code = CodeChoice::parse(name);
  if (!code) throw tools::UsageError(std::string(name) + ": " + code.error().what);
  return *code;
}

/// Components of standard deviation 32, as a whitened vector has them.
std::vector<std::int8_t> to_vector(const std::vector<double>& values) {
  std::vector<std::int8_t> out;
  for (const double v : values) out.push_back(static_cast<std::int8_t>(std::clamp(std::lround(32 * v), -127L, 127L)));
  return out;
}

struct Cell {
  int opened = 0;
  int wrong = 0;  ///< opened with another root than the enrolled one: never
};

Cell run(const Model& options, const CodeChoice& code, int dimensions, int list_size, double correlation) {
  Cell cell;
  std::vector<std::uint32_t> work(codes::regenerate_work_bytes(code, dimensions, options.fingers, list_size) / 4 + 1);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
  const double rest = std::sqrt(1 - correlation * correlation);
  for (int trial = 0; trial < options.trials; ++trial) {
    // The same fingers for every code of that size.
    Random random = SeedTree(options.seed).child(static_cast<std::uint64_t>(trial)).stream("vectors");
    std::vector<std::vector<std::int8_t>> enrolled, probes;
    for (int f = 0; f < options.fingers; ++f) {
      std::vector<double> a(static_cast<std::size_t>(dimensions)), b(a.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = random.normal();
        const double noise = random.normal();
        b[i] = f < options.right ? correlation * a[i] + rest * noise : noise;
      }
      enrolled.push_back(to_vector(a));
      probes.push_back(to_vector(b));
    }
    const std::vector<codes::Vector> fingers(enrolled.begin(), enrolled.end());
    std::vector<codes::Vector> probe(probes.begin(), probes.end());
    if (options.any_order) std::reverse(probe.begin(), probe.end());
    ByteArray<32> randomness;
    random.fill(randomness);
    codes::HelperData helper;
    Secret<32> root, again;
    const auto made = codes::enrol(fingers, {code, options.any_order, true}, randomness, area, helper, root);
    if (!made) throw tools::UsageError(name_of(code) + ": " + made.error().what);
    codes::RegenerateOptions regeneration;
    regeneration.list_size = list_size;
    if (!codes::regenerate(probe, helper, regeneration, area, again)) continue;
    ++(equal_constant_time(root.expose(), again.expose()) ? cell.opened : cell.wrong);
  }
  return cell;
}

Model parse(tools::Options& options) {
  Model model;
  const std::string names = options.value("--codes").value_or(
      "polar-256-20,polar-256-24,polar-512-20,polar-512-24,polar-512-32,polar-1024-24,polar-1024-40,bch-511-31,bch-1023-46");
  for_each_part(names, [&](std::string_view part) { model.codes.push_back(code_of(part)); });
  if (const auto lists = options.value("--list")) {
    model.lists.clear();
    for_each_part(*lists, [&](std::string_view part) { model.lists.push_back(number("--list", part, 1, codes::PolarListDecoder::kMaxList)); });
  }
  if (const auto correlations = options.value("--correlations")) {
    model.correlations.clear();
    for_each_part(*correlations, [&](std::string_view part) { model.correlations.push_back(number("--correlations", part, 0.0, 1.0)); });
  }
  model.dimensions = static_cast<int>(options.number("--dimensions", 64, 1024).value_or(0));
  model.fingers = static_cast<int>(options.number("--fingers", 1, codes::kMaxFingers).value_or(1));
  model.right = static_cast<int>(options.number("--right", 0, at(model.fingers)).value_or(at(model.fingers)));
  model.any_order = options.flag("--any-order");
  model.trials = static_cast<int>(options.number("--trials", 1, 1'000'000).value_or(500));
  model.seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  return model;
}

}  // namespace

int codes_main(const std::vector<std::string>& arguments) {
  tools::Options options(arguments);
  const std::string json = options.output("--json").value_or("");
  if (options.flag("--card")) {
    options.finish();
    return measure_codes_on_card(json);
  }
  const Model model = parse(options);
  options.finish();
  Json rows = Json::array();
  std::printf("opened records in %%, %d trials each, %d of %d fingers right%s\n%-14s %5s %4s %9s %5s", model.trials, model.right, model.fingers,
              model.any_order ? ", any order" : "", "code", "d'", "list", "bits left", "");
  for (const double r : model.correlations) std::printf(" %6.2f", r);
  std::printf("\n");
  for (const CodeChoice& code : model.codes) {
    const int dimensions = model.dimensions != 0 ? model.dimensions
                                                 : static_cast<int>(std::bit_ceil(code.n * 1U) / std::bit_ceil(model.fingers * 1U));
    const double bits_left = code.bits_left_q8(dimensions * model.fingers) / 256.0;
    const bool polar = code.family == codes::CodeFamily::kPolar;
    for (const int list_size : model.lists) {
      if (!polar && list_size != model.lists[0]) continue;  // has none
      std::printf("%-14s %5d %4s %9.1f %5s", name_of(code).c_str(), dimensions, polar ? std::to_string(list_size).c_str() : "-", bits_left,
                  bits_left < 0 ? "weak" : "");
      for (const double correlation : model.correlations) {
        const Cell cell = run(model, code, dimensions, list_size, correlation);
        if (cell.wrong != 0) throw std::runtime_error("a record opened with a wrong root");
        const metrics::Rate opened{static_cast<std::uint64_t>(cell.opened), static_cast<std::uint64_t>(model.trials)};
        const metrics::Interval interval = metrics::wilson(opened);
        std::printf(" %6.1f", 100 * opened.value());
        std::fflush(stdout);
        Json row = {{"code", name_of(code)}, {"n_bits", code.n}, {"k_bits", code.k}, {"dimensions", dimensions}, {"bits_left", bits_left}};
        row["list_size"] = polar ? Json(list_size) : Json();
        row["correlation"] = correlation;
        row["trials"] = model.trials;
        row["opened"] = cell.opened;
        row["opened_fraction"] = opened.value();
        row["interval_95"] = {interval.low, interval.high};
        rows.push_back(row);
      }
      std::printf("\n");
    }
  }
  if (!json.empty()) {
    const Json report = {{"version", 1}, {"seed", model.seed}, {"git_revision", kGitRevision}, {"fingers", model.fingers},
                         {"right", model.right}, {"any_order", model.any_order}, {"results", rows}};
    tools::write_file(json, report.dump(2) + "\n");
  }
  return 0;
}

}  // namespace touchstone::bio
