// BleTransport: HCI packets to and from the radio controller. Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class BleTransport : public PacketPort {
 public:
  /// Raises the ble line for waiting packets from now on.
  explicit BleTransport(Hal& hal);
  Status send(Bytes packet) override;
  bool packet_waits() override;
  Result<Bytes> receive(MutableBytes buffer) override;

 private:
  Hal& hal_;
};

}  // namespace touchstone::firmware
