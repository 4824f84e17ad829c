// touchstone rtl cpa: the digits from the unprotected core and from the protected one whose masks stand still, and not
// from the protected one.
#include <cstdio>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "cpa.h"
#include "cpa_plot.h"
#include "options.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Some ten seconds. The protected core gets many times what is enough for the other.
constexpr std::size_t kControlTraces = 100, kTraces = 1'000, kMaxTraces = 100'000;

CpaResult run(const CpaExperiment& experiment) {
  Cpa cpa(experiment);
  Progress progress(experiment.name() + ", cpa", 0, experiment.traces);
  for (std::size_t i = 0; i < experiment.traces; progress.step(++i)) cpa.collect();
  return cpa.attack();
}

bool as_expected(const CpaExperiment& e, const CpaResult& r) {
  return e.is_control() ? r.recovered() && r.leaks() : !r.leaks();
}

void print(const CpaExperiment& e, const CpaResult& r) {
  std::printf("k_p, %s\n  %zu traces, %zu cycles, %zu digits in %u windows: %zu right (%u bits)", e.name().c_str(),
              e.traces, r.cycles, r.digits.size(), e.windows, r.digits_right, r.bits_right);
  if (r.traces_needed != 0) std::printf(" from %zu traces on", r.traces_needed);
  const char* verdict = as_expected(e, r)
                            ? (e.is_control() ? "the control gives its digits, as it must" : "no better than guessing")
                            : (e.is_control() ? "THE CONTROL KEEPS ITS DIGITS" : "LEAK");
  std::printf(
      ": %s\n  threshold of chance %.3f over %zu correlations: exceeded for %zu digits; %zu of %zu guesses right, p = "
      "%.3g\n",
      verdict, r.threshold.back(), r.comparisons, r.beyond, r.ranked_right, r.ranked, r.p_value);
  if (r.scalar_found) std::printf("  the digits make up the whole scalar\n");
  std::printf("  %-7s %-5s %6s %6s %15s %16s %13s\n", "window", "half", "digit", "guess", "r of the digit",
              "r of best wrong", "traces needed");
  for (const DigitAttack& d : r.digits)
    std::printf("  %-7u %-5u %6d %6d %15.3f %16.3f %13s\n", d.window, d.half, d.right, d.best, d.right_correlation(),
                d.best_wrong_correlation(), d.traces_needed == 0 ? "-" : std::to_string(d.traces_needed).c_str());
}

Json json_of(const CpaExperiment& e, const CpaResult& r) {
  Json digits = Json::array();
  for (const DigitAttack& d : r.digits)
    digits.push_back({{"window", d.window},
                      {"half", d.half},
                      {"digit", d.right},
                      {"guess", d.best},
                      {"correlation", d.right_correlation()},
                      {"best_wrong_correlation", d.best_wrong_correlation()},
                      {"cycle", d.cycle},
                      {"traces_needed", d.traces_needed}});
  return {{"name", e.variant.name},
          {"random_off", e.random_off},
          {"traces", e.traces},
          {"noise_bits", e.noise},
          {"cycles", r.cycles},
          {"windows", e.windows},
          {"digits_attacked", r.digits.size()},
          {"digits_right", r.digits_right},
          {"bits_right", r.bits_right},
          {"traces_needed", r.traces_needed},
          {"whole_scalar", r.scalar_found},
          {"correlations", r.comparisons},
          {"threshold", r.threshold.back()},
          {"digits_beyond_threshold", r.beyond},
          {"guesses", r.ranked},
          {"guesses_right", r.ranked_right},
          {"p_value", r.p_value},
          {"control", e.is_control()},
          {"as_expected", as_expected(e, r)},
          {"digits", digits}};
}

}  // namespace

int cpa_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const fs::path out = options.value("--out").value_or("");
  const auto json = options.output("--json", out), variant = options.value("--variant"), windows = options.value("--windows");
  const auto traces = options.number("--traces", 10, kMaxTraces);
  const auto noise = static_cast<double>(options.number("--noise", 0, 300).value_or(0));
  const std::uint64_t seed = options.number("--seed", 0, std::numeric_limits<std::uint64_t>::max()).value_or(1);
  const bool random_off = options.flag("--random-off");
  options.finish();
  std::vector<CpaExperiment> experiments;
  if (variant || random_off)
    experiments = {{.variant = variant_named(variant.value_or("protected_64")), .random_off = random_off}};
  else
    experiments = {{.variant = variant_named("unprotected_64")},
                   {.variant = variant_named("protected_64"), .random_off = true},
                   {.variant = variant_named("protected_64")}};
  for (CpaExperiment& e : experiments) {
    if (e.variant.style == 2)
      throw UsageError("--variant: " + *variant + " has no windows; its bits need no statistics");
    const unsigned all = windows_of(e.variant);
    const std::optional<std::uint64_t> number = !windows ? e.windows : *windows == "all" ? all : parse_number(*windows);
    if (!number || *number < 1 || *number > all)
      throw UsageError("--windows: a number from 1 to " + std::to_string(all) + ", or all, not '" + *windows + "'");
    e.windows = static_cast<unsigned>(*number);
    e.traces = traces.value_or(e.is_control() ? kControlTraces : kTraces);
    e.noise = noise;
    e.seed = seed;
  }
  if (!out.empty()) fs::create_directories(out);

  bool pass = true;
  Json variants = Json::array();
  std::vector<CpaResult> results;
  for (const CpaExperiment& e : experiments) {
    const CpaResult& result = results.emplace_back(run(e));
    pass = pass && as_expected(e, result);
    print(e, result);
    std::fflush(stdout);
    variants.push_back(json_of(e, result));
  }
  if (!out.empty()) {
    std::vector<CpaPanel> panels;
    for (std::size_t i = 0; i < results.size(); ++i) panels.push_back({experiments[i].name(), &results[i]});
    write_file(out / "cpa.svg", plot(panels));
    std::printf("%s\n", (out / "cpa.svg").c_str());
  }
  if (json)
    write_file(*json, Json{{"version", 1}, {"pass", pass}, {"seed", seed}, {"variants", variants}}.dump(2) + "\n");
  return pass ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
