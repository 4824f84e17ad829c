// CentralEndpoint: the Wallet Device's radio and link host in one piece, for wallets that run inside the simulation.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "base/seed.h"
#include "ble/controller.h"
#include "link/link_host.h"

namespace touchstone::models {

/// Callbacks run in virtual time and may call back into the endpoint. Usable from time zero on.
class CentralEndpoint : public sc_core::sc_module {
 public:
  CentralEndpoint(sc_core::sc_module_name name, BleAir& air, const BleConfig& config, const SeedTree& seeds,
                  link::Address address = kWalletAddress);

  std::function<void()> on_open;
  std::function<void(Bytes untrusted_message)> on_message;
  std::function<void(std::uint8_t reason)> on_closed;  ///< link::hci::Reason
  std::function<void()> on_sent;

  /// Looks for `peer` until it advertises, connects and opens the channel: on_open. kState: connected or looking already.
  Status connect(const link::Address& peer = kCardAddress) { return host_.connect(peer); }
  /// One message of at most kMaxMessageBytes; kState until on_open and until on_sent of the message before.
  Status send(Bytes message) { return host_.send_message(message); }
  bool is_open() const { return host_.is_open(); }
  bool can_send() const { return host_.can_send(); }
  /// Ends the connection or the search; on_closed follows.
  void disconnect() { host_.disconnect(); }

  const BleStatistics& statistics() const { return controller_.statistics(); }
  const link::LinkCounters& counters() const { return host_.counters(); }

  static constexpr std::size_t kMaxMessageBytes = 8192;

 private:
  struct Wires : link::HciOut, link::LinkEvents {
    explicit Wires(CentralEndpoint& e) : endpoint(e) {}
    void send(Bytes h4) override { endpoint.controller_.from_host(h4); }
    void on_open() override { if (endpoint.on_open) endpoint.on_open(); }
    void on_message(Bytes untrusted) override { if (endpoint.on_message) endpoint.on_message(untrusted); }
    void on_closed(std::uint8_t reason) override { if (endpoint.on_closed) endpoint.on_closed(reason); }
    void on_sent() override { if (endpoint.on_sent) endpoint.on_sent(); }
    CentralEndpoint& endpoint;
  };

  BleController controller_;
  std::vector<std::uint8_t> receive_, transmit_;
  Wires wires_;
  link::LinkHost host_;
};

}  // namespace touchstone::models
