#include "drivers/ble_transport.h"

#include "drivers/irq.h"

namespace touchstone::firmware {
namespace ble = contract::ble;

BleTransport::BleTransport(Hal& hal) : hal_(hal) { hal_.write32(ble::kBase + ble::kIntrEnable, ble::kIntrStateRxMask); }

Status BleTransport::send(Bytes packet) {
  // The controller takes a packet in microseconds (DMA); there is no interrupt for it, so the wait is counted reads.
  constexpr std::uint64_t kTimeout_cycles = 10 * kCyclesPerMs;
  const std::uint64_t deadline = hal_.now_cycles() + kTimeout_cycles;
  while ((hal_.read32(ble::kBase + ble::kStatus) & ble::kStatusTxBusyMask) != 0) {
    if (hal_.now_cycles() >= deadline) return Error{ErrorCode::kDevice, "radio controller stays busy"};
  }
  hal_.write32(ble::kBase + ble::kTxAddr, hal_.bus_address(packet.data()));
  hal_.write32(ble::kBase + ble::kTxLenBytes, static_cast<std::uint32_t>(packet.size()));
  // `packet` belongs to the caller again when this returns.
  while ((hal_.read32(ble::kBase + ble::kStatus) & ble::kStatusTxBusyMask) != 0) {
    if (hal_.now_cycles() >= deadline) return Error{ErrorCode::kDevice, "radio controller stays busy"};
  }
  const std::uint32_t status = hal_.read32(ble::kBase + ble::kStatus);
  if ((status & ble::kStatusBusErrorMask) != 0) return Error{ErrorCode::kDevice, "radio bus error"};
  return {};
}

bool BleTransport::packet_waits() { return hal_.read32(ble::kBase + ble::kRxLenBytes) != 0; }

Result<Bytes> BleTransport::receive(MutableBytes buffer) {
  const std::size_t size = hal_.read32(ble::kBase + ble::kRxLenBytes);
  if (size == 0) return Bytes{};
  if (size > buffer.size()) return Error{ErrorCode::kTooLarge, "HCI packet"};
  hal_.write32(ble::kBase + ble::kRxAddr, hal_.bus_address(buffer.data()));
  return Bytes(buffer.first(size));
}

}  // namespace touchstone::firmware
