// BleBlock: the card's BLE controller behind its register window (block `ble` of the contract).
#pragma once

#include <systemc.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/seed.h"
#include "ble/controller.h"
#include "bus/ports.h"
#include "bus/register_block.h"

namespace touchstone::models {

/// H4 packets by DMA. Writing TX_LEN_BYTES reads the packet from RAM at once; the controller has it kHciLatency later,
/// until then STATUS.TX_BUSY is set and another write is refused with STATUS.BUS_ERROR (as is a failed DMA or a bad length;
/// the flag falls with the next packet taken). Received packets wait in a queue; the link layer stops the peer (flow
/// control of the air) before it overflows; what does not fit into 256 packets is dropped with BUS_ERROR. The interrupt
/// line is INTR_STATE & INTR_ENABLE.
class BleBlock : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  BleBlock(sc_core::sc_module_name name, BleAir& air, DmaPort& dma, IrqSink& irq, EnergyPort& energy, const SeedTree& seeds,
           link::Address address = kCardAddress);

  /// Off: the controller forgets everything and falls silent; the peer notices by its supervision timeout.
  void power_on() override;
  void power_off() override;

  const BleStatistics& statistics() const { return controller_.statistics(); }
  /// The sleep clock measures this much too long (+) or too short (-) between connection events.
  void set_sleep_clock_error_ppm(int ppm) { controller_.set_sleep_clock_error_ppm(ppm); }

 private:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;
  void send(std::uint32_t size_bytes, sc_core::sc_time now);
  void receive(Bytes h4);
  void fetch(std::uint32_t address);
  void update_irq();

  DmaPort& dma_;
  IrqSink& irq_;
  BleController controller_;
  std::deque<std::vector<std::uint8_t>> rx_;
  std::uint32_t tx_address_ = 0;
  std::uint32_t interrupt_enable_ = 0;
  sc_core::sc_time tx_busy_until_;
  bool bus_error_ = false;
  bool powered_ = false;
};

}  // namespace touchstone::models
