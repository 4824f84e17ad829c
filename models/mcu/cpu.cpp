#include "mcu/cpu.h"

#include <algorithm>

#include "base/check.h"
#include "bus/time.h"
#include "contract/events.h"
#include "contract/registers.h"

namespace touchstone::models {

using sc_core::sc_time;

Cpu::Cpu(sc_core::sc_module_name name, sc_time clock_period)
    : sc_module(name), socket("socket"), clock_period_(clock_period), iss_(*this) {
  TS_CHECK(clock_period > sc_core::SC_ZERO_TIME, "the clock period is zero");
  socket.register_invalidate_direct_mem_ptr(this, &Cpu::invalidate_direct_mem_ptr);
  SC_HAS_PROCESS(Cpu);
  SC_THREAD(thread);
}

void Cpu::start_of_simulation() {
  const auto size_bytes = [](const tlm::tlm_dmi& dmi) { return dmi.get_end_address() - dmi.get_start_address() + 1; };
  tlm::tlm_dmi flash, ram, rom;
  TS_CHECK(memory_at(contract::kFlashBase, flash) && memory_at(contract::kRamBase, ram), "flash and RAM must grant DMI to the CPU");
  iss_.map_rom(contract::kFlashBase, Bytes(flash.get_dmi_ptr(), size_bytes(flash)));
  iss_.map_ram(contract::kRamBase, MutableBytes(ram.get_dmi_ptr(), size_bytes(ram)));
  // A bare machine has no boot ROM.
  if (memory_at(contract::kRomBase, rom)) iss_.map_rom(contract::kRomBase, Bytes(rom.get_dmi_ptr(), size_bytes(rom)));
}

bool Cpu::memory_at(std::uint32_t address, tlm::tlm_dmi& dmi) {
  payload_.set_address(address);
  payload_.set_command(tlm::TLM_READ_COMMAND);
  return socket->get_direct_mem_ptr(payload_, dmi) && dmi.get_start_address() == address && dmi.is_read_allowed();
}

bool Cpu::debug_access(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data, std::size_t size_bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(size_bytes));
  payload.set_streaming_width(static_cast<unsigned>(size_bytes));
  tlm::tlm_dmi memory;
  if (size_bytes == 0 || !socket->get_direct_mem_ptr(payload, memory) || address + (size_bytes - 1) > memory.get_end_address()) return false;
  return socket->transport_dbg(payload) == size_bytes;
}

bool Cpu::peek(std::uint32_t address, MutableBytes out) { return debug_access(tlm::TLM_READ_COMMAND, address, out.data(), out.size()); }

bool Cpu::poke(std::uint32_t address, Bytes in) {
  return debug_access(tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint8_t*>(in.data()), in.size());
}

// Memory keeps its place for the whole run; an invalidation says that its contents changed.
void Cpu::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  iss_.invalidate(static_cast<std::uint32_t>(start), end - start + 1);
}

// --- power and state

