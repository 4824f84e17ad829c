// The state machine behind Agent; nobody else includes this.
#pragma once

#include <optional>
#include <type_traits>

#include "contract/events.h"
#include "wallet/agent.h"
#include "wallet/attestation.h"

namespace touchstone::wallet {

class Agent::Machine {
 public:
  Machine(crypto::Curve& curve, EntropyFactory entropy) : curve_(curve), entropy_of_start_(std::move(entropy)) {}

  Actions handle(Input input) {
    TS_CHECK(started_ != std::holds_alternative<Start>(input), "an agent starts once, first of all");
    std::visit([this](auto& i) { on(std::move(i)); }, input);
    return std::move(actions_);
  }

  std::vector<Bytes> memory() const {
    const auto bytes = [](const auto& object) { return Bytes(reinterpret_cast<const std::uint8_t*>(&object), sizeof object); };
    std::vector<Bytes> out{bytes(*this)};
    if (wallet_) out.push_back(bytes(*wallet_));
    if (lindell_) {
      out.push_back(bytes(*lindell_));
      for (const Bytes part : lindell_->memory()) out.push_back(part);
    }
    if (runs_) {
      out.push_back(bytes(*runs_));
      out.push_back(runs_->memory());
    }
    return out;
  }

 private:
  using Task = std::variant<Pair, Sign, Guest, UpdateSender>;
  /// kAttesting, kBorrowing and kUpdating wait for answers of the card; work waits for kReady.
  enum class Link { kDown, kSearching, kAttesting, kBorrowing, kUpdating, kReady };

  void on(const Start& start);
  void on(Pair pair) {
    borrowed_ = false;
    begin(std::move(pair));
  }
  void on(Sign sign) { begin(std::move(sign)); }
  void on(Guest guest) {
    borrowed_ = true;
    begin(guest);
  }
  void on(const Update& update);
  void on(const LinkOpened& opened);
  void on(const LinkMessage& message);
  void on(const LinkClosed& closed);
  void on(const Woke&);

  bool restore(Bytes untrusted_state);
  void begin(Task task);
  void advance();
  Status open_wallet(const Secret<32>& secret_a);
  void perform(const Pair& pair);
  void perform(const Sign& sign);
  void refresh();
  void perform(const Guest&) {}  // the record goes out with every connection to a borrowed card
  void perform(UpdateSender& sender);
  void bring_record();
  void on_attestation(Bytes untrusted_message);
  void on_borrowing(Bytes untrusted_message);
  void on_updating(Bytes untrusted_message);
  void report_update(const char* state);
  void report(const Outcome& outcome);
  /// A task that ended before anything was sent.
  void fail(const Error& error) {
    wallet_.reset();
    awaiting_ = false;
    emit(events::WalletFailed{0, error.what});
  }
  bool is_expected(Bytes device_key) const;
  void refuse_card(const char* why);
  /// From now on the card has this long to answer.
  void await_answer(std::uint32_t milliseconds) {
    awaiting_ = true;
    act(WakeAfter{milliseconds});
  }
  void give_up();
  void save();

  template <typename A>
  void act(A action) {
    actions_.emplace_back(std::move(action));
  }
  template <typename E>
  void emit(const E& event) {
    Event out{std::string(E::kName), {}};
    event.visit([&](std::string_view name, const auto& value) {
      if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(value)>>) out.fields.emplace_back(name, std::int64_t{value});
      else out.fields.emplace_back(name, std::string(value));
    });
    act(std::move(out));
  }

  crypto::Curve& curve_;
  EntropyFactory entropy_of_start_;
  EntropySource nonces_, challenges_;
  bool started_ = false;
  bool usable_ = false;             // or the start failed, and every task fails
  std::unique_ptr<CardRuns> runs_;        // of this connection
  std::unique_ptr<LindellRuns> lindell_;  // of all: its group takes seconds to make
  std::unique_ptr<Wallet> wallet_;  // holds the share: lives from the request to its outcome
  WalletConfig account_;
  Attestation attestation_ = Attestation::kRequired;
  crypto::XOnlyPoint vendor_key_{};
  std::uint32_t starts_ = 0, last_session_ = 0;
  ByteVector card_key_, device_key_, record_;  // of the paired card
  ByteVector evaluator_key_;                   // of a Lindell17 account

  Link link_ = Link::kDown;
  std::optional<Task> task_;  // the newest wins, as a person who taps again means it
  std::optional<UpdateSender> update_;
  bool borrowed_ = false;      // the card at hand is not the paired one
  bool awaiting_ = false;      // the answer to what was sent last
  bool refresh_is_due_ = false;  // when it wakes
  bool record_taken_ = false;  // and has accepted the record on this connection
  ByteArray<32> challenge_{}, channel_binding_{};
  ByteVector attested_key_;  // of the card at this connection; empty: it was not asked
  Actions actions_;
};

}  // namespace touchstone::wallet
