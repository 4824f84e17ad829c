// Cpu: the Iss as a SystemC module with a TLM-2.0 initiator socket, temporal decoupling, interrupts, sleep and power.
#pragma once

#include <systemc.h>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/event.h"
#include "bus/ports.h"
#include "mcu/cpu_monitor.h"
#include "mcu/iss.h"

namespace touchstone::models {

/// The hart's interrupt inputs, as Timer and InterruptController see them.
class HartInterrupts {
 public:
  virtual ~HartInterrupts() = default;
  virtual void set_interrupt(Interrupt line, bool level) = 0;
};

/// Runs ahead of SystemC time by at most the quantum and never past the next pending SystemC event, so that an event at
/// time t is seen at the first instruction boundary at or after t, whatever the quantum. Every access outside memory is
/// made at its exact time (sc_time_stamp(), delay 0). A clock edge grid starts at power_on().
///
/// sc_start(duration) ends at a time that is no event: a test bench that acts between two calls uses advance() instead.
class Cpu : public sc_core::sc_module, public Powered, public HartInterrupts, private IssBus {
 public:
  Cpu(sc_core::sc_module_name name, sc_core::sc_time clock_period);

  tlm_utils::simple_initiator_socket<Cpu> socket;

  void set_quantum(sc_core::sc_time quantum) { quantum_ = quantum; }  ///< default 100 us
  void set_event_sink(EventSink* sink) { sink_ = sink; }              ///< mcu.trap; may be null
  void set_energy(EnergyPort* port) { energy_ = port; }               ///< "run", "sleep", "off"; may be null
  void set_reset_vector(std::uint32_t address) { reset_vector_ = address; }  ///< default contract::kResetVector
  /// The core executes nothing more until the next power_on(); during a bus access, nothing after that instruction.
  void stop();
  /// The core stops when so many instructions have retired since power_on(); 0: no limit.
  void set_instruction_limit(std::uint64_t instructions) { instruction_limit_ = instructions; }
  /// Outlives the core's run. Monitors change no time and no event.
  void add_monitor(CpuMonitor& monitor) { monitors_.push_back(&monitor); }
  /// Memory as the core's bus knows it, for a debugger: false for anything that is not memory, whose reading could have effects.
  bool peek(std::uint32_t address, MutableBytes out);
  bool poke(std::uint32_t address, Bytes in);
  /// Called when the core stops by itself: lock-up (README) or instruction limit.
  std::function<void()> on_halt;

  void power_on() override;   ///< starts at the reset vector
  void power_off() override;  ///< registers and CSRs are lost at once
  void set_interrupt(Interrupt line, bool level) override;

  enum class State { kOff, kActive, kSleep, kStopped, kLockup, kInstructionLimit };
  State state() const { return state_; }
  /// Since power_on(). Exact when the core is not running: between sc_start() calls they may be ahead by one quantum.
  std::uint64_t instructions() const { return started() ? iss_.instructions() : 0; }
  std::uint64_t cycles() const { return started() ? iss_.cycles() : 0; }
  /// The instruction whose access is on the bus right now, or that traps right now; nothing at any other time. What is
  /// emitted while it is set was caused by that instruction; it does not depend on the quantum.
  std::optional<std::uint32_t> access_pc() const { return access_pc_; }
  /// Registers and CSRs, for a debugger or a test.
  Iss& iss() { return iss_; }
  sc_core::sc_time clock_period() const { return clock_period_; }

 private:
  void start_of_simulation() override;
  void thread();
  void settle();
  void run_slice();
  Iss::Stop run_hart();
  void sleep();
  void halt(State state);
  bool started() const { return running_generation_ == power_generation_; }
  bool runs() const;
  void wait_until(sc_core::sc_time time);
  void enter_state(State state);
  sc_core::sc_time local_time() const;
  std::uint64_t cycles_at(sc_core::sc_time time) const;
  std::uint64_t limit_cycles() const;
  bool memory_at(std::uint32_t address, tlm::tlm_dmi& dmi);
  bool debug_access(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data, std::size_t size_bytes);
  bool transport(tlm::tlm_command command, std::uint32_t address, unsigned size_bytes, std::uint8_t* data);
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

  bool read(std::uint32_t address, unsigned size_bytes, std::uint32_t& value) override;
  bool write(std::uint32_t address, unsigned size_bytes, std::uint32_t value) override;
  void trapped(Exception cause, std::uint32_t pc, std::uint32_t value) override;

  sc_core::sc_time clock_period_;
  sc_core::sc_time quantum_{100, sc_core::SC_US};
  Iss iss_;
  std::uint32_t reset_vector_ = contract::kResetVector;
  EventSink* sink_ = nullptr;
  EnergyPort* energy_ = nullptr;
  std::uint64_t instruction_limit_ = 0;
  std::optional<std::uint32_t> access_pc_;
  std::vector<CpuMonitor*> monitors_;

  State state_ = State::kOff;
  std::uint64_t power_generation_ = 0;  // counts power_on(): a core that was switched meanwhile has nothing left to finish
  std::uint64_t running_generation_ = 0;
  sc_core::sc_time epoch_;         // power_on()
  sc_core::sc_time sync_time_;     // the virtual time ...
  std::uint64_t sync_cycles_ = 0;  // ... at which the hart had spent so many cycles, since when it has not slept
  bool settled_ = true;
  std::uint64_t slice_limit_ = 0;
  bool stepping_ = false;  // a monitor wants every instruction
  tlm::tlm_generic_payload payload_;
  sc_core::sc_event power_changed_, interrupt_changed_;
};

/// sc_start(duration) whose end is a border that no Cpu runs past.
void advance(sc_core::sc_time duration);

}  // namespace touchstone::models
