// The radio: one timer, transmit, listen, lock on. What is sent when stands in link_setup.cpp and link_connection.cpp.
#include "ble/link_layer.h"

#include <utility>

#include "base/check.h"

namespace touchstone::models {

namespace {
// The receiver opens 2 us before a packet can begin and gives up 2 us after its access address should have ended: the
// active clock's tolerance, Vol 6 Part B sec. 4.2.1.
constexpr std::int64_t kSpaceTolerance_us = 2;
constexpr std::int64_t sync_us(Phy phy) { return phy == Phy::k1M ? 8 * (1 + 4) : 4 * (2 + 4); }
}  // namespace

LinkLayer::LinkLayer(sc_core::sc_module_name name, BleAir& air, BleSide side, link::Address own, const SeedTree& seeds,
                     EnergyPort* energy)
    : sc_module(name), air_(air), side_(side), own_(own),
      random_(seeds.stream(side == BleSide::kCard ? "ble/card" : "ble/wallet")), energy_(energy) {
  air_.attach(*this);
  SC_HAS_PROCESS(LinkLayer);
  SC_METHOD(on_timer);
  sensitive << timer_;
  dont_initialize();
  SC_METHOD(on_supervision_timeout);
  sensitive << supervision_;
  dont_initialize();
}

std::int64_t LinkLayer::now_us() const {
  return static_cast<std::int64_t>(sc_core::sc_time_stamp().value() / sc_core::sc_time(1, sc_core::SC_US).value());
}

void LinkLayer::after_us(std::int64_t delay_us, Action action) {
  TS_CHECK(delay_us >= 0, "the radio cannot act in the past");
  action_ = action;
  timer_.cancel();
  timer_.notify(sc_core::sc_time(static_cast<double>(delay_us), sc_core::SC_US));
}

// The host speaks at any time; the radio acts on whole microseconds.
void LinkLayer::at_next_us(Action action) {
  const std::uint64_t us = sc_core::sc_time(1, sc_core::SC_US).value();
  const std::uint64_t past = sc_core::sc_time_stamp().value() % us;
  action_ = action;
  timer_.cancel();
  timer_.notify(sc_core::sc_time::from_value(past == 0 ? 0 : us - past));
}

void LinkLayer::on_timer() {
  if (const Action action = std::exchange(action_, nullptr)) (this->*action)();
}

void LinkLayer::energy(std::string_view state) {
  if (energy_ != nullptr && state != energy_state_) energy_->state(state, sc_core::sc_time_stamp());
  energy_state_ = state;
}

void LinkLayer::transmit(AirPacket packet, Action when_sent) {
  const std::uint32_t duration_us = packet.air_time_us();
  energy("tx");
  packet.from_card = side_ == BleSide::kCard;
  after_us(duration_us, when_sent);
  air_.begin(*this, std::move(packet));
}

void LinkLayer::listen(std::int64_t for_us, Action on_timeout) {
  listening_ = true;
  energy("rx");
  after_us(for_us, on_timeout);
}

void LinkLayer::listen_after_space(Action on_timeout) {
  listen_timeout_ = on_timeout;
  after_us(kInterFrameSpace_us - kSpaceTolerance_us, &LinkLayer::open_receiver);
}

void LinkLayer::open_receiver() { listen(kSpaceTolerance_us + sync_us(phy_) + kSpaceTolerance_us, listen_timeout_); }

bool LinkLayer::on_packet_start(const AirPacket& packet) {
  if (!listening_ || packet.channel != channel_ || packet.phy != phy_) return false;
  if (packet.access_address != access_address_) return false;
  listening_ = false;
  timer_.cancel();
  action_ = nullptr;
  return true;
}

void LinkLayer::on_packet_end(const AirPacket& packet, bool crc_valid) {
  energy("idle");
  if (connected()) return on_data_packet(packet, crc_valid);
  const Bytes pdu(packet.pdu);
  const bool whole = crc_valid && pdu.size() >= 2 && pdu[1] == pdu.size() - 2;
  const auto type = static_cast<pdu::AdvertisingType>(pdu[0] & 0x0F);
  if (state_ == State::kAdvertising) {
    if (whole && type == pdu::AdvertisingType::kConnectInd) on_connect_ind(pdu.subspan(2));
    else next_advertising_channel();
  } else if (state_ == State::kInitiating) {
    if (whole && type == pdu::AdvertisingType::kAdvInd) on_advertisement(pdu.subspan(2));
    else scan();
  }
}

std::int64_t LinkLayer::sync_window_us() const { return sync_us(phy_); }

void LinkLayer::stop_radio() {
  timer_.cancel();
  supervision_.cancel();
  action_ = nullptr;
  listening_ = false;
  air_.drop(*this);
}

void LinkLayer::power_on() {
  TS_CHECK(state_ == State::kOff, "power_on() of a running radio");
  state_ = State::kStandby;
  energy("idle");
}

void LinkLayer::power_off() {
  if (state_ == State::kOff) return;
  reset();
  state_ = State::kOff;
  energy("off");
}

void LinkLayer::reset() {
  if (state_ == State::kOff) return;
  const bool was_advertising = advertising(), was_connected = connected();
  stop_radio();
  state_ = State::kStandby;
  host_full_ = false;
  host_packets_waiting_ = 0;
  energy("idle");
  if (was_advertising) note_advertising(false);
  if (was_connected) note_disconnected("reset");
}

}  // namespace touchstone::models
