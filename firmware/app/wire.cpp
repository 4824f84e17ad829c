#include "app/wire.h"

namespace touchstone::firmware {

void BleWire::Out::send(Bytes h4) {
  if (!port.send(h4)) failed = true;
}

void BleWire::start(WireListener& listener) {
  listener_ = &listener;
  host_.start();
}

void BleWire::on_open() {
  open_ = true;
  listener_->on_open();
}

void BleWire::close() {
  if (!open_) return;
  open_ = false;
  listener_->on_closed();
}

void BleWire::restart() {
  out_.failed = false;
  host_.start();  // forgets the connection, also one that was just being ended, without a word
  close();
}

void BleWire::poll() {
  heard_ = false;
  while (!heard_ && waits()) {
    const auto packet = port_.receive(packet_);
    if (packet && !out_.failed)
      host_.on_packet(*packet);
    else
      return restart();  // the controller misbehaves: reset it, and with it the connection
  }
}

}  // namespace touchstone::firmware
