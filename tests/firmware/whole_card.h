// The card's real program on the whole card model, a wallet at the other end of the radio, and a person who does as the card
// asks: touches when it enrols, taps through a payment's pages and holds on the last.
#pragma once

#include <systemc.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "ble/air.h"
#include "ble/central.h"
#include "card/card.h"
#include "curve_host/host_curve.h"
#include "image/grey_image.h"
#include "wallet/card_link.h"
#include "wallet/wallet.h"

namespace touchstone::firmware::testing {

class WholeCard : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t kFee_sat = 420, kAmount_sat = 1'250'000, kInput_sat = 5'000'000;

  /// `elf_path`: the card's program, signed here with `version`. Powered on with the first run().
  WholeCard(sc_core::sc_module_name name, const std::string& elf_path, models::CardConfig config = {},
            std::uint32_t version = 1);
  /// A signed image of that program.
  static std::vector<std::uint8_t> image(const std::string& elf_path, std::uint32_t version);

  /// Runs until `done` (asked after every event) or for `limit_s`; true if it was done.
  bool run(const std::function<bool()>& done, double limit_s);
  /// A wallet of this epoch asks for enrolment / for a signature as soon as the link is open. True if it was answered so.
  bool pair(std::uint32_t epoch);
  bool sign();
  /// What the next message becomes on its way to the card, sealed as it is; and a message back.
  std::function<void(std::vector<std::uint8_t>&)> on_air = [](auto&) {};
  /// Of the open channel: wallet::CardLink::binding().
  const ByteArray<32>& channel_binding() const { return link_->binding(); }
  /// From now on, and from the next connection on, another phone asks.
  void another_phone();
  /// The card's answer to any message; empty if there is none.
  std::vector<std::uint8_t> ask(Bytes message);
  /// Until the card sleeps in its idle page.
  void settle();

  RecordingSink events;
  models::Card* operator->() { return card_.get(); }
  models::Card& card() { return *card_; }
  crypto::HostCurve curve;
  std::unique_ptr<wallet::Wallet> wallet;
  GreyImage finger;
  std::string last_refusal;
  bool holds_at_once = false;  ///< the person answers every page with a hold, also the first
  std::vector<std::string> console() const;

  /// Called for every event, in the simulation's context.
  std::function<void(const RecordingSink::Record&)> on_event = [](const auto&) {};
  /// Does this `delay` after now; one thing at a time.
  void after(sc_core::sc_time delay, std::function<void()> action) {
    action_ = std::move(action);
    act_.notify(delay);
  }
  void cut_power_after(sc_core::sc_time delay) {
    after(delay, [this] { card_->power().cut(); });
  }

 private:
  struct Tap : EventSink {
    explicit Tap(WholeCard& card) : owner(card) {}
    void receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) override;
    WholeCard& owner;
  };
  void person();
  void phone();
  void act();
  void on_message(Bytes untrusted_message);
  void transmit();
  void send(std::vector<std::uint8_t> message);

  Tap tap_{*this};
  SeedTree seeds_{2026};
  models::BleAir air_{seeds_, tap_};
  std::unique_ptr<models::Card> card_;
  std::unique_ptr<models::CentralEndpoint> radio_;
  std::unique_ptr<wallet::CardLink> make_link(std::uint32_t identity);
  std::unique_ptr<wallet::CardLink> link_;
  std::vector<std::uint8_t> outgoing_, handshake_, last_answer_;
  bool asking_ = false;  // the answer is not for the wallet
  wallet::Outcome outcome_;
  bool answered_ = false;
  std::function<bool()> done_;
  sc_core::sc_event prompt_, send_, act_;
  std::function<void()> action_;
  int prompts_ = 0;
  bool enrolling_ = false;
};

}  // namespace touchstone::firmware::testing
