// CoreTools: what a person attaches to the card's processor for one run - a debugger, a profile. Neither changes an event.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "card/card.h"

namespace touchstone::models {
class GdbServer;
class Profiler;
}  // namespace touchstone::models

namespace touchstone::sim {

/// The debugger ended the run.
struct Killed : std::exception {
  const char* what() const noexcept override { return "killed by the debugger; there is no outcome"; }
};

class CoreTools {
 public:
  /// `gdb_port`: the card waits there for a debugger when its power comes on (0: any free port). `profile_file`: not empty, the run
  /// is profiled from time zero on. Throws InputError when the port is taken or the file cannot be written.
  CoreTools(models::Card& card, std::optional<std::uint16_t> gdb_port, const std::string& profile_file);
  ~CoreTools();

  void at_time_zero();
  /// The debugger said so: simulated time stands still, and the run has no outcome.
  bool killed() const { return killed_; }
  /// Says good-bye to the debugger and writes the profile; throws std::runtime_error when the disk refuses.
  void finish();

 private:
  bool killed_ = false;
  std::unique_ptr<models::GdbServer> gdb_;
  std::unique_ptr<models::Profiler> profiler_;
  std::string profile_file_;
};

}  // namespace touchstone::sim
