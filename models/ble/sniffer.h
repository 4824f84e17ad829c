// Sniffer: hears every packet on the air, keeps it, puts messages together again and writes the capture as pcap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "ble/air.h"

namespace touchstone::models {

/// CRC of a link layer PDU (Core v5.4 Vol 6 Part B sec. 3.1.1) in the three bytes as they go on the air, first one first.
/// `init`: 0x555555 for advertising, else CRCInit of CONNECT_IND.
ByteArray<3> crc24(std::uint32_t init, Bytes pdu);

/// Physical channel of a channel index: 37, 38, 39 lie at 0, 12 and 39 (Vol 6 Part B sec. 1.4.1).
std::uint8_t rf_channel(std::uint8_t channel_index);

class Sniffer {
 public:
  /// Packets that are kept; a guest that floods the air does not fill the host's memory.
  static constexpr std::size_t kMaxPackets = 1'000'000;

  struct Packet {
    std::int64_t start_ns;
    std::uint32_t access_address;
    std::uint8_t channel;
    Phy phy;
    bool from_card;
    BleAir::Fate fate;
    std::size_t offset;
    std::uint16_t pdu_bytes;
    std::int64_t air_time_ns() const { return std::int64_t{1000} * air_time_us(phy, pdu_bytes - std::size_t{2}); }
  };
  /// One L2CAP service data unit of a credit-based channel, or one frame of a fixed channel.
  struct Message {
    std::int64_t start_ns;  ///< of its first packet
    bool from_card;
    std::uint16_t channel_id;
    bool whole;  ///< false: the connection ended within
    std::vector<std::uint8_t> bytes;
  };

  /// Becomes the observer of `air`.
  explicit Sniffer(BleAir& air);
  Sniffer(const Sniffer&) = delete;
  Sniffer& operator=(const Sniffer&) = delete;

  /// Called for each packet at its end.
  std::function<void(const Packet&)> on_packet;

  const std::vector<Packet>& packets() const { return packets_; }
  Bytes pdu(const Packet& packet) const { return Bytes(pdus_).subspan(packet.offset, packet.pdu_bytes); }
  /// Everything that was on the air, one PDU behind the other.
  Bytes all_pdus() const { return pdus_; }
  /// What the receivers made of the packets they got: repeats left out, fragments joined.
  std::vector<Message> messages() const;
  /// pcap with nanoseconds, link type 256 (LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR); times are virtual, from power-on of the
  /// bench. Corrupted packets carry a wrong CRC, and a flag says so. False when the file could not be written.
  [[nodiscard]] bool write_pcap(const std::filesystem::path& path) const;

 private:
  void hear(const AirPacket& packet, sc_core::sc_time start, BleAir::Fate fate);

  std::vector<Packet> packets_;
  std::vector<std::uint8_t> pdus_;
};

}  // namespace touchstone::models
