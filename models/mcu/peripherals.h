// The MCU's own peripherals: machine timer, interrupt controller, test-bench window. Registers: core/contract/card.jsonc.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <functional>
#include <string>

#include "base/event.h"
#include "bus/ports.h"
#include "bus/register_block.h"
#include "mcu/cpu.h"

namespace touchstone::models {

/// 64-bit machine timer at the core clock, counting from power_on(). The interrupt rises at the exact clock edge.
class Timer : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  Timer(sc_core::sc_module_name name, sc_core::sc_time clock_period, HartInterrupts& hart);
  void power_on() override;
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  void compare();
  std::uint64_t mtime(sc_core::sc_time now) const;

  sc_core::sc_time clock_period_, epoch_;
  HartInterrupts& hart_;
  bool powered_ = false;
  std::uint64_t mtimecmp_ = ~std::uint64_t{0};
  sc_core::sc_event due_;
};

/// Level-sensitive lines contract::Irq -> machine external interrupt. Emits mcu.interrupt when a line changes.
class InterruptController : public sc_core::sc_module, public RegisterBlock, public IrqSink, public Powered {
 public:
  InterruptController(sc_core::sc_module_name name, HartInterrupts& hart);
  void set_event_sink(EventSink* sink) { sink_ = sink; }  ///< may be null
  void set_line(contract::Irq line, bool level) override;
  void power_on() override {}
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  void update();
  void emit(contract::Irq line, bool level);

  HartInterrupts& hart_;
  EventSink* sink_ = nullptr;
  std::uint32_t lines_ = 0, enable_ = 0;
};

/// Exit code, console, phases and marks of a program. Emits mcu.exit, mcu.console (whole lines), mcu.phase, mcu.mark,
/// boot.rom.
class SimControl : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  explicit SimControl(sc_core::sc_module_name name);
  void set_event_sink(EventSink* sink) { sink_ = sink; }  ///< may be null
  std::function<void(std::uint32_t phase, sc_core::sc_time now)> on_phase;
  std::function<void(std::uint32_t code, sc_core::sc_time now)> on_exit;  ///< code: low byte of the value written
  std::function<void(char character)> on_character;
  std::function<void(std::uint32_t value, sc_core::sc_time now)> on_mark;

  void power_on() override;   ///< phase "boot"; not emitted
  void power_off() override;  ///< an unfinished line is emitted
  std::uint32_t phase() const { return phase_; }

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  void end_line(sc_core::sc_time now);

  EventSink* sink_ = nullptr;
  std::uint32_t phase_ = 0;
  std::string line_;
};

/// Name of a phase in the contract, or "unknown".
std::string_view phase_name(std::uint32_t phase);

}  // namespace touchstone::models
