// The connection: commands, events, link up and down. The channel on top is in link_channel.cpp.
#include "link/link_host.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone::link {

namespace {

// Event masks, Vol 4 Part E sec. 7.3.1 and 7.8.1. Command and buffer events cannot be masked.
constexpr std::uint64_t kEventMask = std::uint64_t{1} << 4 | std::uint64_t{1} << 61;  // Disconnection Complete, LE Meta
constexpr std::uint64_t kLeEventMask = 1u << (hci::kLeConnectionComplete - 1) | 1u << (hci::kLeDataLengthChange - 1) |
                                       1u << (hci::kLePhyUpdateComplete - 1);

constexpr std::uint16_t kMinAclBytes = 27;  // smallest LE ACL buffer, Vol 4 Part E sec. 7.8.2

// Flags: general discoverable, no BR/EDR; complete local name. Core Specification Supplement Part A sec. 1.2, 1.3.
constexpr ByteArray<15> kAdvertisingData{2,   0x01, 0x06, 11,  0x09, 't', 'o', 'u',
                                         'c', 'h',  's',  't', 'o',  'n', 'e'};

constexpr std::uint16_t units(std::uint32_t value, std::uint32_t unit) { return static_cast<std::uint16_t>(value / unit); }

}  // namespace

LinkHost::LinkHost(const LinkConfig& config, HciOut& out, LinkEvents& events, MutableBytes receive, MutableBytes transmit)
    : config_(config), out_(out), events_(events), receive_(receive), transmit_(transmit) {
  TS_CHECK(receive.size() >= l2cap::kMinMtu && receive.size() <= 65535, "receive buffer size");
  // One message and a little more may be under way: enough to keep a peer sending while credits travel back.
  credit_window_ = static_cast<std::uint16_t>((receive.size() + l2cap::kSduLengthBytes + l2cap::kMps - 1) / l2cap::kMps + 2);
}

void LinkHost::start() {
  forget_connection();
  connect_wanted_ = false;
  enter(Step::kReset);
}

Status LinkHost::connect(const Address& peer) {
  if (config_.role != LinkRole::kCentral || step_ == Step::kOff || connect_wanted_ || linked_)
    return Error{ErrorCode::kState, "connect"};
  peer_ = peer;
  connect_wanted_ = true;
  if (step_ == Step::kReady) enter(Step::kCreating);
  return {};
}

void LinkHost::disconnect() {
  channel_ = Channel::kClosed;
  if (linked_) {
    if (step_ == Step::kDisconnecting) return;
    if (pending_opcode_ != hci::kNoOperation) close_wanted_ = true;
    else enter(Step::kDisconnecting);
  } else if (step_ == Step::kCreating) {
    if (pending_opcode_ != hci::kNoOperation) close_wanted_ = true;
    else enter(Step::kCancelling);
  } else if (connect_wanted_ && step_ != Step::kCancelling) {
    connect_wanted_ = false;
    events_.on_closed(hci::kLocalHostTerminated);
  }
}

void LinkHost::command(std::uint16_t opcode, Bytes parameters) {
  pending_opcode_ = opcode;
  out_.send(packet_.command(opcode, parameters));
}

