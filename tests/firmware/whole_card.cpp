#include "whole_card.h"

#include <variant>

#include "identity/development_vendor.h"
#include "image_builder/image_builder.h"
#include "print_testing/owners.h"

namespace touchstone::firmware::testing {

using models::Card;

std::vector<std::uint8_t> WholeCard::image(const std::string& elf_path, std::uint32_t version) {
  auto image = read_firmware(elf_path, version, identity::development_vendor_secret());
  TS_CHECK(std::holds_alternative<ImageBytes>(image), "the card's program is no ELF image that fits");
  return std::get<ImageBytes>(std::move(image));
}

WholeCard::WholeCard(sc_core::sc_module_name name, const std::string& elf_path, models::CardConfig config,
                     std::uint32_t version)
    : sc_module(name) {
  finger = biometrics::testing::owner(1).clean_on(config.sensor.width_px, config.sensor.height_px);
  card_ = std::make_unique<Card>("card", config, air_, tap_, seeds_);
  models::BleConfig link;
  link.interval_us = 15'000;
  radio_ = std::make_unique<models::CentralEndpoint>("radio", air_, link, seeds_);

  TS_CHECK(card_->program(image(elf_path, version)).empty(), "the card's program does not fit");

  link_ = make_link(1);
  radio_->on_open = [this] {
    handshake_ = link_->begin().value();
    send_.notify(sc_core::sc_time(5, sc_core::SC_MS));
  };
  radio_->on_closed = [this](std::uint8_t) {
    link_->close();
    static_cast<void>(radio_->connect());
  };
  radio_->on_message = [this](Bytes message) { on_message(message); };
  SC_HAS_PROCESS(WholeCard);
  SC_THREAD(person);
  SC_THREAD(phone);
  SC_METHOD(act);
  sensitive << act_;
  dont_initialize();
}

void WholeCard::Tap::receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
  owner.events.receive(time_ns, name, fields);
  const RecordingSink::Record& record = owner.events.records().back();
  const bool enrol_touch = name == "mcu.mark" && record.number("value") >> 8 == 1;
  const bool page = name == "mcu.phase" && record.text("phase") == "user";
  if (enrol_touch || page) {
    owner.enrolling_ = enrol_touch;
    owner.prompt_.notify(sc_core::sc_time(700, sc_core::SC_MS));
  }
  owner.on_event(record);
  if (owner.done_ && owner.done_()) sc_core::sc_pause();
}

void WholeCard::person() {
  for (;;) {
    wait(prompt_);
    if (card_->sensor().touched()) continue;
    models::FingerContact contact;
    contact.name = "owner";
    contact.image = finger;
    card_->sensor().place(contact);
    // A payment to one recipient has two pages.
    const bool tap = !enrolling_ && !holds_at_once && prompts_++ % 2 == 0;
    wait(sc_core::sc_time(enrolling_ ? 800 : tap ? 180 : 1400, sc_core::SC_MS));
    card_->sensor().lift();
  }
}

void WholeCard::phone() {
  card_->power().on(contract::sysctl::Cause::kPowerOn);
  static_cast<void>(radio_->connect());
  for (;;) {
    wait(send_);
    if (radio_->can_send()) transmit();
  }
}

void WholeCard::transmit() {
  std::vector<std::uint8_t> message;
  if (!handshake_.empty()) message = std::exchange(handshake_, {});
  else if (!outgoing_.empty() && link_->is_open()) message = link_->seal(std::exchange(outgoing_, {})).value();
  if (message.empty()) return;
  on_air(message);
  TS_CHECK(radio_->send(message).ok(), "the message fits");
}

void WholeCard::on_message(Bytes untrusted_message) {
  std::vector<std::uint8_t> message(untrusted_message.begin(), untrusted_message.end());
  on_air(message);
  auto taken = link_->take(message);
  if (!taken) return radio_->disconnect();
  if (taken->opened) {
    handshake_ = std::move(taken->bytes);
    transmit();
    return send_.notify(sc_core::sc_time(5, sc_core::SC_MS));
  }
  last_answer_ = std::move(taken->bytes);
  if (!asking_) outcome_ = wallet->on_message(last_answer_);
  if (const auto* refused = std::get_if<wallet::Refused>(&outcome_)) last_refusal = refused->reason;
  answered_ = true;
}

std::unique_ptr<wallet::CardLink> WholeCard::make_link(std::uint32_t identity) {
  auto draws = std::make_shared<Random>(seeds_.child("phones").child(identity).stream("channel"));
  return std::make_unique<wallet::CardLink>(curve, crypto::Scalar::from_u32(identity), [draws](MutableBytes out) { draws->fill(out); });
}

void WholeCard::another_phone() {
  link_ = make_link(2);
  radio_->disconnect();
}

void WholeCard::act() { action_(); }

void WholeCard::send(std::vector<std::uint8_t> message) {
  outgoing_ = std::move(message);
  answered_ = false;
  prompts_ = 0;
  send_.notify(sc_core::sc_time(5, sc_core::SC_MS));
}

bool WholeCard::run(const std::function<bool()>& done, double limit_s) {
  done_ = done;
  const sc_core::sc_time end = sc_core::sc_time_stamp() + sc_core::sc_time(limit_s, sc_core::SC_SEC);
  bool ended = false;
  while (!(ended = done()) && sc_core::sc_time_stamp() < end) sc_core::sc_start(end - sc_core::sc_time_stamp());
  done_ = nullptr;
  return ended;
}

bool WholeCard::pair(std::uint32_t epoch) {
  Secret<32> secret_a;
  secret_a.expose()[0] = 1;
  auto nonces = std::make_shared<Random>(seeds_.stream("nonces"));
  wallet = std::move(wallet::Wallet::create({chain::Network::kRegtest, 0, epoch}, secret_a, curve,
                                            [nonces](MutableBytes out) { nonces->fill(out); }))
               .value();
  send(wallet->pair_request(4));
  run([this] { return answered_; }, 30);
  return answered_ && std::holds_alternative<wallet::Paired>(outcome_);
}

bool WholeCard::sign() {
  wallet::Payment payment;
  payment.coin.txid.fill(0xAB);
  payment.coin.amount_sat = kInput_sat;
  payment.recipients.push_back({"bcrt1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqvg32hk", kAmount_sat});
  payment.fee_sat = kFee_sat;
  send(wallet->sign_request(payment).value().message);
  run([this] { return answered_; }, 30);
  return answered_ && std::holds_alternative<wallet::Signed>(outcome_);
}

std::vector<std::uint8_t> WholeCard::ask(Bytes message) {
  last_answer_.clear();
  asking_ = true;
  send({message.begin(), message.end()});
  run([this] { return answered_; }, 30);
  asking_ = false;
  return last_answer_;
}

void WholeCard::settle() {
  run([] { return false; }, 4);
}

std::vector<std::string> WholeCard::console() const {
  std::vector<std::string> lines;
  for (const auto& record : events.named("mcu.console")) lines.push_back(record.text("text"));
  return lines;
}

}  // namespace touchstone::firmware::testing
