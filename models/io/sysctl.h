// SysCtl: block `sysctl` of the contract: reset cause, software reset, the sensor's reset pin, what is fitted to
// the board, and the window of the user's DMA.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <functional>

#include "bus/dma_guard.h"
#include "bus/ports.h"
#include "bus/register_block.h"
#include "io/deferred_calls.h"

namespace touchstone::models {

class SysCtl : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  SysCtl(sc_core::sc_module_name name, int sensor_width_px, int sensor_height_px);

  /// Called at the virtual time of the register write. Set before the simulation starts; unset ones do nothing.
  std::function<void()> on_software_reset;
  std::function<void(bool level)> on_sensor_reset_n;

  /// What RESET_CAUSE reads from now on: set by whoever powers or resets the card, before power_on().
  void set_reset_cause(contract::sysctl::Cause cause) { cause_ = cause; }

  /// Whether BOARD_STATUS says that the display is connected.
  void set_display_present(bool present) { display_present_ = present; }
  /// What display_spi and ble may reach, as the registers say now; for their DmaGuard.
  const DmaWindow& dma_window() const { return dma_window_; }

  void power_on() override;
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  std::uint32_t geometry_;
  contract::sysctl::Cause cause_ = contract::sysctl::Cause::kPowerOn;
  bool sensor_reset_n_ = true;
  bool display_present_ = true;
  DmaWindow dma_window_;
  bool dma_locked_ = false;
  bool powered_ = false;
  DeferredCalls deferred_;
};

}  // namespace touchstone::models
