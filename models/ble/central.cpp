#include "ble/central.h"

#include "base/check.h"

namespace touchstone::models {

CentralEndpoint::CentralEndpoint(sc_core::sc_module_name name, BleAir& air, const BleConfig& config, const SeedTree& seeds,
                                 link::Address address)
    : sc_module(name), controller_("controller", air, BleSide::kWallet, address, seeds, nullptr), receive_(kMaxMessageBytes),
      transmit_(kMaxMessageBytes), wires_(*this),
      host_(host_config(config, link::LinkRole::kCentral), wires_, wires_, receive_, transmit_) {
  TS_CHECK(check(config).ok(), "BleConfig that was not checked");
  controller_.to_host = [this](Bytes h4) { host_.on_packet(h4); };
  controller_.power_on();
  host_.start();
}

}  // namespace touchstone::models
