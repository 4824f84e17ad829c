// LinkLayer: advertising, initiating and one connection, packet by packet in time. Internal to the ble module.
// Core v5.4 Vol 6 Part B. Times are whole microseconds.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/seed.h"
#include "ble/air.h"
#include "ble/arq.h"
#include "ble/controller.h"
#include "ble/pdu.h"
#include "bus/ports.h"

namespace touchstone::models {

class LinkLayer : public sc_core::sc_module, private Radio {
 public:
  LinkLayer(sc_core::sc_module_name name, BleAir& air, BleSide side, link::Address own, const SeedTree& seeds,
            EnergyPort* energy);

  struct Connected {
    bool central;
    link::Address peer;
    std::uint16_t interval, timeout;  // 1.25 ms, 10 ms
    std::uint8_t clock_accuracy;
  };
  std::function<void(const Connected&)> on_connected;
  std::function<void(std::uint8_t reason)> on_disconnected;
  std::function<void(bool start, Bytes untrusted)> on_data;
  std::function<void()> on_host_packet_done;
  std::function<void(std::uint16_t tx_octets, std::uint16_t rx_octets)> on_data_length;
  std::function<void(Phy)> on_phy;

  void power_on();
  void power_off();
  /// To standby at once; a peer is not told.
  void reset();

  // All return an HCI status.
  std::uint8_t advertise(std::uint32_t interval_us, std::vector<std::uint8_t> data);
  void stop_advertising();
  std::uint8_t initiate(const link::hci::LeCreateConnection& parameters);
  std::uint8_t cancel_initiating();
  std::uint8_t terminate(std::uint8_t reason);
  std::uint8_t set_data_length(std::uint16_t tx_octets);
  std::uint8_t set_phy(std::uint8_t phy_mask);

  bool advertising() const { return state_ == State::kAdvertising; }
  bool connected() const { return state_ == State::kCentral || state_ == State::kPeripheral; }
  std::size_t host_packets_waiting() const { return host_packets_waiting_; }
  void send(bool start, Bytes data);
  void set_host_full(bool full) { host_full_ = full; }
  const BleStatistics& statistics() const { return statistics_; }
  void set_sleep_clock_error_ppm(int ppm) { sleep_clock_error_ppm_ = ppm; }

 private:
  using Action = void (LinkLayer::*)();
  enum class State : std::uint8_t { kOff, kStandby, kAdvertising, kInitiating, kCentral, kPeripheral };
  enum class Procedure : std::uint8_t { kNone, kLength, kPhy };
  struct HostPacket {
    bool start;
    std::vector<std::uint8_t> data;
    std::size_t position = 0;
  };

  // Radio and the one timer that drives everything but supervision (link_layer.cpp).
  bool on_packet_start(const AirPacket& packet) override;
  void on_packet_end(const AirPacket& packet, bool crc_valid) override;
  void after_us(std::int64_t delay_us, Action action);
  void at_next_us(Action action);
  void on_timer();
  void transmit(AirPacket packet, Action when_sent);
  void listen(std::int64_t for_us, Action on_timeout);
  /// Receive what comes an inter-frame space after our own packet.
  void listen_after_space(Action on_timeout);
  void open_receiver();
  void stop_radio();
  void energy(std::string_view state);
  std::int64_t now_us() const;
  std::int64_t sync_window_us() const;

  // Advertising and initiating (link_setup.cpp).
  void note_advertising(bool on);
  void advertising_event();
  void advertise_on_channel();
  void advertisement_sent();
  void next_advertising_channel();
  void on_connect_ind(Bytes untrusted_payload);
  void scan();
  void scan_next_channel();
  void on_advertisement(Bytes untrusted_payload);
  void send_connect_ind();
  void connect_ind_sent();
  void enter_connection(State role, const pdu::ConnectInd& parameters, const link::Address& peer);

  // Connection events (link_connection.cpp).
  void begin_event();
  void central_event();
  void peripheral_event();
  void send_data();
  void data_sent();
  void receive_timeout();
  void on_data_packet(const AirPacket& packet, bool crc_valid);
  void close_event();
  void on_valid_pdu(const DataHeader& header);
  void on_acknowledged(const DataPdu& pdu);
  void load_next_pdu();
  std::size_t next_payload_bytes() const;
  bool more_data() const { return !control_.empty() || !host_packets_.empty(); }
  bool pair_fits(std::size_t first_bytes, std::size_t second_bytes) const;
  std::int64_t widening_us(std::int64_t at_us) const;
  std::int64_t clock_error_us(std::int64_t at_us) const;
  void on_supervision_timeout();
  void disconnected(std::uint8_t reason);
  void note_disconnected(const char* reason);

  // Control procedures (link_control.cpp).
  void on_control(Bytes untrusted);
  void send_control(Bytes payload);
  void next_procedure();
  void on_length(const pdu::Length& peer);
  void choose_phy(std::uint8_t mask);
  void on_phy_update(const pdu::PhyUpdate& update);
  void apply_instant();
  void finish_phy_procedure(bool changed);
  void note_parameters();

  BleAir& air_;
  const BleSide side_;
  const link::Address own_;
  Random random_;
  EnergyPort* energy_;
  BleStatistics statistics_;

  State state_ = State::kOff;
  sc_core::sc_event timer_, supervision_;
  Action action_ = nullptr;
  Action listen_timeout_ = nullptr;
  bool listening_ = false;
  std::string_view energy_state_ = "off";
  std::uint8_t channel_ = 0;
  std::uint32_t access_address_ = kAdvertisingAccessAddress;
  Phy phy_ = Phy::k1M;

  // Advertising.
  std::uint32_t advertising_interval_us_ = 0;
  std::int64_t advertising_event_us_ = 0;
  std::vector<std::uint8_t> advertising_data_;

  // Initiating.
  link::hci::LeCreateConnection wanted_{};
  pdu::ConnectInd connect_ind_{};
  std::int64_t scan_until_us_ = 0;

  // Connection.
  std::int64_t interval_us_ = 0, timeout_us_ = 0, anchor_us_ = 0, synchronised_us_ = 0;
  std::int64_t window_us_ = 0;  // transmit window until the first packet fixes the anchor, then 0
  std::uint32_t clock_ppm_ = 0;      // what both sides promise
  int sleep_clock_error_ppm_ = 0;    // what this side's clock does
  std::uint8_t hop_ = 0;
  std::uint16_t event_counter_ = 0;
  bool established_ = false;
  Arq arq_;
  std::deque<DataPdu> control_;
  std::deque<HostPacket> host_packets_;
  std::size_t host_packets_waiting_ = 0;  // handed over by the host, not acknowledged yet
  bool host_full_ = false;
  std::uint16_t max_tx_octets_ = 27, max_rx_octets_ = 27, own_max_tx_octets_ = 0;
  // Within one event.
  int bad_crc_run_ = 0;
  bool own_md_ = false, peer_md_ = false, peer_may_repeat_ = false, first_packet_ = false;
  // Procedures.
  Procedure procedure_ = Procedure::kNone;
  bool length_wanted_ = false;
  std::uint8_t phy_wanted_ = 0;
  std::optional<std::uint16_t> phy_instant_;
  Phy next_phy_ = Phy::k1M;
  bool terminating_ = false;
  std::optional<std::uint8_t> leaving_;  // the peer ended it: leave after our acknowledgement is out
};

}  // namespace touchstone::models
