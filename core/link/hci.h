// Host Controller Interface: the packets of the LE subset we use, for both ends. Freestanding.
// Bluetooth Core Specification v5.4: H4 transport Vol 4 Part A sec. 2; packet formats Vol 4 Part E sec. 5.4; commands
// sec. 7.1, 7.3, 7.8; events sec. 7.7. Multi-byte fields are little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::link {

/// Device address, least significant byte first, as it goes over HCI and air.
using Address = ByteArray<6>;

namespace hci {

/// First byte of an H4 packet.
enum class Indicator : std::uint8_t { kCommand = 1, kAcl = 2, kEvent = 4 };

/// OGF << 10 | OCF.
enum Opcode : std::uint16_t {
  kNoOperation = 0x0000,
  kDisconnect = 0x0406,
  kSetEventMask = 0x0C01,
  kReset = 0x0C03,
  kLeSetEventMask = 0x2001,
  kLeReadBufferSize = 0x2002,
  kLeSetAdvertisingParameters = 0x2006,
  kLeSetAdvertisingData = 0x2008,
  kLeSetAdvertisingEnable = 0x200A,
  kLeCreateConnection = 0x200D,
  kLeCreateConnectionCancel = 0x200E,
  kLeSetDataLength = 0x2022,
  kLeSetPhy = 0x2032,
};

enum EventCode : std::uint8_t {
  kDisconnectionComplete = 0x05,
  kCommandComplete = 0x0E,
  kCommandStatus = 0x0F,
  kNumberOfCompletedPackets = 0x13,
  kLeMeta = 0x3E,
};
enum LeSubevent : std::uint8_t { kLeConnectionComplete = 0x01, kLeDataLengthChange = 0x07, kLePhyUpdateComplete = 0x0C };

/// Error codes, Vol 1 Part F sec. 1.3.
enum Reason : std::uint8_t {
  kSuccess = 0x00,
  kUnknownCommand = 0x01,
  kUnknownConnection = 0x02,
  kConnectionTimeout = 0x08,
  kCommandDisallowed = 0x0C,
  kInvalidParameters = 0x12,
  kRemoteUserTerminated = 0x13,
  kLocalHostTerminated = 0x16,
  kUnsupportedRemoteFeature = 0x1A,
  kInstantPassed = 0x28,
  kConnectionFailedToEstablish = 0x3E,
};
/// Short name for events and logs: "connection_timeout", ...; "other" for codes not listed above.
const char* to_string(Reason reason);

/// LE PHY codes of events; as a preference mask of LE Set PHY the bits are 1 << (code - 1).
enum PhyCode : std::uint8_t { kPhy1M = 1, kPhy2M = 2 };

/// Packet boundary flag of ACL data, Vol 4 Part E sec. 5.4.2.
enum class Boundary : std::uint8_t { kFirstFromHost = 0, kContinuing = 1, kFirstFromController = 2 };

/// Longest time a packet with so many payload octets takes: at 1M, with a MIC (Vol 6 Part B sec. 4.5.10).
constexpr std::uint16_t max_time_us(std::uint16_t octets) { return static_cast<std::uint16_t>((octets + 14) * 8); }

inline constexpr std::size_t kMaxParameterBytes = 255;
/// Longest ACL data field we build or accept: the longest link layer payload (Vol 6 Part B sec. 2.4).
inline constexpr std::size_t kMaxAclDataBytes = 251;
inline constexpr std::size_t kMaxPacketBytes = 1 + 3 + kMaxParameterBytes;

struct Command {
  std::uint16_t opcode;
  Bytes parameters;
};
struct Event {
  std::uint8_t code;
  Bytes parameters;
};
struct Acl {
  std::uint16_t handle;
  Boundary boundary;
  Bytes data;
};
using Packet = std::variant<Command, Event, Acl>;

/// Splits one H4 packet. Errors: kBadFormat (unknown indicator, length that does not agree, reserved flag bits).
/// The views point into the input.
Result<Packet> parse(Bytes untrusted_h4);

/// One H4 packet under construction or as built.
class PacketBuffer {
 public:
  Bytes command(std::uint16_t opcode, Bytes parameters);
  Bytes event(std::uint8_t code, Bytes parameters);
  Bytes acl(std::uint16_t handle, Boundary boundary, Bytes data);

