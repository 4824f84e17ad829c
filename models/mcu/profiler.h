// Profiler: cycles and instructions of a core by program counter, told by source line and by function. While it is on, the core runs
// one instruction at a time (about ten times slower); virtual time and events stay what they are.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "mcu/cpu_monitor.h"
#include "mcu/source_lines.h"

namespace touchstone::models {

class Profiler : public CpuMonitor {
 public:
  /// Debug information of a program that runs there; the first that knows an address tells its place.
  void add_source(SourceLines lines) { sources_.push_back(std::move(lines)); }
  /// Off until switched on.
  void enable(bool on) { enabled_ = on; }

  struct Cost {
    std::uint64_t cycles = 0, instructions = 0;
    void add(const Cost& other) { cycles += other.cycles, instructions += other.instructions; }
  };
  struct Function {
    std::string name;  ///< "(unknown)" where neither symbol nor line is known
    Cost cost;
  };
  struct Line {
    std::string file;  ///< empty: no debug information
    int line;
    std::string function;
    Cost cost;
  };
  /// Most cycles first.
  std::vector<Function> functions() const;
  std::vector<Line> lines() const;
  Cost total() const;

  /// version, units in the keys; energy is that of the running core (models/power/energy.jsonc), nobody else's.
  std::string json() const;
  /// A table for a person: the `count` most expensive functions and lines.
  std::string table(std::size_t count) const;

  bool begin_slice(Cpu&) override { return enabled_; }
  void before_instruction(Cpu& cpu) override;
  void after_instruction(Cpu& cpu) override;

 private:
  SourceLines::Place place(std::uint32_t pc) const;

  bool enabled_ = false;
  std::uint32_t pc_ = 0;
  Cost before_;
  std::unordered_map<std::uint32_t, Cost> costs_;
  std::vector<SourceLines> sources_;
};

}  // namespace touchstone::models
