// SpiBus: one SPI controller of the contract, whole transfers by DMA. Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "contract/registers.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class SpiBus {
 public:
  /// `base`: the controller; `line`: its interrupt; the SPI clock becomes the fastest that is not above `clock_hz`.
  SpiBus(Hal& hal, std::uint32_t base, contract::Irq line, std::uint32_t clock_hz);

  /// Chip select. One command is select, transfers, deselect.
  void select();
  void deselect();
  /// Moves bytes both ways; `tx` empty sends zeros, `rx` empty drops what comes; if both are given their sizes are equal.
  /// Errors: kDevice (bus error of the DMA, or no end). A controller that stays busy is a failed check: its DMA cannot be
  /// stopped.
  Status transfer(Bytes tx, MutableBytes rx);
  /// select, transfer, deselect.
  Status command(Bytes tx, MutableBytes rx);

 private:
  std::uint32_t control(bool selected) const;
  bool busy() { return (hal_.read32(base_ + contract::spi::kStatus) & contract::spi::kStatusBusyMask) != 0; }
  void write(std::uint32_t offset, std::uint32_t value) { hal_.write32(base_ + offset, value); }

  Hal& hal_;
  std::uint32_t base_;
  contract::Irq line_;
  std::uint32_t divider_;
};

}  // namespace touchstone::firmware
