#include "ble/sniffer.h"

#include <array>
#include <fstream>
#include <map>
#include <optional>

#include "ble/arq.h"
#include "ble/pdu.h"
#include "bus/time.h"
#include "link/l2cap.h"

namespace touchstone::models {
namespace {

// Record of LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR, www.tcpdump.org/linktypes.
constexpr unsigned kDewhitened = 0x0001;
constexpr unsigned kReferenceAddressValid = 0x0010;
constexpr unsigned kCentralToPeripheral = 2 << 7;
constexpr unsigned kPeripheralToCentral = 3 << 7;
constexpr unsigned kCrcChecked = 0x0400;
constexpr unsigned kCrcValid = 0x0800;
constexpr unsigned kPhy2M = 1 << 14;
constexpr std::uint32_t kNanosecondMagic = 0xA1B23C4D;
constexpr std::uint32_t kLinkType = 256;
constexpr std::uint32_t kSnapLength = 65535;
constexpr std::uint32_t kAdvertisingCrcInit = 0x555555;

class File {
 public:
  explicit File(const std::filesystem::path& path) : out_(path, std::ios::binary) {}
  void u8(std::uint8_t v) { out_.put(static_cast<char>(v)); }
  void u16(std::uint16_t v) {
    u8(static_cast<std::uint8_t>(v));
    u8(static_cast<std::uint8_t>(v >> 8));
  }
  void u32(std::uint32_t v) {
    u16(static_cast<std::uint16_t>(v));
    u16(static_cast<std::uint16_t>(v >> 16));
  }
  void put(Bytes bytes) { out_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())); }
  bool close() { return static_cast<bool>(out_.flush()); }

 private:
  std::ofstream out_;
};

/// CRCInit as a number: the air carries its least significant byte first.
std::optional<std::uint32_t> crc_init_of(Bytes pdu, std::uint32_t& access_address) {
  if (pdu.size() < 2 || (pdu[0] & 15) != static_cast<std::uint8_t>(pdu::AdvertisingType::kConnectInd)) return std::nullopt;
  const auto connect = link::hci::decode<pdu::ConnectInd>(pdu.subspan(2));
  if (!connect) return std::nullopt;
  access_address = connect->access_address;
  return connect->crc_init[0] | std::uint32_t{connect->crc_init[1]} << 8 | std::uint32_t{connect->crc_init[2]} << 16;
}

/// One direction of a connection: what its receiver has put together so far.
struct Assembly {
  bool expected_sn = false;
  std::vector<std::uint8_t> frame;  // one L2CAP frame
  std::size_t frame_bytes = 0;      // 0: none begun
  std::int64_t frame_start_ns = 0;
  std::optional<Sniffer::Message> sdu;
  std::size_t sdu_bytes = 0;
};

}  // namespace

// x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1; position 23 of the register goes on the air first. Kept mirrored (position 23
// in bit 0), so that bits leave on the right, as the bits of a byte do.
ByteArray<3> crc24(std::uint32_t init, Bytes pdu) {
  std::uint32_t state = 0;
  for (int bit = 0; bit < 24; ++bit) state |= (init >> bit & 1) << (23 - bit);
  constexpr std::uint32_t kTaps = 0xDA6000;  // x^10 ... 1, mirrored
  for (const std::uint8_t byte : pdu)
    for (int bit = 0; bit < 8; ++bit) {
      const bool feedback = ((state ^ byte >> bit) & 1) != 0;
      state = (state >> 1) ^ (feedback ? kTaps : 0);
    }
  return {static_cast<std::uint8_t>(state), static_cast<std::uint8_t>(state >> 8), static_cast<std::uint8_t>(state >> 16)};
}

std::uint8_t rf_channel(std::uint8_t channel_index) {
  switch (channel_index) {
    case 37: return 0;
    case 38: return 12;
    case 39: return 39;
    default: return static_cast<std::uint8_t>(channel_index + (channel_index <= 10 ? 1 : 2));
  }
}

Sniffer::Sniffer(BleAir& air) {
  air.set_observer([this](const AirPacket& packet, sc_core::sc_time start, BleAir::Fate fate) { hear(packet, start, fate); });
}

void Sniffer::hear(const AirPacket& packet, sc_core::sc_time start, BleAir::Fate fate) {
  if (packets_.size() >= kMaxPackets) return;
  packets_.push_back({to_ns(start), packet.access_address, packet.channel, packet.phy, packet.from_card, fate, pdus_.size(), static_cast<std::uint16_t>(packet.pdu.size())});
  pdus_.insert(pdus_.end(), packet.pdu.begin(), packet.pdu.end());
  if (on_packet) on_packet(packets_.back());
}

