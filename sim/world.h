// The world of a scenario: card, air, wallet, people and director on one virtual clock.
#pragma once

#include <systemc.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/seed.h"
#include "ble/air.h"
#include "ble/central.h"
#include "ble/sniffer.h"
#include "card/card.h"
#include "sim/director.h"
#include "sim/event_log.h"
#include "sim/person.h"
#include "sim/scenario.h"
#include "sim/secrets.h"
#include "sim/user.h"
#include "sim/wallet_device.h"

namespace touchstone::sim {

class World : public sc_core::sc_module {
 public:
  /// Throws InputError for what the scenario gets wrong about its world (pictures, addresses).
  /// `faces` are those of this scenario.
  World(sc_core::sc_module_name name, const Scenario& scenario, EventLog& log, std::unique_ptr<WalletPort> wallet = linked_in_wallet(), Faces faces = {});
  ~World() override;

  /// Power-on and enrolment, up to time zero; nothing at all where the scenario's steps do it. Throws std::runtime_error when the card does not accept the finger. The
  /// process may be forked afterwards: each copy can play on by itself.
  void enrol();
  /// From time zero to the end of the scenario, whose steps and expectations are read only now.
  void play();
  /// Time zero without the scenario's steps and expectations: the caller acts and lets time pass (models::advance).
  void play_by_hand();
  /// Now.
  void perform(const Action& action);

  Verdict verdict() const { return director_.verdict(); }
  std::vector<ExpectationOutcome> outcomes() const { return director_.outcomes(); }
  models::Card& card() { return card_; }
  People& people() { return people_; }
  const WalletDevice& wallet() const { return wallet_; }
  const models::Sniffer& sniffer() const { return sniffer_; }
  /// What nobody may find after the run.
  Secrets& secrets() { return secrets_; }
  std::int64_t zero_ns() const { return log_.zero_ns(); }
  /// Work of the card since time zero.
  std::array<models::PhaseUsage, models::Card::kPhases> usage();
  /// Energy by part since time zero, after usage().
  std::vector<std::pair<std::string, double>> parts_uj();

 private:
  /// Whose fingers go into which card before time zero, with the phone of the same name.
  struct Enrolment {
    std::string card;
    std::vector<std::string> fingers;
    int touches, first_impression;
    bool any_order = false;
  };
  void enrolling();
  void pair(const Enrolment& enrolment);
  void prepare(const Enrolment& enrolment);
  void enrolment_touch(const Enrolment& enrolment);
  void take_card(const std::string& name);
  void fill_battery();
  void attach_debugger();
  void stage(Bytes image);
  void fill_flash();
  void on_event(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields);

  const Scenario& scenario_;
  EventLog& log_;
  SeedTree seeds_;
  Faces faces_;
  models::BleAir air_;
  models::Sniffer sniffer_;
  models::Card card_;
  Secrets secrets_;
  models::CentralEndpoint radio_;
  WalletDevice wallet_;
  People people_;
  User user_;
  Director director_;
  struct Pause;
  std::unique_ptr<Pause> pause_;
  bool enrolled_ = false;  // wallet and card have paired before time zero
  std::string enrolment_failure_;  // of the wallet, where the card is not to blame
  Enrolment own_;                       // of the card in the hand at time zero
  std::vector<Enrolment> enrolments_;  // before time zero
  std::map<std::string, models::Card::Contents> drawer_;  // the cards that are not in the hand
  std::string in_hand_ = "own";
  bool guest_ = false;  // the owner has his wallet bring his record to the card in the hand
  bool pairing_over_ = false;
  std::uint32_t touch_asked_ = 1;              // by the card: number of the touch of this pairing
  std::map<std::string, int> touches_given_;  // by finger, in this pairing
  sc_core::sc_event touch_wanted_, pairing_ended_, enrolment_ended_;
  std::array<models::PhaseUsage, models::Card::kPhases> usage_at_zero_{};
};

}  // namespace touchstone::sim
