#include "sim/wallet_device.h"

#include <algorithm>

#include "bus/time.h"
#include "contract/events.h"
#include "contract/messages.h"
#include "identity/development_vendor.h"
#include "sim/malware.h"
#include "sim/yaml_table.h"
#include "wallet/encoding.h"

namespace touchstone::sim {
namespace {

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

chain::Network network_of(const Scenario& s) {
  const auto network = chain::network_from_string(s.wallet.network);
  if (!network) throw InputError(s.wallet.place, "wallet.network: " + std::string(network.error().what));
  return *network;
}

/// What a program says when a task has ended that came with Secret A.
constexpr std::string_view kEndOfWork[] = {events::WalletPaired::kName,  events::WalletSignatureVerified::kName, events::WalletRefused::kName,
                                           events::WalletFailed::kName, events::WalletUnattested::kName,        events::WalletLinkLost::kName,
                                           events::WalletRefreshed::kName};

/// For the card to answer the first message of a channel.
constexpr double kHandshake_s = 5;

}  // namespace

template <typename T>
void WalletDevice::take(T input) {
  if (!running_) return;
  if constexpr (std::is_same_v<T, wallet::Pair> || std::is_same_v<T, wallet::Sign>) working_ = true;
  inbox_.emplace_back(std::move(input));
  if (inbox_.size() == 1) work_.notify(compute_time());
}

WalletDevice::WalletDevice(sc_core::sc_module_name name, const Scenario& scenario, models::CentralEndpoint& radio, EventSink& events, const SeedTree& seeds,
                           std::unique_ptr<WalletPort> port, const Faces& faces)
    : sc_module(name), scenario_(scenario), faces_(faces), radio_(radio), events_(events), seeds_(seeds), phone_seeds_(seeds), port_(std::move(port)), payment_(payment_of(scenario)) {
  std::vector<Output> outputs = scenario.wallet.pays;
  if (const auto& malware = scenario.wallet.malware) {
    if (malware->address) outputs.push_back({*malware->address, 0, malware->place});
    if (malware->adds) outputs.push_back(*malware->adds);
  }
  for (const Output& o : outputs)
    if (const auto script = chain::script_of_address(o.address, network_of(scenario)); !script)
      throw InputError(o.place, "address '" + o.address + "' is no address of " + scenario.wallet.network + ": " + script.error().what);
  furnish();
  if (scenario.wallet.face) make_face_record(scenario.wallet.face->enrolled);
  radio_.on_open = [this] { take(wallet::LinkOpened{}); };
  radio_.on_message = [this](Bytes message) { take(wallet::LinkMessage{{message.begin(), message.end()}}); };
  radio_.on_closed = [this](std::uint8_t reason) {
    outbox_.clear();
    take(wallet::LinkClosed{std::exchange(link_failed_, false) ? wallet::kNoChannel : reason});
  };
  radio_.on_sent = [this] { flush(); };
  SC_HAS_PROCESS(WalletDevice);
  SC_METHOD(work);
  sensitive << work_;
  dont_initialize();
  SC_METHOD(woke);
  sensitive << wake_;
  dont_initialize();
  SC_METHOD(channel_late);
  sensitive << channel_late_;
  dont_initialize();
}

std::int64_t WalletDevice::now_ns() const { return models::to_ns(sc_core::sc_time_stamp()); }

sc_core::sc_time WalletDevice::compute_time() const { return sc_core::sc_time(static_cast<double>(scenario_.wallet.compute_ns), sc_core::SC_NS); }

wallet::WalletConfig WalletDevice::account() const { return {network_of(scenario_), static_cast<std::uint32_t>(scenario_.wallet.account), 0, scenario_.wallet.scheme}; }

wallet::Start WalletDevice::start_input() const {
  wallet::Start start;
  start.account = account();
  start.seed = phone_seeds_.seed();
  start.attestation = scenario_.wallet.attestation && phone_ == "own" ? wallet::Attestation::kRequired : wallet::Attestation::kNone;
  start.vendor_key = identity::development_vendor_key();
  start.untrusted_state = at_radio_.storage;
  return start;
}

std::optional<Secret<32>> WalletDevice::secret_for_task() {
  if (!at_radio_.secret_a) {
    if (running_) events_.emit(now_ns(), events::WalletFailed{0, "the phone has no Secret A: the face it saw does not open the record"});
    return std::nullopt;
  }
  Secret<32> secret_a;
  std::copy_n(at_radio_.secret_a->expose().begin(), secret_a.size(), secret_a.expose().begin());
  return secret_a;
}

void WalletDevice::make_face_record(const FaceLook& look) {
  Secret<32> randomness;
  seeds_.stream("wallet/face_record").fill(randomness.expose());
  const auto record = wallet::make_face_record(faces_.code(look), *at_radio_.secret_a, randomness.expose());
  if (!record) throw InputError(look.place, "the face of '" + look.person + "' makes no record: " + record.error().what);
  face_record_ = record->serialize();
}

void WalletDevice::enrol_face() {
  const auto& face = scenario_.wallet.face;
  if (!face) return;
  events_.emit(now_ns(), events::WalletFace{face->enrolled.person, "enrolled"});
  see_face(face->used);
}

void WalletDevice::see_face(const FaceLook& look) {
  const auto record = wallet::FaceRecord::parse(face_record_);
  TS_CHECK(record.ok(), "the cloud keeps what it got");
  auto opened = wallet::open_face_record(*record, faces_.code(look));
  at_radio_.secret_a.reset();
  if (opened) at_radio_.secret_a = std::move(opened).value();
  events_.emit(now_ns(), events::WalletFace{look.person, at_radio_.secret_a ? "opened" : "refused"});
}

void WalletDevice::pair(int touches, std::size_t fingers, bool any_order) {
  if (auto secret_a = secret_for_task()) take(wallet::Pair{std::move(*secret_a), static_cast<std::uint8_t>(touches), static_cast<std::uint8_t>(fingers), any_order});
}

void WalletDevice::sign() {
  auto secret_a = secret_for_task();
  if (!secret_a) return;
  if (!scenario_.wallet.malware) return take(wallet::Sign{std::move(*secret_a), payment_});
  Corrupted corrupted = corrupt(*scenario_.wallet.malware, payment_);
  for (const std::string& what : corrupted.changed) events_.emit(now_ns(), events::MalwareChanged{what});
  take(wallet::Sign{std::move(*secret_a), std::move(corrupted.payment)});
}

void WalletDevice::repeat() {
  auto request = contract::SignRequest::decode(last_request_);
  if (!request || !at_radio_.link->is_open()) return events_.emit(now_ns(), events::WalletFailed{0, "there is no request to repeat"});
  repeated_session_ = ++request->session;
  wallet::ByteVector message(contract::SignRequest::kMaxBytes);
  message.resize(request->encode(message).value().size());
  events_.emit(now_ns(), events::WalletRequestSent{repeated_session_, static_cast<std::int64_t>(message.size())});
  send(message);
}

void WalletDevice::guest() { take(wallet::Guest{}); }
void WalletDevice::update(wallet::ByteVector image) { take(wallet::Update{std::move(image)}); }

void WalletDevice::start() {
  if (running_) kill();
  ++at_radio_.starts;
  running_ = true;
  events_.emit(now_ns(), events::WalletProgram{"started", "start " + std::to_string(at_radio_.starts)});
  take(start_input());
}

void WalletDevice::take_phone(const std::string& name) {
  if (name == phone_) return;
  kill();
  phones_[phone_] = std::move(at_radio_);
  at_radio_ = std::move(phones_[name]);
  phone_ = name;
  phone_seeds_ = name == "own" ? seeds_ : seeds_.child("phones").child(name);
  furnish();
}

void WalletDevice::take_new_phone(const FaceLook& face) {
  kill("its phone is gone");
  Phone next;
  next.storage = wallet::account_part(at_radio_.storage);
  next.account = std::move(at_radio_.account);  // the owner's account, whoever has the phone
  at_radio_ = std::move(next);
  phone_seeds_ = new_phone_seeds(seeds_, ++new_phones_);
  at_radio_.link = new_link();
  last_request_.clear();
  repeated_session_ = 0;
  see_face(face);
  start();
}

void WalletDevice::furnish() {
  if (at_radio_.account) return;
  at_radio_.account = std::make_unique<AccountCheck>(account(), phone_seeds_);
  at_radio_.link = new_link();
  phone_seeds_.stream("wallet/secret_a").fill(at_radio_.secret_a.emplace().expose());
}

std::unique_ptr<wallet::CardLink> WalletDevice::new_link() {
  Secret<64> identity;
  phone_seeds_.stream("wallet/channel/identity").fill(identity.expose());
  auto draws = std::make_shared<Random>(phone_seeds_.stream("wallet/channel/handshakes"));
  return std::make_unique<wallet::CardLink>(curve_, crypto::Scalar::from_wide_reduce(identity.expose()), [draws](MutableBytes out) { draws->fill(out); });
}

void WalletDevice::kill(const char* why) {
  if (!running_) return;
  stop();
  events_.emit(now_ns(), events::WalletProgram{"killed", why});
}

void WalletDevice::stop() {
  running_ = working_ = false;
  port_->kill();
  inbox_.clear();
  outbox_.clear();
  at_radio_.link->close();
  channel_late_.cancel();
  work_.cancel();
  wake_.cancel();
  radio_.disconnect();  // as an operating system does for a program that is gone
}

void WalletDevice::fail(const WalletFault& fault) {
  stop();
  events_.emit(now_ns(), events::WalletProgram{fault.state, fault.why});
}

void WalletDevice::work() {
  auto input = through_channel(std::move(inbox_.front()));
  inbox_.pop_front();
  if (!inbox_.empty()) work_.notify(compute_time());
  if (!input) return;
  if (const auto* message = std::get_if<wallet::LinkMessage>(&*input)) at_radio_.account->on_card_message(message->untrusted_message);
  auto answer = port_->deliver(std::move(*input));
  if (const auto* fault = std::get_if<WalletFault>(&answer)) return fail(*fault);
  auto& actions = std::get<wallet::Actions>(answer);
  if (const std::string why = at_radio_.account->untrusted_reason(actions, payment_.coin); !why.empty()) return fail({"garbage", why});
  for (wallet::Action& action : actions) carry_out(action);
}

std::optional<wallet::Input> WalletDevice::through_channel(wallet::Input input) {
  wallet::CardLink& link = *at_radio_.link;
  if (std::holds_alternative<wallet::LinkClosed>(input)) {
    link.close();
    channel_late_.cancel();
  }
  if (std::holds_alternative<wallet::LinkOpened>(input)) {
    if (!radio_.is_open()) return std::nullopt;  // it is over already
    link_failed_ = false;
    outbox_.push_back(link.begin().value());
    flush();
    channel_late_.notify(sc_core::sc_time(kHandshake_s, sc_core::SC_SEC));
    return std::nullopt;
  }
  const auto* sealed = std::get_if<wallet::LinkMessage>(&input);
  if (sealed == nullptr) return input;
  if (link_failed_ || !radio_.is_open()) return std::nullopt;  // the connection is being ended
  auto taken = link.take(sealed->untrusted_message);
  if (!taken) {
    channel_failed(taken.error().what);
    return std::nullopt;
  }
  if (taken->opened) {
    outbox_.push_back(std::move(taken->bytes));
    flush();
    channel_late_.cancel();
    events_.emit(now_ns(), events::WalletChannel{"open", ""});
    return wallet::LinkOpened{link.binding()};
  }
  messages_.push_back(taken->bytes);
  const auto refusal = contract::Refusal::decode(taken->bytes);
  if (!refusal || repeated_session_ == 0 || refusal->session != repeated_session_) return wallet::LinkMessage{std::move(taken->bytes)};
  events_.emit(now_ns(), events::WalletRefused{refusal->session, wallet::refusal_reason(refusal->reason)});
  return std::nullopt;
}

void WalletDevice::channel_failed(const std::string& why) {
  events_.emit(now_ns(), events::WalletChannel{"failed", why});
  link_failed_ = true;
  radio_.disconnect();
}

void WalletDevice::send(const wallet::ByteVector& message) {
  auto sealed = at_radio_.link->seal(message);
  if (!sealed) return;  // the channel is gone, and the program will hear of it
  messages_.push_back(message);
  outbox_.push_back(std::move(*sealed));
  flush();
}

void WalletDevice::carry_out(wallet::Action& action) {
  if (std::holds_alternative<wallet::Connect>(action)) {
    (void)radio_.connect();  // kState: the connection before is still closing; LinkClosed tells the program
  } else if (std::holds_alternative<wallet::Disconnect>(action)) {
    radio_.disconnect();
  } else if (auto* send = std::get_if<wallet::Send>(&action)) {
    if (contract::SignRequest::decode(send->message)) last_request_ = send->message;
    if (scenario_.wallet.malware && corrupt(*scenario_.wallet.malware, send->message)) events_.emit(now_ns(), events::MalwareChanged{"version"});
    this->send(send->message);
  } else if (const auto* event = std::get_if<wallet::Event>(&action)) {
    std::vector<EventField> fields;
    for (const auto& [name, value] : event->fields) {
      if (const auto* number = std::get_if<std::int64_t>(&value)) fields.push_back({name, *number});
      else fields.push_back({name, std::string_view(std::get<std::string>(value))});
    }
    if (std::find(std::begin(kEndOfWork), std::end(kEndOfWork), event->name) != std::end(kEndOfWork)) working_ = false;
    if (event->name == events::WalletRefused::kName) last_refusal_ = std::get<std::string>(event->fields[1].second);
    events_.receive(now_ns(), event->name, fields);
  } else if (auto* save = std::get_if<wallet::SaveState>(&action)) {
    at_radio_.storage = std::move(save->state);
  } else if (const auto* wake = std::get_if<wallet::WakeAfter>(&action)) {
    wake_after(wake->milliseconds);
  } else {
    const auto& done = std::get<wallet::Publish>(action);
    signed_ = Signature{wallet::to_hex(done.signature), wallet::to_hex(done.public_key), wallet::to_hex(done.message_hash), explorer_txid(done.transaction), wallet::to_hex(done.transaction)};
  }
}

void WalletDevice::wake_after(std::uint32_t milliseconds) {
  wake_.cancel();
  // One that waits to be computed was asked for earlier too.
  std::erase_if(inbox_, [](const wallet::Input& input) { return std::holds_alternative<wallet::Woke>(input); });
  if (inbox_.empty()) work_.cancel();
  if (milliseconds > 0) wake_.notify(sc_core::sc_time(milliseconds, sc_core::SC_MS));
}

void WalletDevice::flush() {
  while (!outbox_.empty() && radio_.can_send()) {
    const wallet::ByteVector message = std::move(outbox_.front());
    outbox_.pop_front();  // before sending: a short message is out at once, and on_sent calls this again
    (void)radio_.send(message);
  }
  if (!radio_.is_open()) outbox_.clear();
}

}  // namespace touchstone::sim
