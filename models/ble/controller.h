// BleController: a Bluetooth LE controller, H4 packets in and out. Both ends of the link are instances of it.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/seed.h"
#include "ble/air.h"
#include "ble/config.h"
#include "bus/ports.h"
#include "link/hci.h"

namespace touchstone::models {

class LinkLayer;

/// Since construction; not reset by power cycles.
struct BleStatistics {
  std::uint64_t connection_events = 0;
  std::uint64_t packets_sent = 0;          ///< data channel, empty ones included
  std::uint64_t retransmissions = 0;       ///< of packets with a payload
  std::uint64_t crc_failures = 0;          ///< data channel packets received corrupted
  std::uint64_t payload_bytes_sent = 0;    ///< acknowledged link layer payload, each byte once
  std::uint64_t payload_bytes_received = 0;
};

/// Which end of the link: names it in events and tells the medium the direction.
enum class BleSide : std::uint8_t { kCard, kWallet };

class BleController : public sc_core::sc_module {
 public:
  /// Time a packet takes between host and controller, each way; packets keep their order. Stands for the shared-memory
  /// mailbox between the cores of a system on chip; a serial H4 line would be slower.
  static constexpr std::uint32_t kHciLatency_us = 20;
  /// Controller buffers the host may fill (LE Read Buffer Size).
  static constexpr std::uint8_t kAclPackets = 8;

  /// `energy` (may be null) hears "off", "idle", "rx", "tx" at the time each begins.
  BleController(sc_core::sc_module_name name, BleAir& air, BleSide side, link::Address address, const SeedTree& seeds,
                EnergyPort* energy);
  ~BleController() override;

  /// Receives the controller's packets, one call each, in virtual time.
  std::function<void(Bytes h4)> to_host;
  /// One H4 packet of the host, handed over at `at` (now or the host's local time ahead of it). Packets that do not parse,
  /// and packets while unpowered, are dropped.
  void from_host(Bytes untrusted_h4, sc_core::sc_time at = sc_core::sc_time_stamp());

  void power_on();
  /// Silent at once, everything forgotten, nothing more to the host.
  void power_off();
  /// While true the link layer takes no new data from the air: the peer repeats it (flow control, Vol 6 Part B sec. 4.5.9).
  void set_host_full(bool full);

  const BleStatistics& statistics() const;
  /// As BleBlock says.
  void set_sleep_clock_error_ppm(int ppm);

 private:
  struct Timed {
    sc_core::sc_time at;
    std::vector<std::uint8_t> packet;
  };
  void take_from_host();
  void give_to_host();
  void report(Bytes h4);
  void on_command(const link::hci::Command& command);
  void on_acl(const link::hci::Acl& acl);
  void command_complete(std::uint16_t opcode, Bytes return_parameters);
  void command_complete(std::uint16_t opcode, std::uint8_t status);
  void command_status(std::uint16_t opcode, std::uint8_t status);
  void bind_link_layer();

  std::unique_ptr<LinkLayer> link_layer_;
  std::deque<Timed> from_host_, to_host_;
  sc_core::sc_event from_host_due_, to_host_due_;
  link::hci::PacketBuffer packet_;
  link::hci::LeSetAdvertisingParameters advertising_{};
  std::vector<std::uint8_t> advertising_data_;
  bool powered_ = false;
};

}  // namespace touchstone::models
