// The Wallet Device inside the simulation: the wallet library on one side, the radio on the other, events for the log.
// The time the phone computes is a parameter of the model, never the host's clock.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "ble/central.h"
#include "curve_host/host_curve.h"
#include "sim/scenario.h"
#include "wallet/wallet.h"

namespace touchstone::sim {

class WalletDevice : public sc_core::sc_module {
 public:
  /// Throws InputError when the scenario's payment is not possible (addresses, amounts).
  WalletDevice(sc_core::sc_module_name name, const Scenario& scenario, models::CentralEndpoint& radio, EventSink& events, const SeedTree& seeds);

  /// Connects if needed and asks the card to enrol.
  void pair(int touches);
  /// Connects if needed and sends the scenario's payment to the card.
  void sign();

  struct Signature {
    std::string signature_hex, public_key_hex, message_hash_hex, txid_hex, transaction_hex;
  };
  const std::optional<Signature>& signature() const { return signed_; }
  const std::string& last_refusal() const { return last_refusal_; }

 private:
  enum class Task { kPair, kSign };
  void begin(Task task);
  void work();
  void report(const wallet::Outcome& outcome);
  void on_closed();
  std::int64_t now_ns() const;

  const Scenario& scenario_;
  models::CentralEndpoint& radio_;
  EventSink& events_;
  crypto::HostCurve curve_;
  std::unique_ptr<wallet::Wallet> wallet_;
  wallet::Payment payment_;
  std::optional<Task> task_;
  int touches_ = 0;
  std::deque<std::vector<std::uint8_t>> inbox_;
  std::optional<Signature> signed_;
  std::string last_refusal_;
  sc_core::sc_event work_;
};

}  // namespace touchstone::sim
