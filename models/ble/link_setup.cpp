// Advertising and initiating. Core v5.4 Vol 6 Part B: advertising events sec. 4.4.2, initiating sec. 4.4.4, connection set-up
// sec. 4.5.3. Connectable undirected advertising alone; scan requests are not answered.
#include <algorithm>

#include "ble/link_layer.h"
#include "contract/events.h"

namespace touchstone::models {

namespace {
using link::hci::Reason;

constexpr std::uint8_t kFirstAdvertisingChannel = 37, kLastAdvertisingChannel = 39;
constexpr std::uint32_t kMaxAdvertisingDelay_us = 10'000;
constexpr std::int64_t kWindowUnit_us = 1'250;
constexpr std::int64_t kWindowDelay_us = 1'250;  // between CONNECT_IND and the transmit window
// Sleep clock accuracy of both ends: code 5 stands for 31 to 50 ppm; we assume its worst.
constexpr std::uint8_t kClockAccuracyCode = 5;
constexpr std::uint32_t kOwnClock_ppm = 50;
constexpr std::uint32_t kClockAccuracy_ppm[8] = {500, 250, 150, 100, 75, 50, 30, 20};

std::vector<std::uint8_t> advertising_pdu(pdu::AdvertisingType type, Bytes payload) {
  return pdu::with_header(static_cast<std::uint8_t>(type), payload);
}

// What both hosts and peers may ask for, Vol 4 Part E sec. 7.8.12.
bool allowed(std::uint16_t interval, std::uint16_t timeout, std::uint16_t latency) {
  return interval >= 6 && interval <= 3200 && timeout >= 10 && timeout <= 3200 && latency <= 499 &&
         timeout * 4u > (1u + latency) * interval;  // timeout > (1 + latency) * interval * 2
}
}  // namespace

std::uint8_t LinkLayer::advertise(std::uint32_t interval_us, std::vector<std::uint8_t> data) {
  if (state_ != State::kStandby) return Reason::kCommandDisallowed;
  state_ = State::kAdvertising;
  advertising_interval_us_ = interval_us;
  advertising_data_ = std::move(data);
  access_address_ = kAdvertisingAccessAddress;
  phy_ = Phy::k1M;
  note_advertising(true);
  at_next_us(&LinkLayer::advertising_event);
  return Reason::kSuccess;
}

void LinkLayer::stop_advertising() {
  if (!advertising()) return;
  stop_radio();
  state_ = State::kStandby;
  energy("idle");
  note_advertising(false);
}

void LinkLayer::note_advertising(bool on) {
  if (side_ == BleSide::kCard) air_.emit(events::BleAdvertising{on ? 1 : 0});
}

void LinkLayer::advertising_event() {
  advertising_event_us_ = now_us();
  channel_ = kFirstAdvertisingChannel;
  advertise_on_channel();
}

void LinkLayer::advertise_on_channel() {
  std::vector<std::uint8_t> payload(own_.begin(), own_.end());
  payload.insert(payload.end(), advertising_data_.begin(), advertising_data_.end());
  transmit({channel_, phy_, access_address_, advertising_pdu(pdu::AdvertisingType::kAdvInd, payload)},
           &LinkLayer::advertisement_sent);
}

void LinkLayer::advertisement_sent() {
  energy("idle");
  listen_after_space(&LinkLayer::next_advertising_channel);
  air_.end(*this);
}

void LinkLayer::next_advertising_channel() {
  listening_ = false;
  energy("idle");
  if (channel_ < kLastAdvertisingChannel) {
    ++channel_;
    return after_us(kInterFrameSpace_us, &LinkLayer::advertise_on_channel);
  }
  // advDelay: a fresh random delay keeps two advertisers from colliding for ever.
  const std::int64_t next_us = advertising_event_us_ + advertising_interval_us_ +
                               static_cast<std::int64_t>(random_.below(kMaxAdvertisingDelay_us + 1));
  after_us(next_us - now_us(), &LinkLayer::advertising_event);
}

void LinkLayer::on_connect_ind(Bytes untrusted_payload) {
  const auto p = link::hci::decode<pdu::ConnectInd>(untrusted_payload);
  const bool good = p && p->advertiser == own_ && allowed(p->interval, p->timeout, p->latency) && p->window_size > 0 &&
                    p->window_size < p->interval && p->window_offset <= p->interval && (p->hop_and_clock & 31) >= 5 &&
                    (p->hop_and_clock & 31) <= 16;
  if (!good) return next_advertising_channel();
  note_advertising(false);
  enter_connection(State::kPeripheral, *p, p->initiator);
}

std::uint8_t LinkLayer::initiate(const link::hci::LeCreateConnection& parameters) {
  if (state_ != State::kStandby) return Reason::kCommandDisallowed;
  const auto& p = parameters;
  if (!allowed(p.interval_max, p.timeout, p.latency) || p.interval_min > p.interval_max || p.scan_interval < 4 ||
      p.scan_window != p.scan_interval || p.filter_policy != 0 || p.peer_address_type != 0)
    return Reason::kInvalidParameters;
  state_ = State::kInitiating;
  wanted_ = p;
  access_address_ = kAdvertisingAccessAddress;
  phy_ = Phy::k1M;
  channel_ = kLastAdvertisingChannel;
  at_next_us(&LinkLayer::scan_next_channel);
  return Reason::kSuccess;
}

std::uint8_t LinkLayer::cancel_initiating() {
  if (state_ != State::kInitiating) return Reason::kCommandDisallowed;
  stop_radio();
  state_ = State::kStandby;
  energy("idle");
  return Reason::kSuccess;
}

void LinkLayer::scan_next_channel() {
  channel_ = channel_ == kLastAdvertisingChannel ? kFirstAdvertisingChannel : static_cast<std::uint8_t>(channel_ + 1);
  scan_until_us_ = now_us() + std::int64_t{wanted_.scan_interval} * 625;
  scan();
}

void LinkLayer::scan() {
  const std::int64_t left_us = scan_until_us_ - now_us();
  if (left_us <= 0) return scan_next_channel();
  listen(left_us, &LinkLayer::scan_next_channel);
}

void LinkLayer::on_advertisement(Bytes untrusted_payload) {
  const bool wanted = untrusted_payload.size() >= wanted_.peer.size() &&
                      std::equal(wanted_.peer.begin(), wanted_.peer.end(), untrusted_payload.begin());
  if (!wanted) return scan();
  after_us(kInterFrameSpace_us, &LinkLayer::send_connect_ind);
}

void LinkLayer::send_connect_ind() {
  pdu::ConnectInd& p = connect_ind_;
  p = {};
  p.initiator = own_;
  p.advertiser = wanted_.peer;
  do p.access_address = static_cast<std::uint32_t>(random_.next_u64());
  while (p.access_address == kAdvertisingAccessAddress);
  random_.fill(p.crc_init);
  p.window_size = 1;
  p.interval = wanted_.interval_max;
  p.latency = wanted_.latency;
  p.timeout = wanted_.timeout;
  p.channel_map = {0xFF, 0xFF, 0xFF, 0xFF, 0x1F};
  p.hop_and_clock = static_cast<std::uint8_t>((5 + random_.below(12)) | kClockAccuracyCode << 5);
  transmit({channel_, phy_, access_address_, advertising_pdu(pdu::AdvertisingType::kConnectInd, link::hci::encode(p))},
           &LinkLayer::connect_ind_sent);
}

void LinkLayer::connect_ind_sent() {
  energy("idle");
  air_.end(*this);
  enter_connection(State::kCentral, connect_ind_, wanted_.peer);
}

void LinkLayer::enter_connection(State role, const pdu::ConnectInd& p, const link::Address& peer) {
  state_ = role;
  access_address_ = p.access_address;
  channel_ = 0;
  hop_ = p.hop_and_clock & 31;
  clock_ppm_ = kOwnClock_ppm + kClockAccuracy_ppm[p.hop_and_clock >> 5];
  interval_us_ = std::int64_t{p.interval} * 1'250;
  timeout_us_ = std::int64_t{p.timeout} * 10'000;
  synchronised_us_ = now_us();
  anchor_us_ = synchronised_us_ + kWindowDelay_us + p.window_offset * kWindowUnit_us;
  window_us_ = p.window_size * kWindowUnit_us;
  event_counter_ = 0xFFFF;
  arq_ = Arq();
  control_.clear();
  host_packets_.clear();
  host_packets_waiting_ = 0;
  max_tx_octets_ = max_rx_octets_ = 27;
  own_max_tx_octets_ = link::hci::kMaxAclDataBytes;
  procedure_ = Procedure::kNone;
  length_wanted_ = terminating_ = established_ = false;
  phy_wanted_ = 0;
  phy_instant_.reset();
  leaving_.reset();

  // Not established within six intervals: it never existed (sec. 4.5).
  supervision_.cancel();
  supervision_.notify(sc_core::sc_time(static_cast<double>(6 * interval_us_), sc_core::SC_US));
  if (role == State::kCentral) after_us(anchor_us_ - now_us(), &LinkLayer::central_event);
  else after_us(anchor_us_ - widening_us(anchor_us_) - now_us(), &LinkLayer::peripheral_event);

  if (side_ == BleSide::kCard) air_.emit(events::BleConnected{interval_us_, to_string(phy_)});
  on_connected({role == State::kCentral, peer, p.interval, p.timeout, static_cast<std::uint8_t>(p.hop_and_clock >> 5)});
}

}  // namespace touchstone::models
