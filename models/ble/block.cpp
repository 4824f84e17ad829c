#include "ble/block.h"

#include "contract/register_tables.h"
#include "contract/registers.h"

namespace touchstone::models {

namespace {
namespace reg = contract::ble;
constexpr std::uint32_t kInterruptRx = 1;
// Packets waiting at which the air is told to hold; the rest of the queue takes what is on its way already.
constexpr std::size_t kQueueFull_packets = 24;
// What the queue holds. The guest makes the controller's answers: one that sends commands and reads nothing must not fill
// the host's memory.
constexpr std::size_t kQueueLimit_packets = 256;
}  // namespace

BleBlock::BleBlock(sc_core::sc_module_name name, BleAir& air, DmaPort& dma, IrqSink& irq, EnergyPort& energy,
                   const SeedTree& seeds, link::Address address)
    : sc_module(name), RegisterBlock("socket", contract::kBleRegisters), dma_(dma), irq_(irq),
      controller_("controller", air, BleSide::kCard, address, seeds, &energy) {
  controller_.to_host = [this](Bytes h4) { receive(h4); };
}

void BleBlock::power_on() {
  powered_ = true;
  controller_.power_on();
}

void BleBlock::power_off() {
  powered_ = false;
  controller_.power_off();
  rx_.clear();
  tx_address_ = interrupt_enable_ = 0;
  tx_busy_until_ = sc_core::SC_ZERO_TIME;
  bus_error_ = false;
  update_irq();
}

void BleBlock::update_irq() { irq_.set_line(contract::Irq::kBle, !rx_.empty() && (interrupt_enable_ & kInterruptRx) != 0); }

void BleBlock::receive(Bytes h4) {
  if (rx_.size() == kQueueLimit_packets) {
    bus_error_ = true;
    return;
  }
  rx_.emplace_back(h4.begin(), h4.end());
  controller_.set_host_full(rx_.size() >= kQueueFull_packets);
  update_irq();
}

void BleBlock::fetch(std::uint32_t address) {
  if (rx_.empty()) return;
  if (!dma_.write(address, rx_.front())) {
    bus_error_ = true;
    return;
  }
  rx_.pop_front();
  controller_.set_host_full(rx_.size() >= kQueueFull_packets);
  update_irq();
}

void BleBlock::send(std::uint32_t size_bytes, sc_core::sc_time now) {
  std::vector<std::uint8_t> packet(size_bytes <= link::hci::kMaxPacketBytes ? size_bytes : 0);
  bus_error_ = now < tx_busy_until_ || packet.empty() || !dma_.read(tx_address_, packet);
  if (bus_error_) return;
  tx_busy_until_ = now + sc_core::sc_time(BleController::kHciLatency_us, sc_core::SC_US);
  controller_.from_host(packet, now);
}

std::uint32_t BleBlock::read_register(std::uint32_t offset_bytes, sc_core::sc_time now) {
  if (!powered_) return 0;
  switch (offset_bytes) {
    case reg::kTxAddr: return tx_address_;
    case reg::kRxLenBytes: return rx_.empty() ? 0 : static_cast<std::uint32_t>(rx_.front().size());
    case reg::kStatus:
      return (now < tx_busy_until_ ? reg::kStatusTxBusyMask : 0) | (bus_error_ ? reg::kStatusBusErrorMask : 0);
    case reg::kIntrState: return rx_.empty() ? 0 : kInterruptRx;
    case reg::kIntrEnable: return interrupt_enable_;
    default: return 0;
  }
}

void BleBlock::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) {
  if (!powered_) return;
  switch (offset_bytes) {
    case reg::kTxAddr: tx_address_ = value; return;
    case reg::kTxLenBytes: return send(value, now);
    case reg::kRxAddr: return fetch(value);
    case reg::kIntrEnable:
      interrupt_enable_ = value & kInterruptRx;
      return update_irq();
    default: return;
  }
}

}  // namespace touchstone::models
