// Connection events. Core v5.4 Vol 6 Part B sec. 4.5; the rule by which an event closes is sec. 4.5.6:
//  - the central goes on while one of the two last packets said MD (more data) and a further pair ends an inter-frame
//    space before the next anchor; the peripheral listens under the same rule, and after a corrupted packet, whose MD it
//    cannot know
//  - a packet that does not come closes the event, so do two corrupted packets in a row.
// The pair that must fit is the central's next packet and the longest answer it can expect: an empty one unless the
// peripheral said MD, just sent data or was not understood. The peripheral never begins new data that does not fit.
#include <algorithm>

#include "ble/link_layer.h"
#include "contract/events.h"

namespace touchstone::models {

namespace {
constexpr int kDataChannels = 37;
constexpr std::int64_t kActiveClockJitter_us = 16;  // Vol 6 Part B sec. 4.2.4
}  // namespace

void LinkLayer::begin_event() {
  ++event_counter_;
  ++statistics_.connection_events;
  channel_ = static_cast<std::uint8_t>((channel_ + hop_) % kDataChannels);  // selection algorithm 1, all channels used
  bad_crc_run_ = 0;
  own_md_ = peer_md_ = peer_may_repeat_ = false;
  first_packet_ = true;
  apply_instant();
}

void LinkLayer::central_event() {
  begin_event();
  send_data();
}

// How far the peer's anchor may have drifted since it was last heard.
std::int64_t LinkLayer::widening_us(std::int64_t at_us) const {
  const std::int64_t drift_us = ((at_us - synchronised_us_) * clock_ppm_ + 999'999) / 1'000'000;
  return std::min(kActiveClockJitter_us + drift_us, interval_us_ / 2 - kInterFrameSpace_us);
}

// How late the own clock believes that moment to be: it was set right when the peer was heard.
std::int64_t LinkLayer::clock_error_us(std::int64_t at_us) const { return (at_us - synchronised_us_) * sleep_clock_error_ppm_ / 1'000'000; }

void LinkLayer::peripheral_event() {
  begin_event();
  const std::int64_t until_us = anchor_us_ + clock_error_us(anchor_us_) + window_us_ + widening_us(anchor_us_) + sync_window_us();
  listen(std::max<std::int64_t>(until_us - now_us(), 0), &LinkLayer::receive_timeout);
}

void LinkLayer::receive_timeout() {
  listening_ = false;
  energy("idle");
  close_event();
}

std::size_t LinkLayer::next_payload_bytes() const {
  if (!arq_.idle()) return arq_.in_flight().payload.size();
  if (!control_.empty()) return control_.front().payload.size();
  if (host_packets_.empty()) return 0;
  return std::min<std::size_t>(max_tx_octets_, host_packets_.front().data.size() - host_packets_.front().position);
}

bool LinkLayer::pair_fits(std::size_t first_bytes, std::size_t second_bytes) const {
  const std::int64_t end_us = now_us() + kInterFrameSpace_us + air_time_us(phy_, first_bytes) + kInterFrameSpace_us +
                              air_time_us(phy_, second_bytes) + kInterFrameSpace_us;
  return end_us <= anchor_us_ + interval_us_;
}

void LinkLayer::load_next_pdu() {
  const std::size_t size = next_payload_bytes();
  const bool late = state_ == State::kPeripheral &&
                    now_us() + air_time_us(phy_, size) + kInterFrameSpace_us > anchor_us_ + interval_us_;
  if (late || (control_.empty() && host_packets_.empty())) return arq_.load({});
  if (!control_.empty()) {
    arq_.load(std::move(control_.front()));
    control_.pop_front();
    return;
  }
  HostPacket& packet = host_packets_.front();
  DataPdu pdu;
  pdu.llid = packet.start && packet.position == 0 ? Llid::kStart : Llid::kContinuation;
  const auto begin = packet.data.begin() + static_cast<std::ptrdiff_t>(packet.position);
  pdu.payload.assign(begin, begin + static_cast<std::ptrdiff_t>(size));
  packet.position += size;
  pdu.ends_host_packet = packet.position == packet.data.size();
  if (pdu.ends_host_packet) host_packets_.pop_front();
  arq_.load(std::move(pdu));
}

void LinkLayer::send_data() {
  if (arq_.idle()) load_next_pdu();
  if (arq_.repeats() && !arq_.in_flight().payload.empty()) ++statistics_.retransmissions;
  ++statistics_.packets_sent;
  own_md_ = more_data();
  transmit({channel_, phy_, access_address_, arq_.encode(own_md_)}, &LinkLayer::data_sent);
}

void LinkLayer::data_sent() {
  energy("idle");
  if (leaving_) {
    air_.end(*this);
    return disconnected(*leaving_);
  }
  const bool goes_on = state_ == State::kCentral || ((own_md_ || peer_md_) && pair_fits(0, 0));
  if (goes_on) listen_after_space(&LinkLayer::receive_timeout);
  else close_event();
  air_.end(*this);
}

void LinkLayer::on_data_packet(const AirPacket& packet, bool crc_valid) {
  const bool central = state_ == State::kCentral;
  if (!central && first_packet_) {
    first_packet_ = false;
    anchor_us_ = synchronised_us_ = now_us() - packet.air_time_us();
    window_us_ = 0;
  }
  const auto header = crc_valid ? DataHeader::parse(packet.pdu) : std::nullopt;
  if (header) {
    bad_crc_run_ = 0;
    peer_md_ = header->md;
    peer_may_repeat_ = !header->payload.empty();
    on_valid_pdu(*header);
    if (!connected()) return;
  } else {
    ++statistics_.crc_failures;
    ++bad_crc_run_;
    peer_may_repeat_ = true;
    if (!central) peer_md_ = true;
  }
  if (bad_crc_run_ >= 2) return close_event();
  const std::size_t longest_answer = peer_md_ || peer_may_repeat_ ? max_rx_octets_ : 0;
  const bool go_on = !central || ((own_md_ || peer_md_) && pair_fits(next_payload_bytes(), longest_answer));
  if (go_on) after_us(kInterFrameSpace_us, &LinkLayer::send_data);
  else close_event();
}

void LinkLayer::close_event() {
  if (state_ == State::kCentral) air_.close_connection_event(event_counter_);
  anchor_us_ += interval_us_;
  if (state_ == State::kCentral) return after_us(anchor_us_ - now_us(), &LinkLayer::central_event);
  const std::int64_t open_us = std::max(anchor_us_ - widening_us(anchor_us_), now_us());
  after_us(std::max(open_us + clock_error_us(open_us) - now_us(), std::int64_t{0}), &LinkLayer::peripheral_event);
}

void LinkLayer::on_valid_pdu(const DataHeader& header) {
  established_ = true;
  supervision_.cancel();
  supervision_.notify(sc_core::sc_time(static_cast<double>(timeout_us_), sc_core::SC_US));

  const bool can_take = !host_full_ || header.payload.empty() || header.llid == Llid::kControl;
  const Arq::Outcome outcome = arq_.receive(header, can_take);
  if (outcome.acknowledged) on_acknowledged(*outcome.acknowledged);
  if (!connected() || !outcome.fresh || header.payload.empty()) return;
  statistics_.payload_bytes_received += header.payload.size();
  air_.account(side_ == BleSide::kCard, header.payload.size());
  if (header.llid == Llid::kControl) on_control(header.payload);
  else on_data(header.llid == Llid::kStart, header.payload);
}

void LinkLayer::on_acknowledged(const DataPdu& pdu) {
  statistics_.payload_bytes_sent += pdu.payload.size();
  if (pdu.llid == Llid::kControl && pdu.payload[0] == pdu::kTerminateInd)
    return disconnected(link::hci::kLocalHostTerminated);
  if (pdu.ends_host_packet) {
    --host_packets_waiting_;
    on_host_packet_done();
  }
}

void LinkLayer::send(bool start, Bytes data) {
  if (!connected()) return;
  ++host_packets_waiting_;
  if (data.empty()) {
    --host_packets_waiting_;
    return on_host_packet_done();
  }
  host_packets_.push_back({start, {data.begin(), data.end()}});
}

void LinkLayer::on_supervision_timeout() {
  if (!connected()) return;
  disconnected(!established_ ? link::hci::kConnectionFailedToEstablish
               : terminating_ ? link::hci::kLocalHostTerminated
                              : link::hci::kConnectionTimeout);
}

void LinkLayer::disconnected(std::uint8_t reason) {
  if (state_ == State::kCentral) air_.close_connection_event(event_counter_);
  stop_radio();
  state_ = State::kStandby;
  energy("idle");
  note_disconnected(link::hci::to_string(static_cast<link::hci::Reason>(reason)));
  on_disconnected(reason);
}

void LinkLayer::note_disconnected(const char* reason) {
  air_.emit(events::BleDisconnected{side_ == BleSide::kCard ? "card" : "wallet", reason});
}

}  // namespace touchstone::models
