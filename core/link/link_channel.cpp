// The channel: ACL fragments <-> L2CAP frames <-> messages, credits, signalling.
#include <algorithm>

#include "link/link_host.h"

namespace touchstone::link {

namespace {
constexpr std::uint16_t kOwnCid = l2cap::kCidFirstDynamic;
constexpr std::uint8_t kRequestId = 1;  // we make one request per connection
constexpr std::uint16_t kRejectNotUnderstood = 0x0000, kRejectInvalidCid = 0x0002;  // Vol 3 Part A sec. 4.1

constexpr bool dynamic_cid(std::uint16_t cid) { return cid >= l2cap::kCidFirstDynamic && cid <= l2cap::kCidLastDynamic; }
// Limits of MTU and MPS, Vol 3 Part A sec. 4.22.
constexpr bool sizes_allowed(std::uint16_t mtu, std::uint16_t mps) {
  return mtu >= l2cap::kMinMtu && mps >= l2cap::kMinMtu && mps <= 65533;
}
}  // namespace

std::size_t LinkHost::max_message_bytes() const {
  return is_open() ? std::min<std::size_t>(peer_mtu_, transmit_.size()) : 0;
}

Status LinkHost::send_message(Bytes message) {
  if (!can_send()) return Error{ErrorCode::kState, "send_message"};
  if (message.empty()) return Error{ErrorCode::kBadFormat, "empty message"};
  if (message.size() > max_message_bytes()) return Error{ErrorCode::kTooLarge, "message"};
  std::copy(message.begin(), message.end(), transmit_.begin());
  tx_size_ = message.size();
  tx_position_ = 0;
  pump();
  return {};
}

void LinkHost::violate() {
  ++counters_.protocol_violations;
  disconnect();
}

// ---- incoming -------------------------------------------------------------------------------------------------------

void LinkHost::on_acl(const hci::Acl& acl) {
  if (!linked_ || acl.handle != handle_ || step_ == Step::kDisconnecting || close_wanted_) return ignore();
  const bool inside = rx_frame_size_ > 0 || rx_skip_ > 0;
  if (acl.boundary == hci::Boundary::kFirstFromHost) return ignore();
  if (acl.boundary == hci::Boundary::kContinuing && !inside) return ignore();
  if (acl.boundary == hci::Boundary::kFirstFromController && inside) return violate();  // the frame before never ended

  Bytes data = acl.data;
  if (rx_skip_ > 0) {
    if (data.size() > rx_skip_) return violate();
    rx_skip_ -= data.size();
    return;
  }
  const auto append_up_to = [&](std::size_t size) {
    const std::size_t n = std::min(size - rx_frame_size_, data.size());
    std::copy_n(data.begin(), n, rx_frame_.begin() + static_cast<std::ptrdiff_t>(rx_frame_size_));
    rx_frame_size_ += n;
    data = data.subspan(n);
  };
  if (rx_frame_size_ < l2cap::kHeaderBytes) append_up_to(l2cap::kHeaderBytes);
  if (rx_frame_size_ < l2cap::kHeaderBytes) return;

  const std::size_t frame_size = l2cap::kHeaderBytes + load_le16(rx_frame_.data());
  const std::uint16_t cid = load_le16(rx_frame_.data() + 2);
  if (rx_frame_size_ + data.size() > frame_size) return violate();
  if (frame_size > rx_frame_.size()) {
    if (cid == kOwnCid) return violate();  // longer than our MPS
    ignore();
    rx_skip_ = frame_size - rx_frame_size_ - data.size();
    rx_frame_size_ = 0;
    return;
  }
  append_up_to(frame_size);
  if (rx_frame_size_ < frame_size) return;
  rx_frame_size_ = 0;
  on_frame(cid, Bytes(rx_frame_).subspan(l2cap::kHeaderBytes, frame_size - l2cap::kHeaderBytes));
}

void LinkHost::on_frame(std::uint16_t cid, Bytes payload) {
  if (cid == l2cap::kCidLeSignalling) on_signal(payload);
  else if (cid == kOwnCid && is_open()) on_k_frame(payload);
  else ignore();
}

void LinkHost::on_k_frame(Bytes payload) {
  if (rx_credits_ == 0) return violate();
  --rx_credits_;
  if (rx_size_ == 0) {
    ByteReader reader(payload);
    const std::uint16_t size = reader.le16();
    if (reader.failed() || size > receive_.size()) return violate();
    payload = payload.subspan(l2cap::kSduLengthBytes);
    rx_size_ = size;
    rx_position_ = 0;
  }
  if (payload.size() > rx_size_ - rx_position_) return violate();
  std::copy(payload.begin(), payload.end(), receive_.begin() + static_cast<std::ptrdiff_t>(rx_position_));
  rx_position_ += payload.size();
  const bool complete = rx_size_ > 0 && rx_position_ == rx_size_;
  pump();  // credits go back
  if (!complete || !is_open()) return;
  rx_size_ = 0;
  ++counters_.messages_received;
  events_.on_message(receive_.first(rx_position_));
}

void LinkHost::on_signal(Bytes payload) {
  ByteReader reader(payload);
  const std::uint8_t code = reader.u8();
  const std::uint8_t id = reader.u8();
  const Bytes data = reader.take(reader.le16());
  if (!reader.complete() || id == 0) return ignore();
  switch (code) {
    case l2cap::kCreditConnectionRequest: return on_connection_request(id, data);
    case l2cap::kCreditConnectionResponse: return on_connection_response(id, data);
    case l2cap::kFlowControlCredit: {
      const auto p = hci::decode<l2cap::FlowControlCredit>(data);
      if (!p || !is_open() || p->cid != peer_cid_) return ignore();
      if (p->credits == 0 || p->credits > l2cap::kMaxCredits - tx_credits_) return violate();
      tx_credits_ = static_cast<std::uint16_t>(tx_credits_ + p->credits);
      return pump();
    }
    case l2cap::kDisconnectionRequest: {
      const auto p = hci::decode<l2cap::Disconnection>(data);
      if (!p) return ignore();
      if (is_open() && p->destination_cid == kOwnCid && p->source_cid == peer_cid_) {
        queue_signal(l2cap::kDisconnectionResponse, id, hci::encode(*p));
        pump();
        return disconnect();
      }
      queue_signal(l2cap::kCommandReject, id,
                   hci::encode(l2cap::RejectInvalidCid{kRejectInvalidCid, p->destination_cid, p->source_cid}));
      return pump();
    }
    case l2cap::kCommandReject:
      if (channel_ == Channel::kRequested && id == kRequestId) return disconnect();
      return ignore();
    case l2cap::kDisconnectionResponse: return ignore();
    default: {
      ignore();
      ByteArray<2> reason{};
      store_le16(reason.data(), kRejectNotUnderstood);
      queue_signal(l2cap::kCommandReject, id, reason);
      return pump();
    }
  }
}

void LinkHost::on_connection_request(std::uint8_t id, Bytes data) {
  const auto p = hci::decode<l2cap::CreditConnectionRequest>(data);
  if (!p) return ignore();
  std::uint16_t result = l2cap::kAccepted;
  if (p->spsm != l2cap::kSpsm || config_.role != LinkRole::kPeripheral) result = l2cap::kSpsmNotSupported;
  else if (is_open()) result = p->source_cid == peer_cid_ ? l2cap::kSourceCidInUse : l2cap::kNoResources;
  else if (!dynamic_cid(p->source_cid)) result = l2cap::kInvalidSourceCid;
  else if (!sizes_allowed(p->mtu, p->mps)) result = l2cap::kUnacceptableParameters;

  if (result != l2cap::kAccepted) {
    queue_signal(l2cap::kCreditConnectionResponse, id, hci::encode(l2cap::CreditConnectionResponse{0, 0, 0, 0, result}));
    return pump();
  }
  queue_signal(l2cap::kCreditConnectionResponse, id,
               hci::encode(l2cap::CreditConnectionResponse{kOwnCid, static_cast<std::uint16_t>(receive_.size()), l2cap::kMps,
                                                           credit_window_, result}));
  open_channel(p->source_cid, p->mtu, p->mps, p->credits);
}

void LinkHost::request_channel() {
  if (config_.role != LinkRole::kCentral) return;
  channel_ = Channel::kRequested;
  queue_signal(l2cap::kCreditConnectionRequest, kRequestId,
               hci::encode(l2cap::CreditConnectionRequest{l2cap::kSpsm, kOwnCid, static_cast<std::uint16_t>(receive_.size()),
                                                          l2cap::kMps, credit_window_}));
  pump();
}

void LinkHost::on_connection_response(std::uint8_t id, Bytes data) {
  const auto p = hci::decode<l2cap::CreditConnectionResponse>(data);
  if (!p || channel_ != Channel::kRequested || id != kRequestId) return ignore();
  if (p->result != l2cap::kAccepted) return disconnect();
  if (!dynamic_cid(p->destination_cid) || !sizes_allowed(p->mtu, p->mps)) return violate();
  open_channel(p->destination_cid, p->mtu, p->mps, p->credits);
}

void LinkHost::open_channel(std::uint16_t peer_cid, std::uint16_t mtu, std::uint16_t mps, std::uint16_t credits) {
  channel_ = Channel::kOpen;
  peer_cid_ = peer_cid;
  peer_mtu_ = mtu;
  peer_mps_ = std::min(mps, l2cap::kMps);
  tx_credits_ = credits;
  rx_credits_ = credit_window_;
  announced_ = true;
  pump();
  events_.on_open();
}

// ---- outgoing -------------------------------------------------------------------------------------------------------

void LinkHost::queue_signal(std::uint8_t code, std::uint8_t id, Bytes data) {
  if (signal_count_ == kMaxSignals) return ignore();  // a peer that asks faster than it listens gets no answer
  Signal& signal = signals_[signal_count_++];
  ByteWriter writer(signal.frame);
  writer.le16(static_cast<std::uint16_t>(data.size() + 4));
  writer.le16(l2cap::kCidLeSignalling);
  writer.u8(code);
  writer.u8(id);
  writer.le16(static_cast<std::uint16_t>(data.size()));
  writer.put(data);
  TS_CHECK(!writer.failed(), "signalling frame too long");
  signal.size_bytes = static_cast<std::uint8_t>(writer.size());
}

void LinkHost::return_credits() {
  if (!is_open() || rx_credits_ > credit_window_ / 2 || signal_count_ == kMaxSignals) return;
  queue_signal(l2cap::kFlowControlCredit, kRequestId,
               hci::encode(l2cap::FlowControlCredit{kOwnCid, static_cast<std::uint16_t>(credit_window_ - rx_credits_)}));
  rx_credits_ = credit_window_;
}

// Builds the next frame in tx_frame_: signals first, then the message. False: nothing to send or no credit.
bool LinkHost::next_frame() {
  ByteWriter writer(tx_frame_);
  if (signal_count_ > 0) {
    writer.put(Bytes(signals_[0].frame).first(signals_[0].size_bytes));
    std::copy(signals_.begin() + 1, signals_.begin() + static_cast<std::ptrdiff_t>(signal_count_), signals_.begin());
    --signal_count_;
  } else if (is_open() && tx_position_ < tx_size_ && tx_credits_ > 0) {
    const std::size_t prefix = tx_position_ == 0 ? l2cap::kSduLengthBytes : 0;
    const std::size_t n = std::min<std::size_t>(tx_size_ - tx_position_, peer_mps_ - prefix);
    writer.le16(static_cast<std::uint16_t>(prefix + n));
    writer.le16(peer_cid_);
    if (prefix > 0) writer.le16(static_cast<std::uint16_t>(tx_size_));
    writer.put(transmit_.subspan(tx_position_, n));
    tx_position_ += n;
    --tx_credits_;
  } else {
    return false;
  }
  TS_CHECK(!writer.failed(), "frame too long");
  tx_frame_size_ = writer.size();
  tx_frame_position_ = 0;
  return true;
}

void LinkHost::pump() {
  if (!linked_ || step_ == Step::kDisconnecting) return;
  return_credits();
  while (acl_free_ > 0) {
    if (tx_frame_position_ == tx_frame_size_ && !next_frame()) break;
    const std::size_t n = std::min<std::size_t>(acl_bytes_, tx_frame_size_ - tx_frame_position_);
    const auto boundary = tx_frame_position_ == 0 ? hci::Boundary::kFirstFromHost : hci::Boundary::kContinuing;
    const Bytes fragment = Bytes(tx_frame_).subspan(tx_frame_position_, n);
    tx_frame_position_ += n;
    --acl_free_;
    out_.send(packet_.acl(handle_, boundary, fragment));
  }
  if (tx_size_ > 0 && tx_position_ == tx_size_ && tx_frame_position_ == tx_frame_size_) {
    tx_size_ = tx_position_ = 0;
    ++counters_.messages_sent;
    events_.on_sent();
  }
}

}  // namespace touchstone::link
