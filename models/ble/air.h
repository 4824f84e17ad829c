// BleAir: the radio medium. Packets take their air time; every radio tuned to the channel hears them, unless lost.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/event.h"
#include "base/seed.h"
#include "ble/config.h"

namespace touchstone::models {

/// Core v5.4 Vol 6 Part B sec. 4.1.1 and 2.1.2.
inline constexpr std::uint32_t kInterFrameSpace_us = 150;
inline constexpr std::uint32_t kAdvertisingAccessAddress = 0x8E89BED6;

/// Time on the air of a packet with `payload_bytes` behind its 2-byte header: preamble (1 byte at 1M, 2 at 2M), access
/// address 4, header 2, payload, CRC 3. No MIC: encryption is absent. Vol 6 Part B sec. 2.1.
constexpr std::uint32_t air_time_us(Phy phy, std::size_t payload_bytes) {
  const auto bytes = static_cast<std::uint32_t>((phy == Phy::k1M ? 1 : 2) + 4 + 2 + payload_bytes + 3);
  return phy == Phy::k1M ? 8 * bytes : 4 * bytes;
}

struct AirPacket {
  std::uint8_t channel = 0;  ///< 0..36 data, 37..39 advertising
  Phy phy = Phy::k1M;
  std::uint32_t access_address = kAdvertisingAccessAddress;
  std::vector<std::uint8_t> pdu;  ///< header (2 bytes) and payload; the CRC is not carried, only whether it holds
  bool from_card = false;         ///< who sends; for observers, no receiver can tell
  std::uint32_t air_time_us() const { return models::air_time_us(phy, pdu.size() - 2); }
};

/// One transceiver, as the medium sees it.
class Radio {
 public:
  virtual ~Radio() = default;
  /// A packet begins. True: this receiver is on, tuned to its channel and access address, and locks on.
  virtual bool on_packet_start(const AirPacket& packet) = 0;
  /// Comes once after on_packet_start() returned true.
  virtual void on_packet_end(const AirPacket& packet, bool crc_valid) = 0;
};

class BleAir {
 public:
  /// `loss` draws one number for each packet sent while loss is not 0.
  BleAir(const SeedTree& seeds, EventSink& events);
  BleAir(const BleAir&) = delete;
  BleAir& operator=(const BleAir&) = delete;

  /// Chance in parts per million that a packet arrives corrupted: the receiver locks on, the CRC fails.
  void set_loss(std::uint32_t ppm) { loss_ppm_ = ppm; }
  /// Out of range: from now on nothing is heard; a packet in flight is corrupted.
  void cut();
  void restore() { cut_ = false; }
  bool is_cut() const { return cut_; }

  /// Hears every packet at its end with its start time and its fate, e.g. a sniffer.
  enum class Fate : std::uint8_t { kDelivered, kCorrupted, kUnheard };
  using Observer = std::function<void(const AirPacket&, sc_core::sc_time start, Fate)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }

  // For radios.
  void attach(Radio& radio) { radios_.push_back(&radio); }
  void begin(Radio& from, AirPacket packet);
  /// The air time is over: those who locked on get the packet.
  void end(Radio& from);
  /// The radio falls silent and deaf at once: its packet in flight ends corrupted, and it gets no packet end any more.
  void drop(Radio& radio);
  /// Sums over one connection event, written as ble.connection_event when anything happened. The receiver accounts.
  void account(bool to_card, std::size_t bytes) { (to_card ? to_card_bytes_ : to_wallet_bytes_) += bytes; }
  void close_connection_event(std::uint16_t counter);

  template <typename Event>
  void emit(const Event& event) { events_.emit(now_ns(), event); }

 private:
  struct Flight {
    Radio* from;
    AirPacket packet;
    sc_core::sc_time start;
    bool corrupted;
    std::vector<Radio*> receivers;
  };
  void deliver(std::size_t flight, bool corrupted);
  static std::int64_t now_ns();

  std::vector<Radio*> radios_;
  std::vector<Flight> flights_;
  Random random_;
  EventSink& events_;
  Observer observer_;
  std::uint32_t loss_ppm_ = 0;
  bool cut_ = false;
  std::size_t to_card_bytes_ = 0, to_wallet_bytes_ = 0;
  std::uint32_t lost_ = 0;
};

}  // namespace touchstone::models
