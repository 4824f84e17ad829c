// Link layer PDUs we send and understand. Core v5.4 Vol 6 Part B: advertising PDUs sec. 2.3, control PDUs sec. 2.4.2.
// Field lists as in link/hci.h; use link::hci::encode and decode.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "link/hci.h"

namespace touchstone::models::pdu {

/// Header (first byte as given, then the length) and payload: the same shape in both kinds of channel.
inline std::vector<std::uint8_t> with_header(std::uint8_t first, Bytes payload) {
  std::vector<std::uint8_t> pdu(2 + payload.size());
  pdu[0] = first;
  pdu[1] = static_cast<std::uint8_t>(payload.size());
  std::copy(payload.begin(), payload.end(), pdu.begin() + 2);
  return pdu;
}

enum class AdvertisingType : std::uint8_t { kAdvInd = 0, kConnectInd = 5 };  ///< low four bits of the header's first byte

/// CONNECT_IND payload.
struct ConnectInd {
  link::Address initiator, advertiser;
  std::uint32_t access_address;
  ByteArray<3> crc_init;
  std::uint8_t window_size;                                   // 1.25 ms
  std::uint16_t window_offset, interval, latency, timeout;    // 1.25 ms, 1.25 ms, events, 10 ms
  ByteArray<5> channel_map;
  std::uint8_t hop_and_clock;  // hop increment (5 bits), sleep clock accuracy (3 bits)
  constexpr void fields(auto& io) {
    io(initiator, advertiser, access_address, crc_init, window_size, window_offset, interval, latency, timeout, channel_map,
       hop_and_clock);
  }
};

enum ControlOpcode : std::uint8_t {
  kTerminateInd = 0x02,
  kUnknownRsp = 0x07,
  kRejectInd = 0x0D,
  kRejectExtInd = 0x11,
  kLengthReq = 0x14,
  kLengthRsp = 0x15,
  kPhyReq = 0x16,
  kPhyRsp = 0x17,
  kPhyUpdateInd = 0x18,
};
struct Terminate {
  std::uint8_t opcode, reason;
  constexpr void fields(auto& io) { io(opcode, reason); }
};
struct UnknownRsp {
  std::uint8_t opcode, unknown;
  constexpr void fields(auto& io) { io(opcode, unknown); }
};
struct Length {
  std::uint8_t opcode;
  std::uint16_t max_rx_octets, max_rx_time_us, max_tx_octets, max_tx_time_us;
  constexpr void fields(auto& io) { io(opcode, max_rx_octets, max_rx_time_us, max_tx_octets, max_tx_time_us); }
};
struct PhyWish {
  std::uint8_t opcode, tx_phys, rx_phys;
  constexpr void fields(auto& io) { io(opcode, tx_phys, rx_phys); }
};
struct PhyUpdate {
  std::uint8_t opcode, central_to_peripheral, peripheral_to_central;
  std::uint16_t instant;
  constexpr void fields(auto& io) { io(opcode, central_to_peripheral, peripheral_to_central, instant); }
};

}  // namespace touchstone::models::pdu
