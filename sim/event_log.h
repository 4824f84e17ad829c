// events.jsonl: every event of a run, in order, with its SHA-256. Times are relative to the scenario's time zero, so the
// lines before it (power-on, enrolment) are kept back until it is known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event.h"
#include "crypto/sha256.h"

namespace touchstone::sim {

class EventLog : public EventSink {
 public:
  using Observer = std::function<void(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields)>;

  void receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) override;
  /// Called for every event, with absolute times.
  void observe(Observer observer) { observers_.push_back(std::move(observer)); }
  /// Where the card's program stands when it causes an event: its lines get `pc`, and `caller` for an address inside the
  /// call it is in. Nothing for events the program did not cause at once.
  struct Origin {
    std::uint32_t pc, caller;
  };
  void set_origin(std::function<std::optional<Origin>()> origin) { origin_ = std::move(origin); }
  /// Every pc and caller of the log.
  const std::set<std::uint32_t>& addresses() const { return addresses_; }
  /// Fixes time zero; from now on lines are final.
  void set_zero(std::int64_t time_ns);
  std::int64_t zero_ns() const { return zero_ns_; }
  /// The file's content.
  std::string text() const;
  /// Writes the file and returns its SHA-256 in hex. Throws std::runtime_error when the disk refuses.
  std::string write(const std::string& path);
  /// More events than any scenario makes (2,000,000): the rest was dropped, and the run cannot pass.
  bool overflowed() const { return overflowed_; }

 private:
  struct Line {
    std::int64_t time_ns;
    std::string rest;  // everything after the time
  };
  std::vector<Line> lines_;
  std::vector<Observer> observers_;
  std::function<std::optional<Origin>()> origin_;
  std::set<std::uint32_t> addresses_;
  std::int64_t zero_ns_ = 0;
  bool overflowed_ = false;
};

}  // namespace touchstone::sim
