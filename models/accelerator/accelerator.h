// Accelerator: the secp256k1 core behind a SecpPort as a TLM-2.0 target of the card, in its power domain. The core takes no
// operand while it is busy, so START runs it to its end at once and the outcome is held back until its true time: the
// same registers at the same virtual times as a core clocked in step, at the speed of a plain C++ loop.
#pragma once

#include <systemc.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/event.h"
#include "base/seed.h"
#include "bus/ports.h"
#include "bus/register_block.h"
#include "rtl/secp_port.h"

namespace touchstone::models {

class Accelerator : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  /// Off until power_on(). `events` and `energy` may be null. Energy states: "off", "idle", "busy".
  /// `entropy` stands for the card's random number generator behind the core's own port.
  Accelerator(sc_core::sc_module_name name, sc_core::sc_time clock_period, IrqSink& irq, Random entropy, EventSink* events = nullptr,
              EnergyPort* energy = nullptr);

  void power_on() override;
  /// Ends a running operation without a result and wipes the core.
  void power_off() override;

  /// Another core behind the registers than the Verilated one; before power_on().
  void set_core(std::unique_ptr<rtl::SecpPort> core);
  /// Why the core does not answer any more; empty while all is well. A core that fails pauses the simulation.
  std::string fault() const { return core_->fault(); }
  /// For a test bench: the scalar (big-endian) of every multiplication, when it starts.
  std::function<void(std::uint32_t op, const ByteArray<32>& scalar)> on_multiply;
  std::string core_name() const { return core_->name(); }
  /// For a test bench: everything the core holds; empty where nobody can see it.
  Bytes core_state() const { return core_->state_bytes(); }

  bool busy() const { return busy_; }
  /// Clock cycles of all operations that ended, since construction.
  std::uint64_t total_cycles() const { return total_cycles_; }
  std::uint64_t operations() const { return operations_; }

 private:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;
  void start(std::uint32_t op, sc_core::sc_time now);
  /// Ends the operation if its time has come: a temporally decoupled initiator may ask before the event fires.
  void settle(sc_core::sc_time now);
  void update_irq();
  /// Pauses the simulation when the core has failed: whoever started it looks at fault().
  void watch_core();
  void energy_state(const char* state, sc_core::sc_time at);

  std::unique_ptr<rtl::SecpPort> core_;
  Random entropy_;
  std::array<ByteArray<32>, 4> slots_{};  // as they were written; kept only for on_multiply
  sc_core::sc_time clock_period_;
  IrqSink& irq_;
  EventSink* events_;
  EnergyPort* energy_;
  sc_core::sc_event done_event_;

  bool powered_ = false;
  bool busy_ = false;
  bool line_ = false;
  bool lost_ = false;  // the core failed
  sc_core::sc_time done_at_;
  std::uint32_t op_ = 0;
  std::uint64_t cycles_ = 0;
  std::uint32_t intr_state_while_busy_ = 0;  // what software sees until done_at_; the core itself is already done
  std::uint64_t total_cycles_ = 0;
  std::uint64_t operations_ = 0;
};

}  // namespace touchstone::models
