#include "drivers/spi_bus.h"

#include <algorithm>

#include "drivers/irq.h"

namespace touchstone::firmware {
namespace spi = contract::spi;

SpiBus::SpiBus(Hal& hal, std::uint32_t base, contract::Irq line, std::uint32_t clock_hz)
    : hal_(hal), base_(base), line_(line) {
  const std::uint32_t half = 2 * clock_hz;
  divider_ = std::min((contract::kClockHz + half - 1) / half - 1, spi::kCtrlClkDivMask >> spi::kCtrlClkDivShift);
}

std::uint32_t SpiBus::control(bool selected) const {
  return divider_ << spi::kCtrlClkDivShift | (selected ? 1u : 0u) << spi::kCtrlCsShift;
}

void SpiBus::select() { write(spi::kCtrl, control(true)); }

void SpiBus::deselect() { write(spi::kCtrl, control(false)); }

Status SpiBus::transfer(Bytes tx, MutableBytes rx) {
  TS_CHECK(tx.empty() || rx.empty() || tx.size() == rx.size(), "both directions move the same number of bytes");
  const std::size_t size = std::max(tx.size(), rx.size());
  if (size == 0) return {};
  if (busy()) return Error{ErrorCode::kDevice, "SPI controller busy"};
  write(spi::kTxAddr, tx.empty() ? 0 : hal_.bus_address(tx.data()));
  write(spi::kRxAddr, rx.empty() ? 0 : hal_.bus_address(rx.data()));
  write(spi::kLenBytes, static_cast<std::uint32_t>(size));
  write(spi::kIntrState, 1);
  write(spi::kIntrEnable, 1);
  write(spi::kStart, 1);
  // Twice the time on the wire and a little for the start.
  const std::uint64_t wire_cycles = std::uint64_t{size} * 8 * 2 * (divider_ + 1);
  const Status done = wait_for_line(hal_, line_, 2 * wire_cycles + contract::kClockHz / 1000);
  write(spi::kIntrState, 1);
  write(spi::kIntrEnable, 0);
  // A transfer cannot be called off, and its DMA would write into memory that is somebody else's by then.
  TS_CHECK(!busy(), "the SPI controller does not end its transfer");
  TS_RETURN_IF_ERROR(done);
  if ((hal_.read32(base_ + spi::kStatus) & spi::kStatusBusErrorMask) != 0) return Error{ErrorCode::kDevice, "SPI bus error"};
  return {};
}

Status SpiBus::command(Bytes tx, MutableBytes rx) {
  select();
  const Status done = transfer(tx, rx);
  deselect();
  return done;
}

}  // namespace touchstone::firmware