std::vector<Sniffer::Message> Sniffer::messages() const {
  std::vector<Message> out;
  std::map<std::pair<std::uint32_t, bool>, Assembly> directions;  // a connection has an access address of its own
  for (const Packet& packet : packets_) {
    if (packet.access_address == kAdvertisingAccessAddress || packet.fate != BleAir::Fate::kDelivered) continue;
    const auto header = DataHeader::parse(pdu(packet));
    Assembly& a = directions[{packet.access_address, packet.from_card}];
    if (!header || header->sn != a.expected_sn) continue;
    a.expected_sn = !a.expected_sn;
    if (header->llid == Llid::kControl || header->payload.empty()) continue;
    if (header->llid == Llid::kStart) {
      a.frame.clear();
      a.frame_start_ns = packet.start_ns;
    }
    a.frame.insert(a.frame.end(), header->payload.begin(), header->payload.end());
    if (a.frame.size() < link::l2cap::kHeaderBytes) continue;
    const std::size_t length = load_le16(a.frame.data());
    if (a.frame.size() < link::l2cap::kHeaderBytes + length) continue;
    const std::uint16_t cid = load_le16(a.frame.data() + 2);
    Bytes payload = Bytes(a.frame).subspan(link::l2cap::kHeaderBytes, length);
    if (cid < link::l2cap::kCidFirstDynamic) {
      out.push_back({a.frame_start_ns, packet.from_card, cid, true, {payload.begin(), payload.end()}});
    } else {
      if (!a.sdu) {
        if (payload.size() < link::l2cap::kSduLengthBytes) continue;
        a.sdu_bytes = load_le16(payload.data());
        a.sdu = Message{a.frame_start_ns, packet.from_card, cid, false, {}};
        payload = payload.subspan(link::l2cap::kSduLengthBytes);
      }
      a.sdu->bytes.insert(a.sdu->bytes.end(), payload.begin(), payload.end());
      if (a.sdu->bytes.size() >= a.sdu_bytes) {
        a.sdu->whole = true;
        out.push_back(std::move(*a.sdu));
        a.sdu.reset();
      }
    }
    a.frame.clear();
  }
  for (auto& [key, a] : directions)
    if (a.sdu) out.push_back(std::move(*a.sdu));
  return out;
}

bool Sniffer::write_pcap(const std::filesystem::path& path) const {
  File file(path);
  file.u32(kNanosecondMagic);
  file.u16(2);  // version 2.4
  file.u16(4);
  file.u32(0);  // time zone
  file.u32(0);
  file.u32(kSnapLength);
  file.u32(kLinkType);
  std::map<std::uint32_t, std::uint32_t> crc_inits{{kAdvertisingAccessAddress, kAdvertisingCrcInit}};
  for (const Packet& packet : packets_) {
    const Bytes bytes = pdu(packet);
    if (packet.access_address == kAdvertisingAccessAddress) {
      std::uint32_t access_address = 0;
      if (const auto init = crc_init_of(bytes, access_address)) crc_inits[access_address] = *init;
    }
    const bool corrupted = packet.fate == BleAir::Fate::kCorrupted;
    ByteArray<3> crc = crc24(crc_inits[packet.access_address], bytes);
    if (corrupted) crc[2] ^= 0xFF;
    unsigned flags = kDewhitened | kReferenceAddressValid | kCrcChecked | (corrupted ? 0 : kCrcValid) | (packet.phy == Phy::k2M ? kPhy2M : 0);
    if (packet.access_address != kAdvertisingAccessAddress) flags |= packet.from_card ? kPeripheralToCentral : kCentralToPeripheral;

    const auto size = static_cast<std::uint32_t>(10 + 4 + bytes.size() + crc.size());
    file.u32(static_cast<std::uint32_t>(packet.start_ns / 1'000'000'000));
    file.u32(static_cast<std::uint32_t>(packet.start_ns % 1'000'000'000));
    file.u32(size);
    file.u32(size);
    file.u8(rf_channel(packet.channel));
    file.u8(0);  // signal power, noise power, address offences: not valid
    file.u8(0);
    file.u8(0);
    file.u32(packet.access_address);
    file.u16(static_cast<std::uint16_t>(flags));
    file.u32(packet.access_address);
    file.put(bytes);
    file.put(crc);
  }
  return file.close();
}

}  // namespace touchstone::models
