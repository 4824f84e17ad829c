#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "codes.h"
#include "contract/registers.h"
#include "revision.h"
#include "tools/mcu_program.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using Json = nlohmann::ordered_json;

/// Secret from vector.
constexpr double kGoal_ms = 100;

struct Call {
  std::string name;
  std::uint64_t cycles, instructions, stack_bytes, work_bytes;
};

/// What guest/codes.cpp prints.
std::vector<Call> run_guest() {
  std::vector<Call> calls;
  for (const auto& line : tools::mcu_lines(tools::output_of_mcu_program("bio_codes.elf", "--max-instructions 0"))) {
    const auto& n = line.numbers;
    if (n.size() != 5) throw std::runtime_error("the card's program says: " + line.text);
    calls.push_back({line.name, n[0], n[2], n[3], n[4]});
  }
  if (calls.empty()) throw std::runtime_error("the card's program says nothing");
  return calls;
}

}  // namespace

int measure_codes_on_card(const std::string& json) {
  bool reached = true;
  Json rows = Json::array();
  std::printf("the card at %.0f MHz; goal: secret from vector within %.0f ms\n%-46s %10s %9s %8s %8s\n", contract::kClockHz / 1e6, kGoal_ms, "", "cycles",
              "ms", "stack", "work");
  for (const Call& call : run_guest()) {
    const double ms = 1e3 * static_cast<double>(call.cycles) / static_cast<double>(contract::kClockHz);
    const bool judged = call.name.starts_with("regenerate");
    reached = reached && (!judged || ms <= kGoal_ms);
    std::printf("%-46s %10llu %9.1f %8llu %8llu%s\n", call.name.c_str(), static_cast<unsigned long long>(call.cycles), ms,
                static_cast<unsigned long long>(call.stack_bytes), static_cast<unsigned long long>(call.work_bytes),
                judged && ms > kGoal_ms ? "  above the goal" : "");
    rows.push_back({{"call", call.name}, {"cycles", call.cycles}, {"ms", ms}, {"instructions", call.instructions}, {"stack_bytes", call.stack_bytes},
                    {"work_bytes", call.work_bytes}});
  }
  if (!json.empty()) {
    const Json report = {{"version", 1}, {"git_revision", kGitRevision}, {"clock_hz", contract::kClockHz}, {"goal_ms", kGoal_ms},
                         {"reached", reached}, {"calls", rows}};
    tools::write_file(json, report.dump(2) + "\n");
  }
  return reached ? 0 : 1;
}

}  // namespace touchstone::bio
