// BareMcu: core, flash, RAM, timer, interrupt controller and test-bench window on one bus - the smallest machine that runs a
// program. The card is this and its parts.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "bus/memory.h"
#include "bus/router.h"
#include "mcu/cpu.h"
#include "mcu/elf_image.h"
#include "mcu/peripherals.h"

namespace touchstone::models {

/// SystemC elaborates once in a process: make one BareMcu, and power it off and on for the next program.
class BareMcu : public sc_core::sc_module {
 public:
  explicit BareMcu(sc_core::sc_module_name name, sc_core::sc_time clock_period = default_clock_period());
  static sc_core::sc_time default_clock_period();  ///< 1 / contract::kClockHz

  Memory flash, ram;
  Cpu cpu;
  Timer timer;
  InterruptController intc;
  SimControl simctl;
  Router bus;

  void set_event_sink(EventSink* sink);
  /// Erases the flash, copies the program and sets the reset vector to its entry point, so that programs linked for RAM run
  /// too. Power must be off. Returns an error sentence or nothing.
  std::string load(const ElfImage& image);
  void power_on();
  void power_off();

  /// Ends run() with kKilled.
  void kill();

  enum class End { kExit, kLockup, kInstructionLimit, kAsleepForever, kKilled };
  struct Outcome {
    End end;
    std::uint32_t exit_code;  ///< meaningful for kExit
    sc_core::sc_time simulated;  ///< power on to the end
  };
  /// Power on and run to the end. The power stays on: registers, counters and RAM are readable until power_off().
  Outcome run();

 private:
  bool powered_ = false;
  bool killed_ = false;
  std::optional<std::uint32_t> exit_code_;
  sc_core::sc_time end_time_;
};

class Profiler;

struct McuRunOptions {
  std::string elf_path;
  std::uint64_t max_instructions = 0;  ///< 0: no limit
  std::function<void(char)> on_character;
  std::optional<std::uint16_t> gdb_port;  ///< the program waits there for a debugger; 0: any free port
  std::function<void(const std::string&)> on_gdb;  ///< lines for a person: where to connect, who came and went
  CycleModel cycle_model = {};
  bool with_accelerator = false;          ///< the secp block answers, with its interrupt line
  Profiler* profiler = nullptr;           ///< switched on for the whole run
};
struct McuRunResult {
  std::string error;  ///< not empty: the program could not be loaded; nothing below is meaningful
  BareMcu::End end = BareMcu::End::kExit;
  std::uint32_t exit_code = 0;
  std::uint64_t instructions = 0, cycles = 0;
  std::int64_t simulated_time_ns = 0;
  double wall_time_s = 0;
  std::string where;  ///< for an end other than kExit: what the core was doing, for a person
};
/// Runs one program on a BareMcu made for it: once in a process, from sc_main.
McuRunResult run_bare_mcu(const McuRunOptions& options);

}  // namespace touchstone::models
