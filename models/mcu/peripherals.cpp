#include "mcu/peripherals.h"

#include "base/check.h"
#include "bus/time.h"
#include "contract/events.h"
#include "contract/register_tables.h"
#include "contract/registers.h"

namespace touchstone::models {

using sc_core::sc_time;

// --- Timer

Timer::Timer(sc_core::sc_module_name name, sc_time clock_period, HartInterrupts& hart)
    : sc_module(name), RegisterBlock("socket", contract::kTimerRegisters), clock_period_(clock_period), hart_(hart) {
  SC_HAS_PROCESS(Timer);
  SC_METHOD(compare);
  sensitive << due_;
  dont_initialize();
}

void Timer::power_on() {
  powered_ = true;
  epoch_ = sc_core::sc_time_stamp();
  mtimecmp_ = ~std::uint64_t{0};
}

void Timer::power_off() {
  powered_ = false;
  due_.cancel();
  hart_.set_interrupt(Interrupt::kTimer, false);
}

std::uint64_t Timer::mtime(sc_time now) const { return (now - epoch_).value() / clock_period_.value(); }

void Timer::compare() {
  if (!powered_) return;
  const sc_time now = sc_core::sc_time_stamp();
  const bool reached = mtime(now) >= mtimecmp_;
  hart_.set_interrupt(Interrupt::kTimer, reached);
  due_.cancel();
  if (reached) return;
  // A compare value beyond the end of virtual time (213 days at 1 ps) is never reached.
  const std::uint64_t room = (sc_core::sc_max_time() - epoch_).value() / clock_period_.value();
  if (mtimecmp_ < room) due_.notify(sc_time::from_value(epoch_.value() + mtimecmp_ * clock_period_.value()) - now);
}

std::uint32_t Timer::read_register(std::uint32_t offset_bytes, sc_time now) {
  switch (offset_bytes) {
    case contract::timer::kMtimeLo: return static_cast<std::uint32_t>(mtime(now));
    case contract::timer::kMtimeHi: return static_cast<std::uint32_t>(mtime(now) >> 32);
    case contract::timer::kMtimecmpLo: return static_cast<std::uint32_t>(mtimecmp_);
    default: return static_cast<std::uint32_t>(mtimecmp_ >> 32);
  }
}

void Timer::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_time) {
  if (offset_bytes == contract::timer::kMtimecmpLo) mtimecmp_ = (mtimecmp_ & ~std::uint64_t{0xFFFFFFFF}) | value;
  if (offset_bytes == contract::timer::kMtimecmpHi) mtimecmp_ = (mtimecmp_ & 0xFFFFFFFF) | std::uint64_t{value} << 32;
  compare();
}

// --- InterruptController

InterruptController::InterruptController(sc_core::sc_module_name name, HartInterrupts& hart)
    : sc_module(name), RegisterBlock("socket", contract::kIntcRegisters), hart_(hart) {}

void InterruptController::update() { hart_.set_interrupt(Interrupt::kExternal, (lines_ & enable_) != 0); }

void InterruptController::set_line(contract::Irq line, bool level) {
  const std::uint32_t bit = 1u << static_cast<unsigned>(line);
  if (((lines_ & bit) != 0) == level) return;
  lines_ ^= bit;
  emit(line, level);
  update();
}

void InterruptController::emit(contract::Irq line, bool level) {
  if (sink_ == nullptr) return;
  for (const contract::ValueName& entry : contract::kIrqNames)
    if (entry.value == static_cast<std::uint32_t>(line)) sink_->emit(to_ns(sc_core::sc_time_stamp()), events::McuInterrupt{std::string(entry.name), level});
}

void InterruptController::power_off() {
  for (const contract::ValueName& entry : contract::kIrqNames)
    if ((lines_ >> entry.value & 1) != 0) emit(static_cast<contract::Irq>(entry.value), false);
  lines_ = enable_ = 0;
  update();
}

std::uint32_t InterruptController::read_register(std::uint32_t offset_bytes, sc_time) {
  switch (offset_bytes) {
    case contract::intc::kLines: return lines_;
    case contract::intc::kEnable: return enable_;
    default: return lines_ & enable_;
  }
}

void InterruptController::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_time) {
  if (offset_bytes == contract::intc::kEnable) enable_ = value;
  update();
}

// --- SimControl

std::string_view phase_name(std::uint32_t phase) {
  for (const contract::ValueName& entry : contract::kSimctlPhaseNames)
    if (entry.value == phase) return entry.name;
  return "unknown";
}

namespace {
std::string_view boot_state_name(std::uint32_t state) {
  for (const contract::ValueName& entry : contract::kSimctlBootStateNames)
    if (entry.value == state) return entry.name;
  return "unknown";
}
}  // namespace

SimControl::SimControl(sc_core::sc_module_name name) : sc_module(name), RegisterBlock("socket", contract::kSimctlRegisters) {}

void SimControl::power_on() { phase_ = 0; }

void SimControl::power_off() { end_line(sc_core::sc_time_stamp()); }

void SimControl::end_line(sc_time now) {
  if (sink_ != nullptr && !line_.empty()) sink_->emit(to_ns(now), events::McuConsole{line_});
  line_.clear();
}

std::uint32_t SimControl::read_register(std::uint32_t, sc_time) { return phase_; }

void SimControl::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_time now) {
  constexpr std::size_t kMaxLine = 1000;  // a guest that never ends its line
  switch (offset_bytes) {
    case contract::simctl::kExit:
      end_line(now);
      if (sink_ != nullptr) sink_->emit(to_ns(now), events::McuExit{value & 0xFF});
      if (on_exit) on_exit(value & 0xFF, now);
      break;
    case contract::simctl::kConsole: {
      const char character = static_cast<char>(value & 0xFF);
      if (on_character) on_character(character);
      if (character == '\n' || line_.size() >= kMaxLine) end_line(now);
      if (character != '\n') line_ += character;
      break;
    }
    case contract::simctl::kPhase:
      phase_ = value & contract::simctl::kPhaseMask;
      if (sink_ != nullptr) sink_->emit(to_ns(now), events::McuPhase{std::string(phase_name(phase_))});
      if (on_phase) on_phase(phase_, now);
      break;
    case contract::simctl::kBootState:
      if (sink_ != nullptr)
        sink_->emit(to_ns(now), events::BootRom{std::string(boot_state_name(value & contract::simctl::kBootStateMask)),
                                                value >> contract::simctl::kBootStateVersionShift});
      break;
    default:
      if (sink_ != nullptr) sink_->emit(to_ns(now), events::McuMark{value});
      if (on_mark) on_mark(value, now);
      break;
  }
}

}  // namespace touchstone::models
