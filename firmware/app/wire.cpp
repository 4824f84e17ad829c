#include "app/wire.h"

namespace touchstone::firmware {

void BleWire::Out::send(Bytes h4) {
  if (!port.send(h4)) failed = true;
}

void BleWire::start(WireListener& listener) {
  listener_ = &listener;
  host_.start();
}

void BleWire::restart() {
  const bool was_open = host_.is_open();
  out_.failed = false;
  host_.start();
  if (was_open) listener_->on_closed();
}

void BleWire::poll() {
  while (waits()) {
    const auto packet = port_.receive(packet_);
    if (packet && !out_.failed)
      host_.on_packet(*packet);
    else
      return restart();  // the controller misbehaves: reset it, and with it the connection
  }
}

}  // namespace touchstone::firmware
