// L2CAP for LE: numbers of the frames and of the signalling commands we use. Freestanding.
// Bluetooth Core Specification v5.4, Vol 3 Part A: channel identifiers sec. 2.1, B- and K-frames sec. 3.1 and 3.4, signalling
// sec. 4 (4.1, 4.6, 4.7, 4.22-4.24), LE credit based flow control sec. 10.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "link/hci.h"

namespace touchstone::link::l2cap {

inline constexpr std::uint16_t kCidLeSignalling = 0x0005;
inline constexpr std::uint16_t kCidFirstDynamic = 0x0040;
inline constexpr std::uint16_t kCidLastDynamic = 0x007F;
/// Our service. A dynamic SPSM (0x0080-0x00FF) is normally announced over GATT; here both sides know it.
inline constexpr std::uint16_t kSpsm = 0x0080;

inline constexpr std::size_t kHeaderBytes = 4;      // length, channel
inline constexpr std::size_t kSduLengthBytes = 2;   // in front of an SDU's first K-frame
inline constexpr std::uint16_t kMinMtu = 23;        // also the smallest MPS, and the signalling MTU
/// One K-frame then fills one link layer packet of 251 bytes.
inline constexpr std::uint16_t kMps = hci::kMaxAclDataBytes - kHeaderBytes;
inline constexpr std::uint16_t kMaxCredits = 65535;

enum SignalCode : std::uint8_t {
  kCommandReject = 0x01,
  kDisconnectionRequest = 0x06,
  kDisconnectionResponse = 0x07,
  kCreditConnectionRequest = 0x14,
  kCreditConnectionResponse = 0x15,
  kFlowControlCredit = 0x16,
};
enum ConnectionResult : std::uint16_t {
  kAccepted = 0x0000,
  kSpsmNotSupported = 0x0002,
  kNoResources = 0x0004,
  kInvalidSourceCid = 0x0009,
  kSourceCidInUse = 0x000A,
  kUnacceptableParameters = 0x000B,
};

struct CreditConnectionRequest {
  std::uint16_t spsm, source_cid, mtu, mps, credits;
  constexpr void fields(auto& io) { io(spsm, source_cid, mtu, mps, credits); }
};
struct CreditConnectionResponse {
  std::uint16_t destination_cid, mtu, mps, credits, result;
  constexpr void fields(auto& io) { io(destination_cid, mtu, mps, credits, result); }
};
struct FlowControlCredit {
  std::uint16_t cid, credits;
  constexpr void fields(auto& io) { io(cid, credits); }
};
/// Request and response carry the same fields.
struct Disconnection {
  std::uint16_t destination_cid, source_cid;
  constexpr void fields(auto& io) { io(destination_cid, source_cid); }
};

struct RejectInvalidCid {
  std::uint16_t reason, local_cid, remote_cid;
  constexpr void fields(auto& io) { io(reason, local_cid, remote_cid); }
};

}  // namespace touchstone::link::l2cap
