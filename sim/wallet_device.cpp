#include "sim/wallet_device.h"

#include <stdexcept>

#include "bus/time.h"
#include "contract/events.h"
#include "sim/yaml_table.h"
#include "wallet/encoding.h"

namespace touchstone::sim {
namespace {

/// What the phone computes takes this long on the virtual clock: building and checking are some milliseconds on a phone.
const sc_core::sc_time kComputeTime(5, sc_core::SC_MS);

[[noreturn]] void refuse(const std::string& place, const std::string& what, const Error& error) {
  throw InputError(place, what + ": " + error.what + " (" + to_string(error.code) + ")");
}

std::unique_ptr<wallet::Wallet> make_wallet(const Scenario& s, crypto::Curve& curve, const SeedTree& seeds) {
  const auto network = chain::network_from_string(s.wallet.network);
  if (!network) refuse(s.wallet.place, "wallet.network", network.error());
  Secret<32> secret_a;
  seeds.stream("wallet/secret_a").fill(secret_a.expose());
  auto nonces = std::make_shared<Random>(seeds.stream("wallet/nonces"));
  auto made = wallet::Wallet::create({*network, static_cast<std::uint32_t>(s.wallet.account), 0}, secret_a, curve, [nonces](MutableBytes out) { nonces->fill(out); });
  if (!made) refuse(s.wallet.place, "wallet", made.error());
  return std::move(made).value();
}

wallet::Payment payment_of(const Scenario& s) {
  wallet::Payment payment;
  // Explorers show a txid reversed.
  for (std::size_t i = 0; i < 32; ++i)
    payment.coin.txid[31 - i] = static_cast<std::uint8_t>(std::stoul(s.wallet.spends_txid.substr(2 * i, 2), nullptr, 16));
  payment.coin.vout = static_cast<std::uint32_t>(s.wallet.spends_vout);
  payment.coin.amount_sat = static_cast<std::uint64_t>(s.wallet.spends_amount_sat);
  for (const Output& o : s.wallet.pays) payment.recipients.push_back({o.address, static_cast<std::uint64_t>(o.amount_sat)});
  payment.fee_sat = static_cast<std::uint64_t>(s.wallet.fee_sat);
  return payment;
}

}  // namespace

WalletDevice::WalletDevice(sc_core::sc_module_name name, const Scenario& scenario, models::CentralEndpoint& radio, EventSink& events, const SeedTree& seeds)
    : sc_module(name), scenario_(scenario), radio_(radio), events_(events), wallet_(make_wallet(scenario, curve_, seeds)), payment_(payment_of(scenario)) {
  const auto network = chain::network_from_string(scenario.wallet.network);
  for (const Output& o : scenario.wallet.pays)
    if (const auto script = chain::script_of_address(o.address, *network); !script) refuse(o.place, "'" + o.address + "'", script.error());
  radio_.on_open = [this] { work_.notify(kComputeTime); };
  radio_.on_message = [this](Bytes message) {
    inbox_.emplace_back(message.begin(), message.end());
    work_.notify(kComputeTime);
  };
  radio_.on_closed = [this](std::uint8_t) { on_closed(); };
  SC_HAS_PROCESS(WalletDevice);
  SC_METHOD(work);
  sensitive << work_;
  dont_initialize();
}

std::int64_t WalletDevice::now_ns() const { return models::to_ns(sc_core::sc_time_stamp()); }

void WalletDevice::pair(int touches) {
  touches_ = touches;
  begin(Task::kPair);
}

void WalletDevice::sign() { begin(Task::kSign); }

void WalletDevice::begin(Task task) {
  task_ = task;
  if (radio_.is_open()) work_.notify(kComputeTime);
  else (void)radio_.connect();  // kState: already looking for the card; the task waits for on_open
}

void WalletDevice::work() {
  while (!inbox_.empty()) {
    const std::vector<std::uint8_t> message = std::move(inbox_.front());
    inbox_.pop_front();
    report(wallet_->on_message(message));
  }
  if (!task_ || !radio_.can_send()) return;
  const Task task = *task_;
  task_.reset();
  if (task == Task::kPair) {
    (void)radio_.send(wallet_->pair_request(static_cast<std::uint8_t>(touches_)));  // can_send() was true
    return;
  }
  const auto request = wallet_->sign_request(payment_);
  if (!request) {
    events_.emit(now_ns(), events::WalletFailed{0, request.error().what});
    return;
  }
  (void)radio_.send(request->message);
  events_.emit(now_ns(), events::WalletRequestSent{request->session, static_cast<std::int64_t>(request->message.size())});
}

void WalletDevice::report(const wallet::Outcome& outcome) {
  if (const auto* paired = std::get_if<wallet::Paired>(&outcome)) {
    events_.emit(now_ns(), events::WalletPaired{wallet::to_hex(paired->output_key)});
  } else if (const auto* done = std::get_if<wallet::Signed>(&outcome)) {
    signed_ = Signature{wallet::to_hex(done->signature), wallet::to_hex(done->output_key), wallet::to_hex(done->message_hash), done->txid, wallet::to_hex(done->raw_transaction)};
    events_.emit(now_ns(), events::WalletResponse{done->session});
    events_.emit(now_ns(), events::WalletSignatureVerified{done->session, signed_->signature_hex, signed_->txid_hex});
  } else if (const auto* refused = std::get_if<wallet::Refused>(&outcome)) {
    last_refusal_ = refused->reason;
    events_.emit(now_ns(), events::WalletRefused{refused->session, refused->reason});
  } else if (const auto* failed = std::get_if<wallet::Failed>(&outcome)) {
    events_.emit(now_ns(), events::WalletFailed{failed->session, failed->error.what});
  } else {
    events_.emit(now_ns(), events::WalletIgnored{std::get<wallet::Ignored>(outcome).error.what});
  }
}

void WalletDevice::on_closed() {
  inbox_.clear();
  if (const std::uint32_t session = wallet_->on_link_lost(); session != 0) events_.emit(now_ns(), events::WalletLinkLost{session});
  // A task that still waits for the link (the card was out of reach) goes on looking.
  if (task_) (void)radio_.connect();
}

}  // namespace touchstone::sim
