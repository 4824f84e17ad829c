#include "comparison.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "core.h"
#include "curve_host/host_curve.h"
#include "energy_table/energy_table.h"
#include "guest/operands.h"
#include "tools/mcu_program.h"

namespace touchstone::rtl_tools {

namespace {

using Json = nlohmann::json;
using crypto::Scalar;

constexpr const char* kNames[] = {"k_p", "k_g"};
constexpr std::uint64_t kBusAccessCycles = 2;  // a load or a store of the MCU model

/// One call as the card's program has printed it (guest/measure.h).
struct Call {
  std::uint64_t cycles, awake_cycles, instructions;
  Affine result;
  // By the driver.
  std::uint64_t writes = 0, reads = 0, while_busy = 0, start_to_awake_cycles = 0;
};
using Calls = std::vector<Call>;  // by scalar

/// The calls of one operation; throws std::runtime_error where the program has said something else.
Calls calls_of(const std::string& output, const std::string& operation) {
  constexpr std::size_t kSoftware = 3 + 16, kDriver = kSoftware + 4;
  Calls out;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, word;
    words >> name;
    if (name != operation) continue;
    std::vector<std::uint32_t> n;
    while (words >> word) {
      std::uint32_t value = 0;
      if (std::from_chars(word.data(), word.data() + word.size(), value, 16).ptr != word.data() + word.size())
        throw std::runtime_error("the card's program says: " + line);
      n.push_back(value);
    }
    if (n.size() != kSoftware && n.size() != kDriver) throw std::runtime_error("the card's program says: " + line);
    Call& call = out.emplace_back(Call{n[0], n[1], n[2], {}});
    for (std::size_t i = 0; i < 8; ++i) {
      store_be32(&call.result.x[4 * i], n[3 + i]);
      store_be32(&call.result.y[4 * i], n[11 + i]);
    }
    if (n.size() == kDriver)
      std::tie(call.writes, call.reads, call.while_busy, call.start_to_awake_cycles) =
          std::tie(n[19], n[20], n[21], n[22]);
  }
  if (out.size() != std::size(kScalars)) throw std::runtime_error("the card's program has ended early: " + output);
  return out;
}

bool right(const Calls& calls, int operation) {
  crypto::HostCurve curve;
  const crypto::Point base = curve.multiply_base(Scalar::from_bytes(kBaseScalar).value()).value();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const Scalar k = Scalar::from_bytes(kScalars[i]).value();
    const crypto::Point expected = (operation == 0 ? curve.multiply(k, base) : curve.multiply_base(k)).value();
    if (calls[i].result.x != expected.x || calls[i].result.y != expected.y) return false;
  }
  return true;
}

/// The row of a program on the card's processor; the longest call counts.
struct Row {
  const Call& longest;
  Json json;
};
Row row_of(const char* name, const char* operation, const Calls& calls, double clock_mhz) {
  const auto by_cycles = [](const Call& a, const Call& b) { return a.cycles < b.cycles; };
  const auto [least, most] = std::minmax_element(calls.begin(), calls.end(), by_cycles);
  return {*most,
          {{"name", name},
           {"operation", operation},
           {"cycles", most->cycles},
           {"least_cycles", least->cycles},
           {"all_scalars_equal", least->cycles == most->cycles},
           {"processor_awake_cycles", most->awake_cycles},
           {"instructions", most->instructions},
           {"time_us", static_cast<double>(most->cycles) / clock_mhz}}};
}

void print(const Json& row, const std::string& note) {
  const auto text = [&](const char* key) {
    return row.contains(key) ? std::to_string(row[key].get<std::uint64_t>()) : std::string();
  };
  std::printf("%-4s %-40s %9s %13s %11.1f", row["operation"].get<std::string>().c_str(),
              row["name"].get<std::string>().c_str(), text("cycles").c_str(), text("instructions").c_str(),
              row["time_us"].get<double>());
  if (row.contains("energy_uj")) std::printf(" %10.2f", row["energy_uj"].get<double>());
  std::printf("%s%s\n", note.empty() ? "" : "  ", note.c_str());
}

}  // namespace

