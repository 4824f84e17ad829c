// DeferredCalls: what a temporally decoupled CPU did at its local time happens at that virtual time. Pins and chip selects
// reach parts that look at the kernel's clock, so a register write must not move them early.
#pragma once

#include <systemc.h>

#include <deque>
#include <functional>

namespace touchstone::models {

class DeferredCalls : public sc_core::sc_module {
 public:
  explicit DeferredCalls(sc_core::sc_module_name name);

  /// Runs `call` at absolute time `when` (not before the kernel's time). Calls run in the order of their times; calls of
  /// one time run in the order they were given.
  void at(sc_core::sc_time when, std::function<void()> call);
  /// Forgets what has not run yet.
  void clear();

 private:
  struct Entry {
    sc_core::sc_time when;
    std::function<void()> call;
  };
  void run_due();
  std::deque<Entry> entries_;
  sc_core::sc_event due_;
};

}  // namespace touchstone::models