void Cpu::power_on() {
  TS_CHECK(state_ == State::kOff, "power_on() of a core that is on");
  ++power_generation_;
  epoch_ = sc_core::sc_time_stamp();
  enter_state(State::kActive);
  power_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Cpu::power_off() {
  if (state_ == State::kOff) return;
  enter_state(State::kOff);
  power_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Cpu::stop() {
  if (state_ == State::kOff) return;
  state_ = State::kStopped;
  power_changed_.notify(sc_core::SC_ZERO_TIME);
}

void Cpu::halt(State state) {
  state_ = state;
  if (on_halt) on_halt();
}

void Cpu::enter_state(State state) {
  state_ = state;
  if (energy_ == nullptr) return;
  energy_->state(state == State::kOff ? "off" : state == State::kSleep ? "sleep" : "run", sc_core::sc_time_stamp());
}

// False once the core was switched off, stopped, or off and on again since it began to run.
bool Cpu::runs() const {
  return (state_ == State::kActive || state_ == State::kSleep) && started();
}

void Cpu::set_interrupt(Interrupt line, bool level) {
  iss_.set_interrupt(line, level);
  if (state_ == State::kSleep) interrupt_changed_.notify(sc_core::SC_ZERO_TIME);
}

// --- time

sc_time Cpu::local_time() const {
  return sc_time::from_value(sync_time_.value() + (iss_.cycles() - sync_cycles_) * clock_period_.value());
}

// First clock edge at or after `time`, as the hart's cycle count.
std::uint64_t Cpu::cycles_at(sc_time time) const {
  if (time <= sync_time_) return sync_cycles_;
  return sync_cycles_ + (time.value() - sync_time_.value() + clock_period_.value() - 1) / clock_period_.value();
}

void Cpu::wait_until(sc_time time) {
  while (runs() && sc_core::sc_time_stamp() < time) wait(time - sc_core::sc_time_stamp(), power_changed_);
}

// How far the hart may run from now: to the next event, and not beyond the quantum or the instruction limit.
std::uint64_t Cpu::limit_cycles() const {
  const sc_time now = sc_core::sc_time_stamp();
  sc_time horizon = quantum_;
  if (sc_core::sc_pending_activity_at_current_time()) horizon = sc_core::SC_ZERO_TIME;
  else if (sc_core::sc_pending_activity_at_future_time()) horizon = std::min(horizon, sc_core::sc_time_to_pending_activity());
  std::uint64_t limit = cycles_at(now + horizon);
  // An instruction takes at least one cycle, so the instruction limit is approached and never passed.
  if (instruction_limit_ != 0) limit = std::min(limit, iss_.cycles() + (instruction_limit_ - std::min(instruction_limit_, iss_.instructions())));
  return limit;
}

// Lets everything else that happens at this time happen first. Two cores that wait for each other would do so for ever:
// after some delta cycles the hart goes on, one instruction at a time.
void Cpu::settle() {
  constexpr int kDeltas = 8;
  for (int i = 0; i < kDeltas && runs() && sc_core::sc_pending_activity_at_current_time(); ++i) wait(sc_core::SC_ZERO_TIME);
  settled_ = !sc_core::sc_pending_activity_at_current_time();
}

// --- the process

void Cpu::thread() {
  for (;;) {
    if (state_ != State::kActive) {
      wait(power_changed_);
      continue;
    }
    if (!started()) {
      running_generation_ = power_generation_;
      iss_.reset(reset_vector_);
      sync_time_ = epoch_;
      sync_cycles_ = 0;
    }
    settle();
    if (runs()) run_slice();
  }
}

// A bus access may bring the limit nearer: another part's event is due.
Iss::Stop Cpu::run_hart() {
  stepping_ = false;
  for (CpuMonitor* monitor : monitors_) {
    stepping_ = monitor->begin_slice(*this) || stepping_;
    if (!runs()) return Iss::Stop::kLimit;
  }
  slice_limit_ = settled_ ? limit_cycles() : iss_.cycles() + 1;
  if (!stepping_) return iss_.run(slice_limit_);
  Iss::Stop stop = Iss::Stop::kLimit;
  while (stop == Iss::Stop::kLimit && iss_.cycles() < slice_limit_) {
    for (CpuMonitor* monitor : monitors_) {
      monitor->before_instruction(*this);
      if (!runs()) return Iss::Stop::kLimit;
    }
    stop = iss_.run(iss_.cycles() + 1);
    if (!runs()) return stop;
    for (CpuMonitor* monitor : monitors_) monitor->after_instruction(*this);
  }
  return stop;
}

void Cpu::run_slice() {
  const Iss::Stop stop = run_hart();
  if (!runs()) return;
  wait_until(local_time());
  if (!runs()) return;
  sync_time_ = sc_core::sc_time_stamp();
  sync_cycles_ = iss_.cycles();
  if (stop == Iss::Stop::kLockup) {
    for (CpuMonitor* monitor : monitors_) {
      monitor->locked_up(*this);
      if (!runs()) return;
    }
    return halt(State::kLockup);
  }
  if (instruction_limit_ != 0 && iss_.instructions() >= instruction_limit_) return halt(State::kInstructionLimit);
  if (stop == Iss::Stop::kSleep) sleep();
}

void Cpu::sleep() {
  enter_state(State::kSleep);
  while (runs() && !iss_.wake_pending()) wait(interrupt_changed_ | power_changed_);
  // The clock starts on its old grid.
  const std::uint64_t phase = (sc_core::sc_time_stamp() - epoch_).value() % clock_period_.value();
  if (phase != 0) wait_until(sc_time::from_value(sc_core::sc_time_stamp().value() + clock_period_.value() - phase));
  if (!runs()) return;
  enter_state(State::kActive);
  sync_time_ = sc_core::sc_time_stamp();
  sync_cycles_ = iss_.cycles();
}

// --- the hart's bus

bool Cpu::transport(tlm::tlm_command command, std::uint32_t address, unsigned size_bytes, std::uint8_t* data) {
  // Parts look at the kernel's clock and notify events from it: an access happens at its exact time. Nothing else is due up
  // to then, so this wait needs no second way out.
  if (const sc_time due = local_time(); due > sc_core::sc_time_stamp()) wait(due - sc_core::sc_time_stamp());
  if (!runs()) {
    iss_.stop_at(0);
    return true;
  }
  sync_time_ = sc_core::sc_time_stamp();
  sync_cycles_ = iss_.cycles();
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(data);
  payload_.set_data_length(size_bytes);
  payload_.set_streaming_width(size_bytes);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_time delay = sc_core::SC_ZERO_TIME;
  access_pc_ = iss_.pc();
  socket->b_transport(payload_, delay);
  access_pc_.reset();
  if (!runs()) {
    iss_.stop_at(0);
    return true;
  }
  iss_.stall(cycles_at(sc_core::sc_time_stamp() + delay) - iss_.cycles());
  slice_limit_ = limit_cycles();
  iss_.stop_at(stepping_ ? iss_.cycles() : slice_limit_);
  return payload_.is_response_ok();
}

bool Cpu::read(std::uint32_t address, unsigned size_bytes, std::uint32_t& value) {
  std::uint8_t data[4] = {};
  const bool ok = transport(tlm::TLM_READ_COMMAND, address, size_bytes, data);
  value = load_le32(data);
  return ok;
}

bool Cpu::write(std::uint32_t address, unsigned size_bytes, std::uint32_t value) {
  std::uint8_t data[4];
  store_le32(data, value);
  return transport(tlm::TLM_WRITE_COMMAND, address, size_bytes, data);
}

// A call from user mode is how a program asks for a service, not a fault.
void Cpu::trapped(Exception cause, std::uint32_t pc, std::uint32_t value) {
  if (sink_ == nullptr || cause == Exception::kEcallFromUser) return;
  access_pc_ = pc;
  sink_->emit(to_ns(local_time()), events::McuTrap{to_string(cause), pc, value});
  access_pc_.reset();
}

void advance(sc_time duration) {
  sc_core::sc_event border;
  border.notify(duration);
  sc_core::sc_start(duration);
}

}  // namespace touchstone::models
