// CpuMonitor: who watches a core while it runs - a debugger, a profiler. Costs one call a slice unless it asks for more.
#pragma once

namespace touchstone::models {

class Cpu;

/// All calls come from the core's own process. A call may block the host: virtual time stands still meanwhile. It may reset the
/// core; the core then begins anew when the call has returned.
class CpuMonitor {
 public:
  virtual ~CpuMonitor() = default;
  /// Before each slice of at most a quantum. True: the slice is run one instruction at a time, with the calls below.
  virtual bool begin_slice(Cpu&) = 0;
  /// Before and after each instruction or trap entry of such a slice. An access outside memory happens in between.
  virtual void before_instruction(Cpu&) {}
  virtual void after_instruction(Cpu&) {}
  /// The core locked up and will not run again without a reset.
  virtual void locked_up(Cpu&) {}
};

}  // namespace touchstone::models
