#include "link/hci.h"

#include "base/check.h"

namespace touchstone::link::hci {

namespace {
constexpr unsigned kHandleMask = 0x0FFF;
constexpr unsigned kBoundaryShift = 12;
constexpr unsigned kBroadcastShift = 14;
}  // namespace

const char* to_string(Reason reason) {
  switch (reason) {
    case kSuccess: return "success";
    case kUnknownCommand: return "unknown_command";
    case kUnknownConnection: return "unknown_connection";
    case kConnectionTimeout: return "connection_timeout";
    case kCommandDisallowed: return "command_disallowed";
    case kInvalidParameters: return "invalid_parameters";
    case kRemoteUserTerminated: return "remote_user_terminated";
    case kLocalHostTerminated: return "local_host_terminated";
    case kUnsupportedRemoteFeature: return "unsupported_remote_feature";
    case kInstantPassed: return "instant_passed";
    case kConnectionFailedToEstablish: return "connection_failed_to_establish";
  }
  return "other";
}

Result<Packet> parse(Bytes untrusted_h4) {
  ByteReader reader(untrusted_h4);
  switch (static_cast<Indicator>(reader.u8())) {
    case Indicator::kCommand: {
      const std::uint16_t opcode = reader.le16();
      const Bytes parameters = reader.take(reader.u8());
      if (reader.complete()) return Packet{Command{opcode, parameters}};
      break;
    }
    case Indicator::kEvent: {
      const std::uint8_t code = reader.u8();
      const Bytes parameters = reader.take(reader.u8());
      if (reader.complete()) return Packet{Event{code, parameters}};
      break;
    }
    case Indicator::kAcl: {
      const std::uint16_t word = reader.le16();
      const unsigned boundary = (word >> kBoundaryShift) & 3u;
      const Bytes data = reader.take(reader.le16());
      if (!reader.complete() || boundary > 2 || word >> kBroadcastShift != 0) break;
      return Packet{Acl{static_cast<std::uint16_t>(word & kHandleMask), static_cast<Boundary>(boundary), data}};
    }
  }
  return Error{ErrorCode::kBadFormat, "HCI packet"};
}

Bytes PacketBuffer::command(std::uint16_t opcode, Bytes parameters) {
  ByteWriter writer(buffer_);
  writer.u8(static_cast<std::uint8_t>(Indicator::kCommand));
  writer.le16(opcode);
  writer.u8(static_cast<std::uint8_t>(parameters.size()));
  writer.put(parameters);
  TS_CHECK(!writer.failed() && parameters.size() <= kMaxParameterBytes, "HCI command too long");
  return writer.written();
}

Bytes PacketBuffer::event(std::uint8_t code, Bytes parameters) {
  ByteWriter writer(buffer_);
  writer.u8(static_cast<std::uint8_t>(Indicator::kEvent));
  writer.u8(code);
  writer.u8(static_cast<std::uint8_t>(parameters.size()));
  writer.put(parameters);
  TS_CHECK(!writer.failed() && parameters.size() <= kMaxParameterBytes, "HCI event too long");
  return writer.written();
}

Bytes PacketBuffer::acl(std::uint16_t handle, Boundary boundary, Bytes data) {
  ByteWriter writer(buffer_);
  writer.u8(static_cast<std::uint8_t>(Indicator::kAcl));
  writer.le16(static_cast<std::uint16_t>((handle & kHandleMask) | static_cast<unsigned>(boundary) << kBoundaryShift));
  writer.le16(static_cast<std::uint16_t>(data.size()));
  writer.put(data);
  TS_CHECK(!writer.failed() && data.size() <= kMaxAclDataBytes, "ACL data too long");
  return writer.written();
}

}  // namespace touchstone::link::hci
