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

/// What guest/card.cpp prints.
Measured run_guest() {
  Measured out;
  for (const auto& line : tools::mcu_lines(tools::output_of_mcu_program("bio_card.elf", "--max-instructions 0"))) {
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
  const auto json = options.value("--json");
  options.finish();
  const Measured m = run_guest();
  const std::uint64_t total = m.of("vector-from-picture").cycles + m.of("secret-from-vector").cycles;
  const std::uint64_t work = std::max(m.of("vector-from-picture").work_bytes, m.of("secret-from-vector").work_bytes);

  std::printf("a sensor full of ridges and the most minutiae that the card describes: nothing costs more; %.0f MHz, cycles of models/mcu\n%-22s %10s %8s %8s\n",
              contract::kClockHz / 1e6, "", "cycles", "ms", "stack");
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const char* name : {"analysis", "sampling", "network", "projection", "vector-from-picture", "secret-from-vector"}) {
    const Part& part = m.of(name);
    std::printf("%-22s %10llu %8.1f %8llu\n", name, static_cast<unsigned long long>(part.cycles), ms(part.cycles), static_cast<unsigned long long>(part.stack_bytes));
    rows.push_back({{"part", name}, {"cycles", part.cycles}, {"ms", ms(part.cycles)}, {"stack_bytes", part.stack_bytes}, {"work_bytes", part.work_bytes}});
  }
  const auto a_product = [](std::uint64_t cycles, std::uint64_t products) { return static_cast<double>(cycles) / static_cast<double>(products); };
  const double network = a_product(m.of("network").cycles, m.products_a_touch), projection = a_product(m.of("projection").cycles, m.products_of_projection);
  const bool reached = ms(total) <= kGoal_ms && work <= kArenaGoal_bytes && m.weights_bytes <= kWeightsGoal_bytes;
  std::printf("network: %.2f M products, %.2f cycles each; projection: %.0f k, %.2f\n", static_cast<double>(m.products_a_touch) / 1e6, network,
              static_cast<double>(m.products_of_projection) / 1e3, projection);
  std::printf("secret from picture: %.1f ms of %.0f; work area %llu KB of %llu; weights %llu KB of %llu: %s\n", ms(total), kGoal_ms,
              static_cast<unsigned long long>(work / 1024), static_cast<unsigned long long>(kArenaGoal_bytes / 1024), static_cast<unsigned long long>(m.weights_bytes / 1024),
              static_cast<unsigned long long>(kWeightsGoal_bytes / 1024), reached ? "reached" : "not reached");
  if (json) {
    const nlohmann::ordered_json report = {{"version", 1}, {"git_revision", kGitRevision}, {"clock_hz", contract::kClockHz}, {"goal_ms", kGoal_ms}, {"reached", reached},
                                           {"total_ms", ms(total)}, {"work_bytes", work}, {"weights_bytes", m.weights_bytes},
                                           {"network_products", m.products_a_touch}, {"network_cycles_a_product", network}, {"projection_products", m.products_of_projection},
                                           {"projection_cycles_a_product", projection}, {"parts", rows}};
    tools::write_file(*json, report.dump(2) + "\n");
  }
  return reached ? 0 : 1;
}

}  // namespace touchstone::bio