void LinkHost::enter(Step step) {
  step_ = step;
  switch (step) {
    case Step::kReset: return command(hci::kReset, {});
    case Step::kEventMask: return command(hci::kSetEventMask, hci::encode(hci::EventMask{kEventMask}));
    case Step::kLeEventMask: return command(hci::kLeSetEventMask, hci::encode(hci::EventMask{kLeEventMask}));
    case Step::kBufferSize: return command(hci::kLeReadBufferSize, {});
    case Step::kAdvertisingParameters: {
      const std::uint16_t interval = units(config_.advertising_interval_us, 625);
      hci::LeSetAdvertisingParameters p{};
      p.interval_min = p.interval_max = interval;
      p.channel_map = 7;
      return command(hci::kLeSetAdvertisingParameters, hci::encode(p));
    }
    case Step::kAdvertisingData: {
      hci::LeSetAdvertisingData p{kAdvertisingData.size(), {}};
      std::copy(kAdvertisingData.begin(), kAdvertisingData.end(), p.data.begin());
      return command(hci::kLeSetAdvertisingData, hci::encode(p));
    }
    case Step::kAdvertisingEnable:
      return command(hci::kLeSetAdvertisingEnable, hci::encode(hci::LeSetAdvertisingEnable{1}));
    case Step::kCreating: {
      hci::LeCreateConnection p{};
      p.scan_interval = p.scan_window = units(30'000, 625);  // listens all the time
      p.peer = peer_;
      p.interval_min = p.interval_max = units(config_.interval_us, 1250);
      p.timeout = units(config_.supervision_timeout_ms, 10);
      return command(hci::kLeCreateConnection, hci::encode(p));
    }
    case Step::kCancelling: return command(hci::kLeCreateConnectionCancel, {});
    case Step::kSetDataLength:
      return command(hci::kLeSetDataLength, hci::encode(hci::LeSetDataLength{handle_, config_.payload_bytes,
                                                                             hci::max_time_us(config_.payload_bytes)}));
    case Step::kSetPhy: {
      const auto mask = static_cast<std::uint8_t>(1u << (config_.phy - 1));
      return command(hci::kLeSetPhy, hci::encode(hci::LeSetPhy{handle_, 0, mask, mask, 0}));
    }
    case Step::kDisconnecting:
      return command(hci::kDisconnect, hci::encode(hci::Disconnect{handle_, hci::kRemoteUserTerminated}));
    case Step::kReady:
      if (connect_wanted_) enter(Step::kCreating);
      return;
    case Step::kConnected: return request_channel();
    case Step::kOff: return;
  }
}

void LinkHost::on_packet(Bytes untrusted_h4) {
  const Result<hci::Packet> packet = hci::parse(untrusted_h4);
  if (!packet || step_ == Step::kOff) return ignore();
  if (const auto* event = std::get_if<hci::Event>(&*packet)) on_event(*event);
  else if (const auto* acl = std::get_if<hci::Acl>(&*packet)) on_acl(*acl);
  else ignore();
}

void LinkHost::on_event(const hci::Event& event) {
  ByteReader reader(event.parameters);
  switch (event.code) {
    case hci::kCommandComplete: {
      reader.u8();  // how many commands may follow: we send one at a time
      const std::uint16_t opcode = reader.le16();
      const Bytes returned = reader.take(reader.remaining());
      if (reader.failed() || returned.empty()) return ignore();
      return on_command_done(opcode, returned[0], returned);
    }
    case hci::kCommandStatus: {
      const auto p = hci::decode<hci::CommandStatus>(event.parameters);
      return p ? on_command_done(p->opcode, p->status, {}) : ignore();
    }
    case hci::kDisconnectionComplete: {
      const auto p = hci::decode<hci::DisconnectionComplete>(event.parameters);
      if (!p || p->status != hci::kSuccess || !linked_ || p->handle != handle_) return ignore();
      return on_link_down(p->reason);
    }
    case hci::kNumberOfCompletedPackets: {
      for (unsigned n = reader.u8(); n > 0 && !reader.failed(); --n) {
        const std::uint16_t handle = reader.le16();
        const std::uint16_t count = reader.le16();
        if (!linked_ || handle != handle_ || count > acl_total_ - acl_free_) ignore();
        else acl_free_ = static_cast<std::uint16_t>(acl_free_ + count);
      }
      if (!reader.complete()) ignore();
      return pump();
    }
    case hci::kLeMeta: return on_le_event(event.parameters);
    default: return ignore();
  }
}

void LinkHost::on_command_done(std::uint16_t opcode, std::uint8_t status, Bytes return_parameters) {
  if (opcode == hci::kNoOperation || opcode != pending_opcode_) return ignore();
  pending_opcode_ = hci::kNoOperation;
  const bool failed = status != hci::kSuccess;
  switch (step_) {
    case Step::kReset: return enter(failed ? Step::kOff : Step::kEventMask);
    case Step::kEventMask: return enter(failed ? Step::kOff : Step::kLeEventMask);
    case Step::kLeEventMask: return enter(failed ? Step::kOff : Step::kBufferSize);
    case Step::kBufferSize: {
      const auto p = hci::decode<hci::LeBufferSize>(return_parameters);
      // Zero would mean buffers shared with BR/EDR, which an LE-only controller does not have.
      if (failed || !p || p->acl_bytes < kMinAclBytes || p->acl_packets == 0) return enter(Step::kOff);
      acl_bytes_ = std::min<std::uint16_t>(p->acl_bytes, hci::kMaxAclDataBytes);
      acl_total_ = p->acl_packets;
      return enter(config_.role == LinkRole::kPeripheral ? Step::kAdvertisingParameters : Step::kReady);
    }
    case Step::kAdvertisingParameters: return enter(failed ? Step::kOff : Step::kAdvertisingData);
    case Step::kAdvertisingData: return enter(failed ? Step::kOff : Step::kAdvertisingEnable);
    case Step::kAdvertisingEnable: return enter(failed ? Step::kOff : Step::kReady);
    case Step::kCreating:
      if (failed) {
        step_ = Step::kReady;
        connect_wanted_ = close_wanted_ = false;
        return events_.on_closed(status);
      }
      break;
    // Both are wishes: a controller that cannot grant them still carries the connection.
    case Step::kSetDataLength:
      if (!close_wanted_ && config_.phy != hci::kPhy1M) return enter(Step::kSetPhy);
      if (!close_wanted_) return enter(Step::kConnected);
      break;
    case Step::kSetPhy:
      if (!close_wanted_) return enter(Step::kConnected);
      break;
    case Step::kDisconnecting:
      if (failed) return on_link_down(status);  // it knows no such connection any more
      break;
    default: break;
  }
  if (close_wanted_) {
    close_wanted_ = false;
    disconnect();
  }
}

void LinkHost::on_le_event(Bytes parameters) {
  if (parameters.empty()) return ignore();
  switch (parameters[0]) {
    case hci::kLeConnectionComplete: {
      const auto p = hci::decode<hci::LeConnectionComplete>(parameters);
      return p ? on_connected(*p) : ignore();
    }
    case hci::kLeDataLengthChange:
    case hci::kLePhyUpdateComplete: return;  // the controller adapts; nothing here depends on it
    default: return ignore();
  }
}

void LinkHost::on_connected(const hci::LeConnectionComplete& complete) {
  const bool central = config_.role == LinkRole::kCentral;
  const bool awaited = central ? step_ == Step::kCreating || step_ == Step::kCancelling
                               : step_ == Step::kReady || step_ == Step::kAdvertisingEnable;
  if (linked_ || !awaited || (complete.status == hci::kSuccess && complete.role != (central ? 0 : 1))) return ignore();
  if (complete.status != hci::kSuccess) {
    if (!central) return enter(Step::kAdvertisingEnable);
    const bool cancelled = step_ == Step::kCancelling;
    step_ = Step::kReady;
    connect_wanted_ = close_wanted_ = false;
    return events_.on_closed(cancelled ? std::uint8_t{hci::kLocalHostTerminated} : complete.status);
  }
  linked_ = true;
  handle_ = complete.handle;
  acl_free_ = acl_total_;
  if (step_ == Step::kCancelling || close_wanted_) {  // the cancel came too late
    step_ = Step::kConnected;
    close_wanted_ = false;
    return disconnect();
  }
  if (!central) step_ = Step::kConnected;
  else if (config_.payload_bytes > 27) enter(Step::kSetDataLength);
  else enter(config_.phy != hci::kPhy1M ? Step::kSetPhy : Step::kConnected);
}

void LinkHost::on_link_down(std::uint8_t reason) {
  const bool announced = announced_;
  const bool unwanted = step_ == Step::kDisconnecting || close_wanted_;
  forget_connection();
  if (config_.role == LinkRole::kPeripheral) {
    enter(Step::kAdvertisingEnable);
    if (announced) events_.on_closed(reason);
    return;
  }
  // The connection indication may have been lost on the air: that alone does not end the attempt.
  if (reason == hci::kConnectionFailedToEstablish && !announced && !unwanted) return enter(Step::kCreating);
  step_ = Step::kReady;
  connect_wanted_ = false;
  events_.on_closed(reason);
}

void LinkHost::forget_connection() {
  linked_ = close_wanted_ = announced_ = false;
  pending_opcode_ = hci::kNoOperation;
  channel_ = Channel::kClosed;
  acl_free_ = 0;
  tx_size_ = tx_position_ = tx_frame_size_ = tx_frame_position_ = signal_count_ = 0;
  rx_frame_size_ = rx_skip_ = rx_size_ = rx_position_ = 0;
}

}  // namespace touchstone::link
