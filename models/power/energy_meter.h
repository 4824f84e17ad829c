// EnergyMeter: integrates what every part draws, by firmware phase. Coefficients stand in energy.jsonc, each with its source.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/ports.h"
#include "energy_table/energy_table.h"

namespace touchstone::models {

/// Energy = supply voltage x charge. Plain IEEE + - * / in a fixed order: equal on every machine.
class EnergyMeter {
 public:
  static constexpr std::size_t kMaxVisits = 100'000;

  explicit EnergyMeter(EnergyTable table = EnergyTable::built_in());
  ~EnergyMeter();

  /// Called when a part draws another power from `at` on, and with the first power of every part when it is set.
  using Observer = std::function<void(std::string_view part, sc_core::sc_time at, double power_uw)>;
  void observe_power(Observer observer);

  /// The port of a part of the table; an unknown name is our bug. Lives as long as the meter.
  EnergyPort& part(std::string_view name);

  /// From `at` on the firmware is in `phase`; before the first call: "boot". Times of one caller do not go back. The guest
  /// decides how often this comes: from kMaxVisits visits on, all time is one visit of phase "merged".
  void set_phase(std::string_view phase, sc_core::sc_time at);
  /// Integrates everything up to `at`; call before reading results (may be called again later).
  void finish(sc_core::sc_time at);

  /// Forgets everything before `at`: accounts and files then begin there, in the phase of that moment.
  void start_over(sc_core::sc_time at);

  struct Row {
    std::string phase, part;
    double energy_uj;
    std::int64_t time_ns;  ///< spent in the phase
  };
  /// One row for each phase that was entered and each part, phases in the order they were first entered, parts by name.
  std::vector<Row> rows() const;
  double total_uj() const;
  /// What all parts together draw now, and have drawn up to `at` since the first moment; start_over() changes neither.
  double power_uw() const;
  double used_uj(sc_core::sc_time at) const;
  /// Called after every change of what a part draws, and after every pulse.
  std::function<void()> on_change;
  double phase_uj(std::string_view phase) const;
  double part_uj(std::string_view part) const;
  std::int64_t phase_ns(std::string_view phase) const;

  struct Visit {  ///< one stay in a phase
    std::string phase;
    std::uint64_t begin_ps;
    std::uint64_t end_ps;
    std::vector<double> energy_uj;  ///< by part, in the order of part_names()
  };
  /// All stays, in time order.
  const std::vector<Visit>& visits() const { return visits_; }
  std::vector<std::string> part_names() const;

  /// phase,part,energy_uj,time_ns; false when the file could not be written.
  [[nodiscard]] bool write_csv(const std::filesystem::path& path) const;
  /// start_ns,end_ns,phase,part,energy_uj: one block for each visit of a phase, in time order.
  [[nodiscard]] bool write_timeline_csv(const std::filesystem::path& path) const;

 private:
  class Port;
  void charge(std::size_t part, std::uint64_t from_ps, std::uint64_t to_ps, double power_uw);

  EnergyTable table_;
  std::vector<std::unique_ptr<Port>> ports_;  // in the order of the table
  std::vector<Visit> visits_;
  double used_uj_ = 0;
  Observer observer_;
};

}  // namespace touchstone::models
