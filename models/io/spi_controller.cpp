#include "io/spi_controller.h"

namespace touchstone::models {

namespace spi = contract::spi;

namespace {
constexpr std::uint32_t kMaxTransferBytes = 131072;
}

SpiController::SpiController(sc_core::sc_module_name name, SpiDevice& device, DmaPort& dma, IrqSink& irq,
                             contract::Irq line, sc_core::sc_time clock_period)
    : sc_module(name),
      RegisterBlock("socket", contract::kSpiRegisters),
      device_(device),
      dma_(dma),
      irq_(irq),
      line_(line),
      clock_period_(clock_period),
      deferred_("deferred") {}

void SpiController::power_on() { powered_ = true; }

void SpiController::power_off() {
  powered_ = false;
  deferred_.clear();
  select(false);
  busy_ = bus_error_ = false;
  ctrl_ = tx_addr_ = rx_addr_ = len_bytes_ = intr_state_ = intr_enable_ = 0;
  update_irq();
}

std::uint32_t SpiController::read_register(std::uint32_t offset_bytes, sc_core::sc_time) {
  switch (offset_bytes) {
    case spi::kCtrl: return ctrl_;
    case spi::kTxAddr: return tx_addr_;
    case spi::kRxAddr: return rx_addr_;
    case spi::kLenBytes: return len_bytes_;
    case spi::kStatus: return (busy_ ? spi::kStatusBusyMask : 0) | (bus_error_ ? spi::kStatusBusErrorMask : 0);
    case spi::kIntrState: return intr_state_;
    case spi::kIntrEnable: return intr_enable_;
    default: return 0;
  }
}

void SpiController::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) {
  if (!powered_) return;
  if (offset_bytes == spi::kIntrState || offset_bytes == spi::kIntrEnable) {
    if (offset_bytes == spi::kIntrState) intr_state_ &= ~value;
    else intr_enable_ = value & 1u;
    update_irq();
    return;
  }
  if (busy_) return;
  switch (offset_bytes) {
    case spi::kCtrl: {
      ctrl_ = value & (spi::kCtrlCsMask | spi::kCtrlClkDivMask);
      const bool level = (value & spi::kCtrlCsMask) != 0;
      deferred_.at(now, [this, level] { select(level); });
      break;
    }
    case spi::kTxAddr: tx_addr_ = value; break;
    case spi::kRxAddr: rx_addr_ = value; break;
    case spi::kLenBytes: len_bytes_ = value; break;
    case spi::kStart:
      if ((value & 1u) != 0) start(now);
      break;
    default: break;
  }
}

void SpiController::start(sc_core::sc_time now) {
  bus_error_ = false;
  if (len_bytes_ == 0 || len_bytes_ > kMaxTransferBytes) {
    bus_error_ = true;
    intr_state_ |= 1u;
    update_irq();
    return;
  }
  busy_ = true;
  const std::uint32_t divider = (ctrl_ & spi::kCtrlClkDivMask) >> spi::kCtrlClkDivShift;
  const std::uint64_t core_cycles = std::uint64_t{len_bytes_} * 8 * 2 * (divider + 1);
  deferred_.at(now + sc_core::sc_time::from_value(clock_period_.value() * core_cycles), [this] { finish(); });
}

void SpiController::finish() {
  tx_.assign(len_bytes_, 0);
  rx_.assign(len_bytes_, 0);
  if (tx_addr_ != 0 && !dma_.read(tx_addr_, tx_)) {
    bus_error_ = true;
  } else {
    if (selected_)
      for (std::uint32_t i = 0; i < len_bytes_; ++i) rx_[i] = device_.transfer(tx_[i]);
    if (rx_addr_ != 0 && !dma_.write(rx_addr_, rx_)) bus_error_ = true;
  }
  busy_ = false;
  intr_state_ |= 1u;
  update_irq();
}

void SpiController::select(bool level) {
  if (level == selected_) return;
  selected_ = level;
  if (level) device_.select();
  else device_.deselect();
}

}  // namespace touchstone::models
