#include "ble/controller.h"

#include <algorithm>

#include "base/check.h"
#include "ble/link_layer.h"

namespace touchstone::models {

namespace {
namespace hci = link::hci;
constexpr std::uint16_t kHandle = 0x0001;  // of the one connection
const sc_core::sc_time kHciLatency(BleController::kHciLatency_us, sc_core::SC_US);
}  // namespace

BleController::BleController(sc_core::sc_module_name name, BleAir& air, BleSide side, link::Address address,
                             const SeedTree& seeds, EnergyPort* energy)
    : sc_module(name), link_layer_(std::make_unique<LinkLayer>("link_layer", air, side, address, seeds, energy)) {
  bind_link_layer();
  SC_HAS_PROCESS(BleController);
  SC_METHOD(take_from_host);
  sensitive << from_host_due_;
  dont_initialize();
  SC_METHOD(give_to_host);
  sensitive << to_host_due_;
  dont_initialize();
}

BleController::~BleController() = default;

const BleStatistics& BleController::statistics() const { return link_layer_->statistics(); }

void BleController::set_sleep_clock_error_ppm(int ppm) { link_layer_->set_sleep_clock_error_ppm(ppm); }

void BleController::power_on() {
  powered_ = true;
  link_layer_->power_on();
}

void BleController::power_off() {
  powered_ = false;
  link_layer_->power_off();
  from_host_.clear();
  to_host_.clear();
  from_host_due_.cancel();
  to_host_due_.cancel();
}

void BleController::set_host_full(bool full) { link_layer_->set_host_full(full); }

// ---- transport ------------------------------------------------------------------------------------------------------

void BleController::from_host(Bytes untrusted_h4, sc_core::sc_time at) {
  if (!powered_) return;
  sc_core::sc_time due = at + kHciLatency;
  if (!from_host_.empty()) due = std::max(due, from_host_.back().at);
  from_host_.push_back({due, {untrusted_h4.begin(), untrusted_h4.end()}});
  if (from_host_.size() == 1) from_host_due_.notify(due - sc_core::sc_time_stamp());
}

void BleController::take_from_host() {
  const std::vector<std::uint8_t> packet = std::move(from_host_.front().packet);
  from_host_.pop_front();
  if (!from_host_.empty()) from_host_due_.notify(from_host_.front().at - sc_core::sc_time_stamp());
  const auto parsed = hci::parse(packet);
  if (!parsed) return;
  if (const auto* command = std::get_if<hci::Command>(&*parsed)) on_command(*command);
  else if (const auto* acl = std::get_if<hci::Acl>(&*parsed)) on_acl(*acl);
}

void BleController::report(Bytes h4) {
  to_host_.push_back({sc_core::sc_time_stamp() + kHciLatency, {h4.begin(), h4.end()}});
  if (to_host_.size() == 1) to_host_due_.notify(kHciLatency);
}

void BleController::give_to_host() {
  const std::vector<std::uint8_t> packet = std::move(to_host_.front().packet);
  to_host_.pop_front();
  if (!to_host_.empty()) to_host_due_.notify(to_host_.front().at - sc_core::sc_time_stamp());
  if (to_host) to_host(packet);
}

// ---- link layer -> host ---------------------------------------------------------------------------------------------

void BleController::bind_link_layer() {
  link_layer_->on_connected = [this](const LinkLayer::Connected& c) {
    report(packet_.event(hci::kLeMeta, hci::encode(hci::LeConnectionComplete{
        hci::kLeConnectionComplete, hci::kSuccess, kHandle, static_cast<std::uint8_t>(c.central ? 0 : 1), 0, c.peer, c.interval,
        0, c.timeout, c.clock_accuracy})));
  };
  link_layer_->on_disconnected = [this](std::uint8_t reason) {
    report(packet_.event(hci::kDisconnectionComplete,
                         hci::encode(hci::DisconnectionComplete{hci::kSuccess, kHandle, reason})));
  };
  link_layer_->on_data = [this](bool start, Bytes data) {
    report(packet_.acl(kHandle, start ? hci::Boundary::kFirstFromController : hci::Boundary::kContinuing, data));
  };
  link_layer_->on_host_packet_done = [this] {
    report(packet_.event(hci::kNumberOfCompletedPackets, hci::encode(hci::CompletedPackets{1, kHandle, 1})));
  };
  link_layer_->on_data_length = [this](std::uint16_t tx, std::uint16_t rx) {
    report(packet_.event(hci::kLeMeta, hci::encode(hci::LeDataLengthChange{
        hci::kLeDataLengthChange, kHandle, tx, hci::max_time_us(tx), rx, hci::max_time_us(rx)})));
  };
  link_layer_->on_phy = [this](Phy phy) {
    const auto code = static_cast<std::uint8_t>(phy);
    report(packet_.event(hci::kLeMeta, hci::encode(hci::LePhyUpdateComplete{
        hci::kLePhyUpdateComplete, hci::kSuccess, kHandle, code, code})));
  };
}

void BleController::command_complete(std::uint16_t opcode, Bytes return_parameters) {
  std::vector<std::uint8_t> parameters{1, static_cast<std::uint8_t>(opcode), static_cast<std::uint8_t>(opcode >> 8)};
  parameters.insert(parameters.end(), return_parameters.begin(), return_parameters.end());
  report(packet_.event(hci::kCommandComplete, parameters));
}

void BleController::command_complete(std::uint16_t opcode, std::uint8_t status) {
  command_complete(opcode, Bytes(&status, 1));
}

void BleController::command_status(std::uint16_t opcode, std::uint8_t status) {
  report(packet_.event(hci::kCommandStatus, hci::encode(hci::CommandStatus{status, 1, opcode})));
}

// ---- host -> link layer ---------------------------------------------------------------------------------------------

void BleController::on_acl(const hci::Acl& acl) {
  // More packets than we have buffers, a wrong handle or flag: a broken host; the packet is lost.
  if (!link_layer_->connected() || acl.handle != kHandle || acl.boundary == hci::Boundary::kFirstFromController ||
      acl.data.size() > hci::kMaxAclDataBytes || link_layer_->host_packets_waiting() >= kAclPackets)
    return;
  link_layer_->send(acl.boundary == hci::Boundary::kFirstFromHost, acl.data);
}

void BleController::on_command(const hci::Command& command) {
  const std::uint16_t opcode = command.opcode;
  // Runs `act` on the decoded parameters; its result is the status.
  const auto with = [&]<typename T>(auto&& act) -> std::uint8_t {
    const auto p = hci::decode<T>(command.parameters);
    return p ? act(*p) : std::uint8_t{hci::kInvalidParameters};
  };
  switch (opcode) {
    case hci::kReset:
      link_layer_->reset();
      advertising_ = {};
      advertising_data_.clear();
      return command_complete(opcode, hci::kSuccess);
    case hci::kSetEventMask:
    case hci::kLeSetEventMask:  // every event we have is always sent
      return command_complete(opcode, with.operator()<hci::EventMask>([](const auto&) -> std::uint8_t { return hci::kSuccess; }));
    case hci::kLeReadBufferSize:
      return command_complete(opcode, hci::encode(hci::LeBufferSize{hci::kSuccess, hci::kMaxAclDataBytes, kAclPackets}));
    case hci::kLeSetAdvertisingParameters:
      return command_complete(opcode, with.operator()<hci::LeSetAdvertisingParameters>([&](const auto& p) -> std::uint8_t {
        if (link_layer_->advertising()) return hci::kCommandDisallowed;
        if (p.interval_min < 0x20 || p.interval_max > 0x4000 || p.interval_min > p.interval_max || p.type != 0 ||
            p.own_address_type != 0 || p.channel_map != 7 || p.filter_policy != 0)
          return hci::kInvalidParameters;
        advertising_ = p;
        return hci::kSuccess;
      }));
    case hci::kLeSetAdvertisingData:
      return command_complete(opcode, with.operator()<hci::LeSetAdvertisingData>([&](const auto& p) -> std::uint8_t {
        if (p.size_bytes > p.data.size()) return hci::kInvalidParameters;
        advertising_data_.assign(p.data.begin(), p.data.begin() + p.size_bytes);
        return hci::kSuccess;
      }));
    case hci::kLeSetAdvertisingEnable:
      return command_complete(opcode, with.operator()<hci::LeSetAdvertisingEnable>([&](const auto& p) -> std::uint8_t {
        if (p.enable > 1) return hci::kInvalidParameters;
        if (p.enable == 0) {
          link_layer_->stop_advertising();
          return hci::kSuccess;
        }
        if (link_layer_->advertising()) return hci::kSuccess;
        const std::uint32_t units = advertising_.interval_min != 0 ? advertising_.interval_min : 0x0800;  // default 1.28 s
        return link_layer_->advertise(units * 625, advertising_data_);
      }));
    case hci::kLeCreateConnection:
      return command_status(opcode, with.operator()<hci::LeCreateConnection>([&](const auto& p) -> std::uint8_t {
        return link_layer_->initiate(p);
      }));
    case hci::kLeCreateConnectionCancel: {
      const std::uint8_t status = link_layer_->cancel_initiating();
      command_complete(opcode, status);
      if (status == hci::kSuccess) {
        hci::LeConnectionComplete p{};
        p.subevent = hci::kLeConnectionComplete;
        p.status = hci::kUnknownConnection;
        report(packet_.event(hci::kLeMeta, hci::encode(p)));
      }
      return;
    }
    case hci::kDisconnect:
      return command_status(opcode, with.operator()<hci::Disconnect>([&](const auto& p) -> std::uint8_t {
        return p.handle == kHandle ? link_layer_->terminate(p.reason) : std::uint8_t{hci::kUnknownConnection};
      }));
    case hci::kLeSetDataLength: {
      hci::LeDataLengthStatus returned{hci::kInvalidParameters, kHandle};
      returned.status = with.operator()<hci::LeSetDataLength>([&](const auto& p) -> std::uint8_t {
        return p.handle == kHandle ? link_layer_->set_data_length(p.tx_octets) : std::uint8_t{hci::kUnknownConnection};
      });
      return command_complete(opcode, hci::encode(returned));
    }
    case hci::kLeSetPhy:
      return command_status(opcode, with.operator()<hci::LeSetPhy>([&](const auto& p) -> std::uint8_t {
        if (p.handle != kHandle) return hci::kUnknownConnection;
        // One PHY for both directions; a direction without a preference follows the other.
        const unsigned tx = (p.all_phys & 1) != 0 ? 3u : p.tx_phys, rx = (p.all_phys & 2) != 0 ? 3u : p.rx_phys;
        return link_layer_->set_phy(static_cast<std::uint8_t>(tx & rx));
      }));
    default: return command_status(opcode, hci::kUnknownCommand);
  }
}

}  // namespace touchstone::models
