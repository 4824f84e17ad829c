// Control procedures: termination, data length, PHY. Core v5.4 Vol 6 Part B sec. 5.1.6, 5.1.9, 5.1.10; one of ours at a time
// (sec. 5.1.1). The PHY is the same in both directions.
#include <algorithm>

#include "ble/link_layer.h"
#include "contract/events.h"

namespace touchstone::models {

namespace {
using link::hci::Reason;

constexpr std::uint16_t kMinOctets = 27, kMaxOctets = link::hci::kMaxAclDataBytes;
constexpr std::uint16_t kMaxTime_us = 2'120;  // 251 bytes and a MIC at 1M
constexpr std::uint8_t kBothPhys = 3;
// Events until a PHY change takes effect; at least 6, some more because the message may be lost on the way.
constexpr std::uint16_t kInstantDelay_events = 10;

constexpr std::uint8_t mask_of(Phy phy) { return static_cast<std::uint8_t>(1u << (static_cast<unsigned>(phy) - 1)); }
}  // namespace

void LinkLayer::send_control(Bytes payload) {
  control_.push_back({Llid::kControl, {payload.begin(), payload.end()}, false});
}

std::uint8_t LinkLayer::terminate(std::uint8_t reason) {
  if (!connected()) return Reason::kUnknownConnection;
  if (terminating_) return Reason::kCommandDisallowed;
  terminating_ = true;
  send_control(link::hci::encode(pdu::Terminate{pdu::kTerminateInd, reason}));
  return Reason::kSuccess;
}

std::uint8_t LinkLayer::set_data_length(std::uint16_t tx_octets) {
  if (!connected()) return Reason::kUnknownConnection;
  if (tx_octets < kMinOctets || tx_octets > kMaxOctets) return Reason::kInvalidParameters;
  own_max_tx_octets_ = tx_octets;
  length_wanted_ = true;
  next_procedure();
  return Reason::kSuccess;
}

std::uint8_t LinkLayer::set_phy(std::uint8_t phy_mask) {
  if (!connected()) return Reason::kUnknownConnection;
  if ((phy_mask & kBothPhys) == 0) return Reason::kUnsupportedRemoteFeature;
  phy_wanted_ = phy_mask & kBothPhys;
  next_procedure();
  return Reason::kSuccess;
}

void LinkLayer::next_procedure() {
  if (procedure_ != Procedure::kNone) return;
  if (length_wanted_) {
    length_wanted_ = false;
    procedure_ = Procedure::kLength;
    send_control(link::hci::encode(pdu::Length{pdu::kLengthReq, kMaxOctets, kMaxTime_us, own_max_tx_octets_, kMaxTime_us}));
  } else if (phy_wanted_ != 0) {
    procedure_ = Procedure::kPhy;
    send_control(link::hci::encode(pdu::PhyWish{pdu::kPhyReq, phy_wanted_, phy_wanted_}));
  }
}

void LinkLayer::on_control(Bytes untrusted) {
  using link::hci::decode;
  switch (untrusted[0]) {
    case pdu::kTerminateInd:
      if (const auto p = decode<pdu::Terminate>(untrusted)) leaving_ = p->reason;
      return;
    case pdu::kLengthReq:
      if (const auto p = decode<pdu::Length>(untrusted)) {
        send_control(link::hci::encode(pdu::Length{pdu::kLengthRsp, kMaxOctets, kMaxTime_us, own_max_tx_octets_, kMaxTime_us}));
        on_length(*p);
      }
      return;
    case pdu::kLengthRsp:
      if (const auto p = decode<pdu::Length>(untrusted); p && procedure_ == Procedure::kLength) {
        procedure_ = Procedure::kNone;
        on_length(*p);
        next_procedure();
      }
      return;
    case pdu::kPhyReq:
      if (const auto p = decode<pdu::PhyWish>(untrusted)) {
        if (state_ == State::kCentral) choose_phy(p->tx_phys & p->rx_phys);
        else send_control(link::hci::encode(pdu::PhyWish{pdu::kPhyRsp, kBothPhys, kBothPhys}));
      }
      return;
    case pdu::kPhyRsp:
      if (const auto p = decode<pdu::PhyWish>(untrusted); p && state_ == State::kCentral && procedure_ == Procedure::kPhy)
        choose_phy(p->tx_phys & p->rx_phys & phy_wanted_);
      return;
    case pdu::kPhyUpdateInd:
      if (const auto p = decode<pdu::PhyUpdate>(untrusted); p && state_ == State::kPeripheral) on_phy_update(*p);
      return;
    case pdu::kUnknownRsp:
    case pdu::kRejectInd:
    case pdu::kRejectExtInd:
      if (procedure_ == Procedure::kPhy) phy_wanted_ = 0;
      procedure_ = Procedure::kNone;
      return next_procedure();
    default: send_control(link::hci::encode(pdu::UnknownRsp{pdu::kUnknownRsp, untrusted[0]}));
  }
}

void LinkLayer::on_length(const pdu::Length& peer) {
  const std::uint16_t tx = std::clamp(std::min(own_max_tx_octets_, peer.max_rx_octets), kMinOctets, kMaxOctets);
  const std::uint16_t rx = std::clamp(peer.max_tx_octets, kMinOctets, kMaxOctets);
  if (tx == max_tx_octets_ && rx == max_rx_octets_) return;
  max_tx_octets_ = tx;
  max_rx_octets_ = rx;
  on_data_length(tx, rx);
  note_parameters();
}

void LinkLayer::choose_phy(std::uint8_t mask) {
  if (phy_instant_) return;  // a change is under way already
  next_phy_ = (mask & mask_of(Phy::k2M)) != 0 ? Phy::k2M : (mask & mask_of(Phy::k1M)) != 0 ? Phy::k1M : phy_;
  const bool changes = next_phy_ != phy_;
  const std::uint8_t choice = changes ? mask_of(next_phy_) : std::uint8_t{0};
  const auto instant = static_cast<std::uint16_t>(changes ? event_counter_ + kInstantDelay_events : 0);
  send_control(link::hci::encode(pdu::PhyUpdate{pdu::kPhyUpdateInd, choice, choice, instant}));
  if (changes) phy_instant_ = instant;
  else finish_phy_procedure(false);
}

void LinkLayer::on_phy_update(const pdu::PhyUpdate& update) {
  const std::uint8_t choice = update.central_to_peripheral;
  const bool one_phy = choice == update.peripheral_to_central && (choice == 1 || choice == 2);
  if (!one_phy) return finish_phy_procedure(false);
  const auto ahead = static_cast<std::uint16_t>(update.instant - event_counter_);
  if (ahead == 0 || ahead >= 0x8000) return disconnected(Reason::kInstantPassed);
  next_phy_ = choice == 1 ? Phy::k1M : Phy::k2M;
  phy_instant_ = update.instant;
}

void LinkLayer::apply_instant() {
  if (phy_instant_ != event_counter_) return;
  phy_instant_.reset();
  phy_ = next_phy_;
  finish_phy_procedure(true);
}

void LinkLayer::finish_phy_procedure(bool changed) {
  const bool ours = procedure_ == Procedure::kPhy;
  if (ours) {
    procedure_ = Procedure::kNone;
    phy_wanted_ = 0;
  }
  if (changed) note_parameters();
  if (ours || changed) on_phy(phy_);
  next_procedure();
}

void LinkLayer::note_parameters() {
  if (side_ == BleSide::kCard) air_.emit(events::BleParameters{to_string(phy_), std::max(max_tx_octets_, max_rx_octets_)});
}

}  // namespace touchstone::models
