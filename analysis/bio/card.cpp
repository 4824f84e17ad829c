// `touchstone bio card`: what a touch costs on the card's processor, from its picture to the secret.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "commands.h"
#include "contract/registers.h"
#include "revision.h"
#include "tools/mcu_program.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

constexpr double kGoal_ms = 700;
constexpr std::uint64_t kArenaGoal_bytes = 128 * 1024, kWeightsGoal_bytes = 256 * 1024;

double ms(std::uint64_t cycles) { return 1e3 * static_cast<double>(cycles) / static_cast<double>(contract::kClockHz); }

struct Part {
  std::uint64_t cycles = 0, stack_bytes = 0, work_bytes = 0;
};

struct Measured {
  std::map<std::string, Part> parts;
  std::uint64_t products_a_touch = 0, products_of_projection = 0, weights_bytes = 0;

  const Part& of(const std::string& name) const {
    const auto at = parts.find(name);
    if (at == parts.end()) throw std::runtime_error("the card's program says nothing of " + name);
    return at->second;
  }
};

struct CostModel {
  unsigned multiply, flash_wait;  // cycles
  std::string name() const { return "MUL " + std::to_string(multiply) + ", flash wait " + std::to_string(flash_wait); }
};
// What the goal is of, and the model of the card in scenarios (models/mcu/README.md).
constexpr CostModel kModels[] = {{3, 2}, {1, 0}};

/// What guest/card.cpp prints under a cycle model.
Measured run_guest(const CostModel& model) {
  Measured out;
  const std::string options = "--max-instructions 0 --multiply-cycles " + std::to_string(model.multiply) + " --flash-wait " + std::to_string(model.flash_wait);
  for (const auto& line : tools::mcu_lines(tools::output_of_mcu_program("bio_card.elf", options))) {
    const auto& n = line.numbers;
    if (line.name == "numbers" && n.size() == 6) {
      out.products_a_touch = n[3];
      out.products_of_projection = n[4];
      out.weights_bytes = n[5];
    } else if (n.size() == 5) {
      out.parts[line.name] = {n[0], n[3], n[4]};
    } else {
      throw std::runtime_error("the card's program says: " + line.text);
    }
  }
  return out;
}

}  // namespace

int card_main(const std::vector<std::string>& arguments) {
  tools::Options options(arguments);
  const auto json = options.output("--json");
  options.finish();
  const Measured m = run_guest(kModels[0]), fast = run_guest(kModels[1]);
  const auto total_ms = [](const Measured& measured) { return ms(measured.of("vector-from-picture").cycles + measured.of("secret-from-vector").cycles); };
  const std::uint64_t work = std::max(m.of("vector-from-picture").work_bytes, m.of("secret-from-vector").work_bytes);

  std::printf("a sensor full of ridges and as many minutiae as the card describes; %.0f MHz, models/mcu: ALU 1, load and store 2, taken branch 3 cycles and\n"
              "%-22s %22s   %22s\n%-22s %10s %11s   %10s %11s %8s\n",
              contract::kClockHz / 1e6, "", kModels[0].name().c_str(), kModels[1].name().c_str(), "", "cycles", "ms", "cycles", "ms", "stack");
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const char* name : {"analysis", "sampling", "network", "projection", "vector-from-picture", "secret-from-vector"}) {
    const Part& part = m.of(name);
    const std::uint64_t fast_cycles = fast.of(name).cycles;
    std::printf("%-22s %10llu %11.1f   %10llu %11.1f %8llu\n", name, static_cast<unsigned long long>(part.cycles), ms(part.cycles),
                static_cast<unsigned long long>(fast_cycles), ms(fast_cycles), static_cast<unsigned long long>(part.stack_bytes));
    rows.push_back({{"part", name}, {"cycles", part.cycles}, {"ms", ms(part.cycles)}, {"cycles_mul_1_no_wait", fast_cycles}, {"stack_bytes", part.stack_bytes}, {"work_bytes", part.work_bytes}});
  }
  const auto a_product = [](std::uint64_t cycles, std::uint64_t products) { return static_cast<double>(cycles) / static_cast<double>(products); };
  const double network = a_product(m.of("network").cycles, m.products_a_touch), projection = a_product(m.of("projection").cycles, m.products_of_projection);
  const bool reached = total_ms(m) <= kGoal_ms && work <= kArenaGoal_bytes && m.weights_bytes <= kWeightsGoal_bytes;
  std::printf("network: %.2f M products at most, %.2f cycles each, those with a zero left out; projection: %.0f k, %.2f\n", static_cast<double>(m.products_a_touch) / 1e6,
              network, static_cast<double>(m.products_of_projection) / 1e3, projection);
  std::printf("secret from picture: %.1f ms of %.0f (%s: %.1f); work area %llu KB of %llu; weights %llu KB of %llu: %s\n", total_ms(m), kGoal_ms, kModels[1].name().c_str(), total_ms(fast),
              static_cast<unsigned long long>(work / 1024), static_cast<unsigned long long>(kArenaGoal_bytes / 1024), static_cast<unsigned long long>(m.weights_bytes / 1024),
              static_cast<unsigned long long>(kWeightsGoal_bytes / 1024), reached ? "reached" : "not reached");
  if (json) {
    const nlohmann::ordered_json report = {{"version", 2}, {"git_revision", kGitRevision}, {"clock_hz", contract::kClockHz}, {"multiply_cycles", kModels[0].multiply},
                                           {"flash_wait_cycles", kModels[0].flash_wait}, {"goal_ms", kGoal_ms}, {"reached", reached}, {"total_ms", total_ms(m)},
                                           {"total_ms_mul_1_no_wait", total_ms(fast)}, {"work_bytes", work}, {"weights_bytes", m.weights_bytes},
                                           {"network_products", m.products_a_touch}, {"network_cycles_a_product", network}, {"projection_products", m.products_of_projection},
                                           {"projection_cycles_a_product", projection}, {"parts", rows}};
    tools::write_file(*json, report.dump(2) + "\n");
  }
  return reached ? 0 : 1;
}

}  // namespace touchstone::bio
