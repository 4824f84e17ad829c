#include "packets.h"

#include <fstream>
#include <string>

namespace touchstone::report {
namespace {

// pcap with nanoseconds (draft-ietf-opsawg-pcap), link type LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR (tcpdump.org).
constexpr std::uint32_t kMagicNanoseconds = 0xA1B23C4D, kLinkTypeLeWithPhdr = 256;
constexpr std::size_t kFileHeader = 24, kPacketHeader = 16, kPhdr = 10, kAccessAddress = 4, kPduHeader = 2;
constexpr std::uint32_t kAdvertisingAccessAddress = 0x8E89BED6;
constexpr std::uint32_t kCrcValid = 0x0800;

std::uint32_t le(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out |= std::uint32_t{static_cast<std::uint8_t>(bytes[at + i])} << (8 * i);
  return out;
}

/// Core v5.4 Vol 6 Part B sec. 2.3 and 2.4.
std::string kind_of(bool advertising, std::uint32_t header, std::uint32_t opcode) {
  if (advertising) {
    constexpr const char* kNames[] = {"ADV_IND", "ADV_DIRECT_IND", "ADV_NONCONN_IND", "SCAN_REQ", "SCAN_RSP", "CONNECT_IND", "ADV_SCAN_IND"};
    return (header & 15) < std::size(kNames) ? kNames[header & 15] : "advertising";
  }
  switch (header & 3) {
    case 1: return "L2CAP, continued";
    case 2: return "L2CAP";
    case 3: return "LL control 0x" + std::string(1, "0123456789ABCDEF"[opcode >> 4 & 15]) + "0123456789ABCDEF"[opcode & 15];
    default: return "reserved";
  }
}

}  // namespace

nlohmann::ordered_json packets_on_the_air(const std::filesystem::path& pcap, std::int64_t zero_ns, std::size_t most) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  std::ifstream in(pcap, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() < kFileHeader || le(bytes, 0, 4) != kMagicNanoseconds || le(bytes, 20, 4) != kLinkTypeLeWithPhdr) return out;
  for (std::size_t at = kFileHeader; at + kPacketHeader <= bytes.size() && out.size() < most;) {
    const std::int64_t t_ns = std::int64_t{le(bytes, at, 4)} * 1'000'000'000 + le(bytes, at + 4, 4) - zero_ns;
    const std::size_t length = le(bytes, at + 8, 4), packet = at + kPacketHeader, pdu = packet + kPhdr + kAccessAddress;
    if (length > bytes.size() - packet || length < kPhdr + kAccessAddress + kPduHeader) break;
    at = packet + length;
    const std::uint32_t flags = le(bytes, packet + 8, 2), header = le(bytes, pdu, 1), payload = le(bytes, pdu + 1, 1);
    const bool advertising = le(bytes, packet + kPhdr, 4) == kAdvertisingAccessAddress;
    if (t_ns < 0 || payload == 0) continue;  // empty ones only keep the connection alive
    const std::uint32_t opcode = pdu + kPduHeader < at ? le(bytes, pdu + kPduHeader, 1) : 0, type = flags >> 7 & 7;
    out.push_back({t_ns, type == 2 ? "to the card" : type == 3 ? "to the wallet" : "to all", kind_of(advertising, header, opcode), payload, (flags & kCrcValid) != 0});
  }
  return out;
}

}  // namespace touchstone::report
