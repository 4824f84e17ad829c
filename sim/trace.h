// Trace: the run as a timeline that ui.perfetto.dev loads (Trace Event Format, JSON).
//
// Times count from the bench's power-on, which is when enrolment begins, because viewers know no negative ones; time zero is
// where the phase "scenario" begins. The same run makes the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "ble/sniffer.h"
#include "power/energy_meter.h"

namespace touchstone::sim {

class Trace {
 public:
  /// Feed with every event of the log, absolute time.
  void observe(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields);
  /// From `time_ns` on the part draws this power.
  void power(std::string_view part, std::int64_t time_ns, double power_uw);
  /// What is only known after the run.
  void packets(const models::Sniffer& sniffer);
  void energy(const models::EnergyMeter& meter);

  /// trace.json; what is open ends at `end_ns`. Throws std::runtime_error when the disk refuses.
  void write(const std::string& path, std::int64_t end_ns) const;

 private:
  struct Track {
    const char* process;
    std::string name;
  };
  enum class Shape : std::uint8_t { kSlice, kInstant, kCounter };
  struct Entry {
    std::int64_t time_ns;
    std::int64_t duration_ns;  // slices; kOpen: until the end of the run
    std::uint32_t track;
    Shape shape;
    std::string name;
    std::string arguments;  // inside of a JSON object
  };
  static constexpr std::int64_t kOpen = -1;

  std::uint32_t track(const char* process, std::string_view name);
  /// A slice ends the one before it on its track.
  void begin(std::uint32_t track, std::int64_t time_ns, std::string name, std::string arguments = {});
  void end(std::uint32_t track, std::int64_t time_ns, std::string_view more_arguments = {});
  void instant(std::uint32_t track, std::int64_t time_ns, std::string name, std::string arguments = {});
  void add(Entry entry);

  std::vector<Track> tracks_;
  std::map<std::string, std::uint32_t, std::less<>> track_numbers_;
  std::map<std::uint32_t, std::size_t> open_;  // by track: index of its open slice
  std::vector<Entry> entries_;
};

}  // namespace touchstone::sim
