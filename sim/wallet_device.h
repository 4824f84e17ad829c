// The phone around the wallet's program: its radio, its storage and its owner's wishes on one side, the program on the
// other. What the program answers is checked before any of it is carried out. The time the phone computes is a parameter
// of the model (wallet.compute), never the host's clock.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/event.h"
#include "base/seed.h"
#include "ble/central.h"
#include "sim/account_check.h"
#include "sim/faces.h"
#include "sim/scenario.h"
#include "sim/wallet_port.h"
#include "wallet/card_link.h"

namespace touchstone::sim {

class WalletDevice : public sc_core::sc_module {
 public:
  /// Throws InputError when the scenario's payment is not possible (addresses), or the owner's face makes no record.
  WalletDevice(sc_core::sc_module_name name, const Scenario& scenario, models::CentralEndpoint& radio, EventSink& events, const SeedTree& seeds,
               std::unique_ptr<WalletPort> port, const Faces& faces);

  /// Where the scenario names the owner's face: the cloud has the record of Secret A under it, and the phone opens that. Else nothing.
  void enrol_face();

  /// Starts the program from what it stored; one that runs is killed first.
  void start();
  /// Another person's phone takes this one's place at the radio: its own Secret A, its own storage, and a program that
  /// asks no card to prove itself; not started yet.
  void take_phone(const std::string& name);
  /// Another phone takes this one's place for good. It knows what the cloud keeps of the owner's account - the face record, the public part
  /// of the stored state - and has the Secret A that this face opens. Its program is started.
  void take_new_phone(const FaceLook& face);
  /// Of the `number`-th new phone, from 1.
  static SeedTree new_phone_seeds(const SeedTree& seeds, std::uint64_t number) { return seeds.child("new phones").child(number); }
  /// The operating system ends the program and closes its connection; what it stored stays.
  void kill() { kill("by the operating system"); }
  /// Connects if needed and asks the card to enrol.
  void pair(int touches, std::size_t fingers, bool any_order);
  /// Connects if needed and sends the payment to the card.
  void sign();
  /// The card at hand is borrowed: connects if needed and brings it the stored record.
  void guest();
  void update(wallet::ByteVector image);

  /// What sign() pays; the scenario's payment at first.
  wallet::Payment& payment() { return payment_; }

  /// Sends the last sign request once more under the next session's number, as a confused phone might.
  void repeat();

  struct Signature {
    std::string signature_hex, public_key_hex, message_hash_hex, txid_hex, transaction_hex;
  };
  /// Of the last payment, as account_check.h verified it.
  const std::optional<Signature>& signature() const { return signed_; }
  const std::string& last_refusal() const { return last_refusal_; }
  /// The program's process, -1 where it is linked in or does not run.
  pid_t program_pid() const { return port_->pid(); }
  /// The memory of the wallet's program, for a search.
  WalletPort::MemoryCopy memory() const { return port_->memory(); }
  /// Between being given Secret A and the end of the task it was given for. Only then may it lie in the program's memory.
  bool is_working() const { return working_; }
  /// What went through the channels, in order: what nobody on the air can read.
  const std::vector<wallet::ByteVector>& messages() const { return messages_; }
  /// What the phone keeps for the program over a restart.
  Bytes storage() const { return at_radio_.storage; }
  /// What the owner's cloud keeps: the face record; empty without a face.
  Bytes cloud() const { return face_record_; }

 private:
  /// The program computes `input` after what it has before.
  template <typename T>
  void take(T input);
  void work();
  /// What the program is to get of an input: nothing of a handshake, and of a message what was sealed in it.
  std::optional<wallet::Input> through_channel(wallet::Input input);
  void channel_failed(const std::string& why);
  /// Seals a message for the card and hands it to the radio.
  void send(const wallet::ByteVector& message);
  void woke() { take(wallet::Woke{}); }
  void channel_late() { channel_failed("the card does not answer"); }
  void wake_after(std::uint32_t milliseconds);
  void carry_out(wallet::Action& action);
  void fail(const WalletFault& fault);
  void stop();
  void flush();
  wallet::Start start_input() const;
  void kill(const char* why);
  /// Secret A for one task. Without one the task has failed.
  std::optional<Secret<32>> secret_for_task();
  void make_face_record(const FaceLook& look);
  void see_face(const FaceLook& look);
  wallet::WalletConfig account() const;
  /// For a phone that is at the radio for the first time.
  void furnish();
  std::unique_ptr<wallet::CardLink> new_link();
  sc_core::sc_time compute_time() const;
  std::int64_t now_ns() const;

  const Scenario& scenario_;
  const Faces& faces_;
  models::CentralEndpoint& radio_;
  EventSink& events_;
  SeedTree seeds_;
  SeedTree phone_seeds_;  // of the phone at the radio
  struct Phone {
    wallet::ByteVector storage;  // of SaveState: outlives the program
    int starts = 0;
    std::optional<Secret<32>> secret_a;  // as its owner's face gives it at each use; none where the face does not
    std::unique_ptr<AccountCheck> account;
    std::unique_ptr<wallet::CardLink> link;
  };
  std::map<std::string, Phone> phones_;  // those that are not at the radio
  std::string phone_ = "own";
  std::uint64_t new_phones_ = 0;     // the last of them is "own" now
  wallet::ByteVector face_record_;
  crypto::HostCurve curve_;
  Phone at_radio_;
  std::unique_ptr<WalletPort> port_;
  wallet::Payment payment_;
  bool running_ = false, working_ = false;
  std::deque<wallet::Input> inbox_;          // the program computes one input after the other
  std::deque<wallet::ByteVector> outbox_;    // the radio takes one message after the other
  wallet::ByteVector last_request_;      // as it was handed to the radio
  std::uint32_t repeated_session_ = 0;   // of repeat(): the program knows nothing of it
  std::optional<Signature> signed_;
  std::string last_refusal_;
  bool link_failed_ = false;             // the program is told when the connection is closed
  std::vector<wallet::ByteVector> messages_;
  sc_core::sc_event work_, wake_, channel_late_;
};

}  // namespace touchstone::sim