 private:
  ByteArray<kMaxPacketBytes> buffer_;
};

// Parameters. Each struct names its fields once, in order; encode() and decode() serve both ends.

struct Disconnect {
  std::uint16_t handle;
  std::uint8_t reason;
  constexpr void fields(auto& io) { io(handle, reason); }
};
struct EventMask {
  std::uint64_t mask;
  constexpr void fields(auto& io) { io(mask); }
};
struct LeSetAdvertisingParameters {
  std::uint16_t interval_min, interval_max;  // 0.625 ms
  std::uint8_t type;                         // 0: ADV_IND
  std::uint8_t own_address_type, peer_address_type;
  Address peer;
  std::uint8_t channel_map, filter_policy;
  constexpr void fields(auto& io) {
    io(interval_min, interval_max, type, own_address_type, peer_address_type, peer, channel_map, filter_policy);
  }
};
struct LeSetAdvertisingData {
  std::uint8_t size_bytes;
  ByteArray<31> data;
  constexpr void fields(auto& io) { io(size_bytes, data); }
};
struct LeSetAdvertisingEnable {
  std::uint8_t enable;
  constexpr void fields(auto& io) { io(enable); }
};
struct LeCreateConnection {
  std::uint16_t scan_interval, scan_window;  // 0.625 ms
  std::uint8_t filter_policy, peer_address_type;
  Address peer;
  std::uint8_t own_address_type;
  std::uint16_t interval_min, interval_max;  // 1.25 ms
  std::uint16_t latency;                     // connection events
  std::uint16_t timeout;                     // 10 ms
  std::uint16_t min_ce_length, max_ce_length;
  constexpr void fields(auto& io) {
    io(scan_interval, scan_window, filter_policy, peer_address_type, peer, own_address_type, interval_min, interval_max,
       latency, timeout, min_ce_length, max_ce_length);
  }
};
struct LeSetDataLength {
  std::uint16_t handle, tx_octets, tx_time_us;
  constexpr void fields(auto& io) { io(handle, tx_octets, tx_time_us); }
};
struct LeSetPhy {
  std::uint16_t handle;
  std::uint8_t all_phys, tx_phys, rx_phys;
  std::uint16_t options;
  constexpr void fields(auto& io) { io(handle, all_phys, tx_phys, rx_phys, options); }
};

// Return parameters of Command Complete, status first.

struct LeDataLengthStatus {
  std::uint8_t status;
  std::uint16_t handle;
  constexpr void fields(auto& io) { io(status, handle); }
};
struct LeBufferSize {
  std::uint8_t status;
  std::uint16_t acl_bytes;
  std::uint8_t acl_packets;
  constexpr void fields(auto& io) { io(status, acl_bytes, acl_packets); }
};

struct CommandStatus {
  std::uint8_t status, packets;
  std::uint16_t opcode;
  constexpr void fields(auto& io) { io(status, packets, opcode); }
};
struct DisconnectionComplete {
  std::uint8_t status;
  std::uint16_t handle;
  std::uint8_t reason;
  constexpr void fields(auto& io) { io(status, handle, reason); }
};
/// The form for one connection, the only one we send; we read the general one.
struct CompletedPackets {
  std::uint8_t handles;
  std::uint16_t handle, count;
  constexpr void fields(auto& io) { io(handles, handle, count); }
};
struct LeConnectionComplete {
  std::uint8_t subevent, status;
  std::uint16_t handle;
  std::uint8_t role;  // 0 central, 1 peripheral
  std::uint8_t peer_address_type;
  Address peer;
  std::uint16_t interval, latency, timeout;
  std::uint8_t clock_accuracy;
  constexpr void fields(auto& io) {
    io(subevent, status, handle, role, peer_address_type, peer, interval, latency, timeout, clock_accuracy);
  }
};
struct LeDataLengthChange {
  std::uint8_t subevent;
  std::uint16_t handle, max_tx_octets, max_tx_time_us, max_rx_octets, max_rx_time_us;
  constexpr void fields(auto& io) { io(subevent, handle, max_tx_octets, max_tx_time_us, max_rx_octets, max_rx_time_us); }
};
struct LePhyUpdateComplete {
  std::uint8_t subevent, status;
  std::uint16_t handle;
  std::uint8_t tx_phy, rx_phy;
  constexpr void fields(auto& io) { io(subevent, status, handle, tx_phy, rx_phy); }
};

namespace detail {
struct FieldWriter {
  ByteWriter& out;
  constexpr void one(std::uint8_t v) { out.u8(v); }
  constexpr void one(std::uint16_t v) { out.le16(v); }
  constexpr void one(std::uint32_t v) { out.le32(v); }
  constexpr void one(std::uint64_t v) { out.le64(v); }
  template <std::size_t N>
  constexpr void one(const ByteArray<N>& v) { out.put(v); }
  constexpr void operator()(const auto&... v) { (one(v), ...); }
};
struct FieldReader {
  ByteReader& in;
  constexpr void one(std::uint8_t& v) { v = in.u8(); }
  constexpr void one(std::uint16_t& v) { v = in.le16(); }
  constexpr void one(std::uint32_t& v) { v = in.le32(); }
  constexpr void one(std::uint64_t& v) { v = in.le64(); }
  template <std::size_t N>
  constexpr void one(ByteArray<N>& v) { in.copy(v); }
  constexpr void operator()(auto&... v) { (one(v), ...); }
};
}  // namespace detail

/// Encoded parameters of `value`, in their own small buffer.
template <typename T>
struct Encoded {
  explicit constexpr Encoded(T value) {
    ByteWriter writer(buffer);
    detail::FieldWriter io{writer};
    value.fields(io);
    size_bytes = writer.size();
  }
  constexpr operator Bytes() const { return Bytes(buffer.data(), size_bytes); }  // NOLINT: implicit by design
  ByteArray<40> buffer{};
  std::size_t size_bytes = 0;
};
template <typename T>
constexpr Encoded<T> encode(T value) {
  return Encoded<T>(value);
}
/// Nothing when the size does not agree exactly.
template <typename T>
constexpr std::optional<T> decode(Bytes untrusted) {
  ByteReader reader(untrusted);
  detail::FieldReader io{reader};
  T value{};
  value.fields(io);
  if (!reader.complete()) return std::nullopt;
  return value;
}

}  // namespace hci
}  // namespace touchstone::link
