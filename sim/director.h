// The director carries out a scenario's steps in virtual time and judges its expectations. It knows events and actions,
// not the models: the world performs.
#pragma once

#include <systemc.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario.h"

namespace touchstone::sim {

struct Verdict {
  bool pass = false;
  std::string reason;  ///< the first unmet expectation with its time and file:line; empty for pass
  /// What was unmet, for programs: an event that is missing, forbidden but happened, late, or awaited by a step never carried out.
  enum class Unmet { kNothing, kMissing, kForbidden, kLate, kStep, kOther } unmet = Unmet::kNothing;
  EventPattern pattern{};
  std::optional<std::int64_t> at_ns{};  ///< of the forbidden or late event
};

/// How one expectation ended.
struct ExpectationOutcome {
  std::string text, place;
  bool never = false, met = false;
  std::int64_t count = 1, seen = 0;
  std::optional<std::int64_t> within_ns, reached_ns;
};

class Director : public sc_core::sc_module {
 public:
  using Perform = std::function<void(const Action&)>;

  Director(sc_core::sc_module_name name, const Scenario& scenario, EventSink& events, Perform perform);

  /// Steps begin now: this is time zero.
  void start();
  /// Feed with every event, absolute time. Events before start() are not looked at.
  void observe(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields);
  /// Notified when there is nothing more to wait for (after settling), at the latest at the scenario's timeout.
  const sc_core::sc_event& finished() const { return finished_; }
  Verdict verdict() const;
  std::vector<ExpectationOutcome> outcomes() const;

 private:
  struct Tally {
    std::int64_t seen = 0;
    std::optional<std::int64_t> reached_ns;  // when `count` was reached; for `never`: first sighting
  };
  void run();
  void watch();
  bool satisfied() const;
  std::int64_t since_zero_ns() const;

  const Scenario& scenario_;
  EventSink& events_;
  Perform perform_;
  std::vector<Tally> tallies_;
  bool started_ = false;
  std::int64_t zero_ns_ = 0;
  std::size_t next_step_ = 0;
  const EventPattern* armed_ = nullptr;
  std::string broken_;  // something no scenario expects unless it says so: the firmware or the wallet's program ended
  std::string broken_event_;
  std::int64_t broken_at_ns_ = 0;
  bool broken_expected_ = false;
  sc_core::sc_event start_, matched_, progress_, finished_;
};

/// "1.234567 s"
std::string show_time(std::int64_t time_ns);

}  // namespace touchstone::sim
