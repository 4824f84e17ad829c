#include "ble/air.h"

#include <algorithm>

#include "base/check.h"
#include "contract/events.h"

namespace touchstone::models {

const char* to_string(Phy phy) { return phy == Phy::k1M ? "1M" : "2M"; }

Status check(const BleConfig& config) {
  const auto bad = [](const char* what) { return Error{ErrorCode::kOutOfRange, what}; };
  if (config.payload_bytes != 27 && config.payload_bytes != 251) return bad("ble payload_bytes is 27 or 251");
  if (config.interval_us < 7'500 || config.interval_us > 4'000'000 || config.interval_us % 1250 != 0)
    return bad("ble interval_us is 7500 .. 4000000, a multiple of 1250");
  if (config.loss_ppm > 1'000'000) return bad("ble loss_ppm is 0 .. 1000000");
  if (config.supervision_timeout_ms < 100 || config.supervision_timeout_ms > 32'000 ||
      config.supervision_timeout_ms % 10 != 0)
    return bad("ble supervision_timeout_ms is 100 .. 32000, a multiple of 10");
  if (std::uint64_t{config.supervision_timeout_ms} * 1000 <= 2 * std::uint64_t{config.interval_us})
    return bad("ble supervision timeout must be longer than two connection intervals");
  if (config.advertising_interval_us < 20'000 || config.advertising_interval_us > 10'240'000 ||
      config.advertising_interval_us % 625 != 0)
    return bad("ble advertising_interval_us is 20000 .. 10240000, a multiple of 625");
  return {};
}

link::LinkConfig host_config(const BleConfig& config, link::LinkRole role) {
  link::LinkConfig host;
  host.role = role;
  host.advertising_interval_us = config.advertising_interval_us;
  host.interval_us = config.interval_us;
  host.supervision_timeout_ms = config.supervision_timeout_ms;
  host.payload_bytes = config.payload_bytes;
  host.phy = config.phy == Phy::k2M ? link::hci::kPhy2M : link::hci::kPhy1M;
  return host;
}

BleAir::BleAir(const SeedTree& seeds, EventSink& events) : random_(seeds.stream("ble/loss")), events_(events) {}

std::int64_t BleAir::now_ns() {
  return static_cast<std::int64_t>(sc_core::sc_time_stamp().value() / sc_core::sc_time(1, sc_core::SC_NS).value());
}

void BleAir::cut() {
  cut_ = true;
  for (Flight& f : flights_) f.corrupted = true;
}

void BleAir::begin(Radio& from, AirPacket packet) {
  Flight flight{&from, std::move(packet), sc_core::sc_time_stamp(), cut_, {}};
  // Drawn for every packet, so that the losses of a run do not depend on who listens.
  if (loss_ppm_ > 0 && random_.below(1'000'000) < loss_ppm_) flight.corrupted = true;
  for (Flight& other : flights_) {
    if (other.packet.channel != flight.packet.channel) continue;
    other.corrupted = flight.corrupted = true;  // a collision
  }
  if (!cut_) {
    for (Radio* radio : radios_)
      if (radio != &from && radio->on_packet_start(flight.packet)) flight.receivers.push_back(radio);
  }
  flights_.push_back(std::move(flight));
}

void BleAir::end(Radio& from) {
  const auto it = std::find_if(flights_.begin(), flights_.end(), [&](const Flight& f) { return f.from == &from; });
  TS_CHECK(it != flights_.end(), "end of a packet that never began");
  deliver(static_cast<std::size_t>(it - flights_.begin()), it->corrupted);
}

void BleAir::deliver(std::size_t index, bool corrupted) {
  const Flight flight = std::move(flights_[index]);
  flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(index));
  const Fate fate = flight.receivers.empty() ? Fate::kUnheard : corrupted ? Fate::kCorrupted : Fate::kDelivered;
  if (flight.packet.access_address != kAdvertisingAccessAddress && fate != Fate::kDelivered) ++lost_;
  if (observer_) observer_(flight.packet, flight.start, fate);
  for (Radio* radio : flight.receivers) radio->on_packet_end(flight.packet, !corrupted);
}

void BleAir::drop(Radio& radio) {
  for (Flight& f : flights_) std::erase(f.receivers, &radio);
  const auto it = std::find_if(flights_.begin(), flights_.end(), [&](const Flight& f) { return f.from == &radio; });
  if (it != flights_.end()) deliver(static_cast<std::size_t>(it - flights_.begin()), true);
}

void BleAir::close_connection_event(std::uint16_t counter) {
  if (to_card_bytes_ + to_wallet_bytes_ + lost_ > 0) {
    events::BleConnectionEvent event;
    event.counter = counter;
    event.to_card_bytes = static_cast<std::int64_t>(to_card_bytes_);
    event.to_wallet_bytes = static_cast<std::int64_t>(to_wallet_bytes_);
    event.lost = lost_;
    emit(event);
  }
  to_card_bytes_ = to_wallet_bytes_ = lost_ = 0;
}

}  // namespace touchstone::models
