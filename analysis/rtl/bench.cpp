// touchstone rtl bench: what every operation takes, the same for every secret, with the right result; and software beside it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "checker.h"
#include "comparison.h"
#include "contract/registers.h"
#include "curve_host/host_curve.h"
#include "energy_table/energy_table.h"
#include "options.h"
#include "rtl/edge_scalars.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

using contract::secp::Op;
using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

/// Public operands vary too; a few show that their time does not.
constexpr std::size_t kPublicRuns = 16;

Operation operation(const OpInfo& op, const std::vector<Number>& scalars, std::size_t i, const Affine (&points)[4], const Number& factor) {
  Operation out;
  out.op = op.op;
  out.slots = {scalars[i], scalars[(7 * i + 3) % scalars.size()]};
  out.b = 1;
  out.d = 2;
  out.p = points[i % 4];
  out.q = points[(i / 4 + 1) % 4];
  if (op.op == Op::kSignN) out.p.x = factor;
  out.entropy_seed = i + 1000;
  return out;
}

/// Microseconds of one call, the fastest of several rounds.
template <typename Call>
double time_us(Call call) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    constexpr int kCalls = 100;
    const auto begin = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / kCalls);
  }
  return best;
}

Json measure_host() {
  HostCurve curve;
  Random random = SeedTree(3).stream("bench/host");
  const Scalar k = Scalar::from_bytes(random_scalar(random)).value();
  const Point p = curve.multiply_base(Scalar::from_bytes(random_scalar(random)).value()).value();
  return {{"library", "libsecp256k1"}, {"k_p_us", time_us([&] { (void)curve.multiply(k, p); })}, {"k_g_us", time_us([&] { (void)curve.multiply_base(k); })}};
}

double simulation_cycles_per_s() {
  Core core(rtl::kVariants[0]);
  Random random = SeedTree(3).stream("bench/speed");
  const Number k = random_scalar(random);
  const Affine p = point(random_scalar(random));
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    core.load_slot(0, k);
    core.load(p);
    const auto begin = Clock::now();
    const auto cycles = static_cast<double>(core.run(Op::kMul));
    best = std::max(best, cycles / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

}  // namespace

int bench_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const auto json = options.output("--json");
  const double clock_mhz = static_cast<double>(options.number("--clock", 1, 10'000).value_or(contract::kClockHz / 1'000'000));
  const std::size_t random_scalars = options.number("--scalars", 1, 10'000'000).value_or(1000);
  options.finish();

  const auto& power = models::EnergyTable::built_in().parts.at("accelerator");
  // The table's current is that at the card's clock; the dynamic power of CMOS goes with the clock, the energy of an operation does not.
  const double uj_per_cycle = power.supply_v * power.state_ua.at("busy") / static_cast<double>(contract::kClockHz);

  std::vector<Number> scalars = rtl::edge_scalars();
  Random random = SeedTree(1).stream("bench/scalars");
  for (std::size_t i = 0; i < random_scalars; ++i) random.fill(scalars.emplace_back());
  Affine points[4];
  for (Affine& p : points) p = point(random_scalar(random));
  Json operations = Json::array();
  bool good = true;
  std::printf("%-14s %-12s %5s %8s %10s %10s  %s\n", "operation", "mode", "digit", "cycles", "us", "uJ (est.)", "secret scalars");
  for (const rtl::Variant& variant : rtl::kVariants) {
    if (variant.style == 2) continue;  // weak on purpose
    Checker::References library;
    library.push_back(make_libsecp256k1());
    Checker checker(rtl::make_variant(variant), variant.style == 1, std::move(library));
    for (const OpInfo& op : kOps) {
      std::set<std::uint64_t> cycles;
      const bool secret_input = op.scalars > 0;
      const std::size_t runs = secret_input ? scalars.size() : kPublicRuns;
      for (std::size_t i = 0; i < runs; ++i) {
        const std::vector<std::string> wrong = checker.run(operation(op, scalars, i, points, random_scalar(random)));
        cycles.insert(checker.cycles());
        for (const std::string& text : wrong) std::fprintf(stderr, "touchstone rtl bench: %s of %s, scalar %zu: %s\n", op.name, variant.name, i, text.c_str());
        good = good && wrong.empty();
      }
      const bool equal = cycles.size() == 1;
      good = good && equal;
      const double count = cycles.empty() ? 0 : static_cast<double>(*cycles.rbegin());
      const char* mode = variant.style == 1 ? "protected" : "unprotected";
      Json entry = {{"name", op.name}, {"mode", mode}, {"digit_bits", variant.digit_bits}, {"cycles", static_cast<std::uint64_t>(count)},
                    {"time_us", count / clock_mhz}, {"energy_uj", count * uj_per_cycle}, {"secret_input", secret_input}};
      if (secret_input) entry["all_scalars_equal"] = equal;
      operations.push_back(entry);
      std::printf("%-14s %-12s %5d %8.0f %10.2f %10.3f  %s\n", op.name, mode, variant.digit_bits, count, count / clock_mhz, count * uj_per_cycle,
                  !equal ? "TIME VARIES" : secret_input ? (std::to_string(runs) + " equal").c_str() : "");
      std::fflush(stdout);
    }
  }
  const Json host = measure_host();
  const double simulation = simulation_cycles_per_s();
  std::printf("this host: libsecp256k1 k*P %.1f us, k*G %.1f us; simulation %.2f million cycles/s\n", host["k_p_us"].get<double>(), host["k_g_us"].get<double>(), simulation / 1e6);
  std::printf("energy: an estimate without a layout (models/power/energy.jsonc), %.0f pJ a cycle whatever the operation and the variant\n", uj_per_cycle * 1e6);
  const auto core_cycles = [&](const char* name) {
    return std::find_if(operations.begin(), operations.end(), [&](const Json& o) { return o["name"] == name && o["mode"] == "protected" && o["digit_bits"] == 64; })
        ->at("cycles").get<std::uint64_t>();
  };
  Json out = {{"version", 1},
              {"clock_mhz", clock_mhz},
              {"scalars", {{"edge", rtl::edge_scalars().size()}, {"random", random_scalars}}},
              {"energy_source", "estimate: models/power/energy.jsonc, accelerator.busy; the same for every operation and variant"},
              {"operations", operations},
              {"host", host},
              {"simulation_cycles_per_s", simulation}};
  good = compare({clock_mhz, {host["k_p_us"], host["k_g_us"]}, {core_cycles("k_p"), core_cycles("k_g")}, uj_per_cycle}, out) && good;
  if (json) write_file(*json, out.dump(2) + "\n");
  return good ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
