// SpiController: block `spi` of the contract. One device, mode 0, DMA both ways.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <vector>

#include "bus/ports.h"
#include "bus/register_block.h"
#include "io/deferred_calls.h"

namespace touchstone::models {

/// A transfer of LEN_BYTES takes LEN_BYTES * 8 SPI clocks of 2 * (CLK_DIV + 1) core clocks each. All bytes are exchanged, and
/// TX_ADDR read and RX_ADDR written, at the instant it ends. With the chip not selected the device hears nothing and zeros
/// are received. A DMA address without memory, or a LEN_BYTES out of range, sets STATUS.BUS_ERROR (until the next START) and
/// the done interrupt. While BUSY, writes to all registers but INTR_* are ignored.
class SpiController : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  /// `device` and `dma` outlive the controller. `clock_period`: of the core clock.
  SpiController(sc_core::sc_module_name name, SpiDevice& device, DmaPort& dma, IrqSink& irq, contract::Irq line,
                sc_core::sc_time clock_period);

  void power_on() override;
  /// Ends a transfer without exchanging a byte and takes the chip select back.
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  void start(sc_core::sc_time now);
  void finish();
  void select(bool level);
  void update_irq() { irq_.set_line(line_, (intr_state_ & intr_enable_ & 1u) != 0); }

  SpiDevice& device_;
  DmaPort& dma_;
  IrqSink& irq_;
  contract::Irq line_;
  sc_core::sc_time clock_period_;
  DeferredCalls deferred_;
  bool powered_ = false;
  bool selected_ = false;  // what the device sees
  bool busy_ = false;
  bool bus_error_ = false;
  std::uint32_t ctrl_ = 0, tx_addr_ = 0, rx_addr_ = 0, len_bytes_ = 0, intr_state_ = 0, intr_enable_ = 0;
  std::vector<std::uint8_t> tx_, rx_;
};

}  // namespace touchstone::models