bool compare(const Alone& alone, Json& out) {
  const auto& processor = models::EnergyTable::built_in().parts.at("mcu");
  const double processor_uj_per_cycle =
      processor.supply_v * processor.state_ua.at("run") / static_cast<double>(contract::kClockHz);
  Json rows = Json::array(), missing = Json::array();
  std::string software, driver;
  for (const auto& [text, elf] :
       {std::pair{&software, "secp_by_software.elf"}, std::pair{&driver, "secp_by_driver.elf"}}) {
    try {
      *text = tools::output_of_mcu_program(elf, "--with-accelerator");
    } catch (const tools::NotBuilt& reason) {
      missing.push_back(std::string(reason.what()) + (text == &software ? "; it needs npm as well" : ""));
    }
  }
  bool good = true;
  const auto add = [&](Json row, const std::string& note) {
    print(row, note);
    rows.push_back(std::move(row));
  };
  std::printf("side by side, the card's processor and the accelerator at %g MHz\n%-45s %9s %13s %11s %10s\n",
              alone.clock_mhz, "", "cycles", "instructions", "us", "uJ (est.)");
  for (int i = 0; i < 2; ++i) {
    add({{"name", "libsecp256k1, this host"}, {"operation", kNames[i]}, {"time_us", alone.host_us[i]}}, "");
    if (!software.empty()) {
      const Calls calls = calls_of(software, kNames[i]);
      good = good && right(calls, i);
      auto [longest, row] = row_of("libsecp256k1, the card's processor", kNames[i], calls, alone.clock_mhz);
      row["energy_uj"] = static_cast<double>(longest.cycles) * processor_uj_per_cycle;
      const auto spread = longest.cycles - row["least_cycles"].get<std::uint64_t>();
      add(row,
          spread == 0 ? "equal for all scalars" : "up to " + std::to_string(spread) + " cycles less for other scalars");
    }
    const auto core = static_cast<double>(alone.core_cycles[i]);
    add({{"name", "accelerator, the core alone"},
         {"operation", kNames[i]},
         {"cycles", alone.core_cycles[i]},
         {"time_us", core / alone.clock_mhz},
         {"energy_uj", core * alone.core_uj_per_cycle}},
        "");
    if (!driver.empty()) {
      const Calls calls = calls_of(driver, kNames[i]);
      good = good && right(calls, i);
      auto [longest, row] = row_of("accelerator behind the card's driver", kNames[i], calls, alone.clock_mhz);
      if (longest.start_to_awake_cycles < alone.core_cycles[i])
        throw std::runtime_error("touchstone-sim holds another core than this program: build both");
      // START itself counts with the interrupt.
      const std::uint64_t interrupt = longest.start_to_awake_cycles - alone.core_cycles[i];
      const std::uint64_t words = longest.writes + longest.reads - longest.while_busy - 1,
                          bus = kBusAccessCycles * words;
      const std::uint64_t rest = longest.cycles - longest.start_to_awake_cycles - bus;
      row["energy_uj"] =
          core * alone.core_uj_per_cycle + static_cast<double>(longest.awake_cycles) * processor_uj_per_cycle;
      row["core_cycles"] = alone.core_cycles[i];
      row["start_and_interrupt_cycles"] = interrupt;
      row["bus_cycles"] = bus;
      row["driver_cycles"] = rest;
      row["bus_writes"] = longest.writes;
      row["bus_reads"] = longest.reads;
      row["bus_accesses_while_busy"] = longest.while_busy;
      add(row, "= core " + std::to_string(alone.core_cycles[i]) + " + start, interrupt " + std::to_string(interrupt) +
                   " + bus " + std::to_string(bus) + " (" + std::to_string(words) + " words) + driver " +
                   std::to_string(rest) + "; " + std::to_string(longest.while_busy) + " words while the core computes");
    }
  }
  for (const Json& reason : missing) std::printf("left out: %s\n", reason.get<std::string>().c_str());
  if (!good)
    std::fprintf(stderr,
                 "touchstone rtl bench: a program on the card's processor has another result than libsecp256k1\n");
  out["comparison"] = rows;
  out["comparison_missing"] = missing;
  return good;
}

}  // namespace touchstone::rtl_tools
