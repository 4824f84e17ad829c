#include "mcu/profiler.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "contract/registers.h"
#include "mcu/cpu.h"
#include "power/energy_meter.h"

namespace touchstone::models {

namespace {

// V x uA / Hz = uJ for each cycle.
double energy_uj(std::uint64_t cycles) {
  const EnergyTable::Part& mcu = EnergyTable::built_in().parts.find("mcu")->second;
  return mcu.supply_v * mcu.state_ua.find("run")->second / contract::kClockHz * static_cast<double>(cycles);
}

nlohmann::ordered_json with_cost(nlohmann::ordered_json json, const Profiler::Cost& cost) {
  json["cycles"] = cost.cycles;
  json["instructions"] = cost.instructions;
  json["energy_uj"] = energy_uj(cost.cycles);
  return json;
}

}  // namespace

void Profiler::before_instruction(Cpu& cpu) {
  pc_ = cpu.iss().pc();
  before_ = {cpu.iss().cycles(), cpu.iss().instructions()};
}

// The entry of an interrupt or trap counts for the instruction it came at.
void Profiler::after_instruction(Cpu& cpu) {
  costs_[pc_].add({cpu.iss().cycles() - before_.cycles, cpu.iss().instructions() - before_.instructions});
}

SourceLines::Place Profiler::place(std::uint32_t pc) const {
  for (const SourceLines& source : sources_)
    if (auto found = source.at(pc)) {
      if (found->function.empty()) found->function = "(unknown)";
      return *found;
    }
  return {"", 0, "(unknown)"};
}

std::vector<Profiler::Function> Profiler::functions() const {
  std::map<std::string, Cost> by_name;
  for (const auto& [pc, cost] : costs_) by_name[place(pc).function].add(cost);
  std::vector<Function> result;
  for (const auto& [name, cost] : by_name) result.push_back({name, cost});
  std::stable_sort(result.begin(), result.end(), [](const Function& a, const Function& b) { return a.cost.cycles > b.cost.cycles; });
  return result;
}

std::vector<Profiler::Line> Profiler::lines() const {
  std::map<std::tuple<std::string, int, std::string>, Cost> by_place;
  for (const auto& [pc, cost] : costs_) {
    const SourceLines::Place p = place(pc);
    by_place[{p.file, p.line, p.function}].add(cost);
  }
  std::vector<Line> result;
  for (const auto& [key, cost] : by_place) result.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), cost});
  std::stable_sort(result.begin(), result.end(), [](const Line& a, const Line& b) { return a.cost.cycles > b.cost.cycles; });
  return result;
}

Profiler::Cost Profiler::total() const {
  Cost sum;
  for (const auto& [pc, cost] : costs_) sum.add(cost);
  return sum;
}

std::string Profiler::json() const {
  nlohmann::ordered_json json;
  json["version"] = 1;
  json["clock_hz"] = contract::kClockHz;
  json = with_cost(std::move(json), total());
  json["functions"] = nlohmann::ordered_json::array();
  for (const Function& f : functions()) json["functions"].push_back(with_cost({{"function", f.name}}, f.cost));
  json["lines"] = nlohmann::ordered_json::array();
  for (const Line& l : lines()) json["lines"].push_back(with_cost({{"file", l.file}, {"line", l.line}, {"function", l.function}}, l.cost));
  return json.dump(1) + "\n";
}

std::string Profiler::table(std::size_t count) const {
  const Cost all = total();
  std::string text;
  const auto row = [&](const Cost& cost, const std::string& what) {
    char figures[96];
    std::snprintf(figures, sizeof figures, "%6.2f %%  %14llu  %14llu  %11.3f  ", all.cycles == 0 ? 0.0 : 100.0 * static_cast<double>(cost.cycles) / static_cast<double>(all.cycles),
                  static_cast<unsigned long long>(cost.cycles), static_cast<unsigned long long>(cost.instructions), energy_uj(cost.cycles));
    text += figures + what + "\n";
  };
  const std::string head = "   share          cycles    instructions    energy_uj  ";
  text += head + "function\n";
  row(all, "(all)");
  const auto by_function = functions();
  for (std::size_t i = 0; i < std::min(count, by_function.size()); ++i) row(by_function[i].cost, by_function[i].name);
  text += head + "line\n";
  const auto by_line = lines();
  for (std::size_t i = 0; i < std::min(count, by_line.size()); ++i)
    row(by_line[i].cost, (by_line[i].file.empty() ? "?" : by_line[i].file) + ":" + std::to_string(by_line[i].line) + "  " + by_line[i].function);
  return text;
}

}  // namespace touchstone::models
