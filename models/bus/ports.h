// The small interfaces by which the card's models meet: interrupt lines, power, energy, SPI. Each has one job, so that a
// real part or another model can stand behind it.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "contract/registers.h"

namespace touchstone::models {

/// A level-sensitive interrupt input. Called at the caller's local time; takes effect before the CPU's next instruction.
class IrqSink {
 public:
  virtual ~IrqSink() = default;
  virtual void set_line(contract::Irq line, bool level) = 0;
};

/// Something that loses its state with the card's supply. Off: volatile state is lost, pending operations end (a flash
/// operation is torn), no bus access answers. On: reset state. Calls alternate, beginning with power_on().
class Powered {
 public:
  virtual ~Powered() = default;
  virtual void power_on() = 0;
  virtual void power_off() = 0;
};

/// Where a model says what it draws. States and pulses are named in models/power/energy.jsonc; an unknown name is our bug.
class EnergyPort {
 public:
  virtual ~EnergyPort() = default;
  /// From `at` (absolute virtual time) on the part draws the current of `state`.
  virtual void state(std::string_view state, sc_core::sc_time at) = 0;
  /// `count` events that cost a fixed charge each, e.g. a programmed flash word.
  virtual void pulse(std::string_view kind, std::uint64_t count) = 0;
};

/// A device on an SPI bus (mode 0). The controller calls these in order, at the virtual time of the end of the transfer.
class SpiDevice {
 public:
  virtual ~SpiDevice() = default;
  virtual void select() = 0;
  /// One byte each way.
  virtual std::uint8_t transfer(std::uint8_t mosi) = 0;
  virtual void deselect() = 0;
};

/// Bus master access for DMA, and for the test bench. Errors come back as false (TLM error response).
class DmaPort {
 public:
  virtual ~DmaPort() = default;
  virtual bool read(std::uint32_t address, MutableBytes out) = 0;
  virtual bool write(std::uint32_t address, Bytes in) = 0;
};

}  // namespace touchstone::models
