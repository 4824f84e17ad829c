// People: they own fingers and lay them on the sensor. Generated fingers and their touches are functions of their numbers
// (prints::Conditions::of_touch), whatever the scenario's seed: they are those of `touchstone finger make --seed 0 --first N`.
#pragma once

#include <systemc.h>

#include <deque>
#include <map>
#include <string>

#include "base/seed.h"
#include "prints/impression.h"
#include "sensor/fingerprint_sensor.h"
#include "sim/scenario.h"

namespace touchstone::sim {

class People : public sc_core::sc_module {
 public:
  /// Reads or generates every finger that is used; throws InputError for an unusable picture.
  People(sc_core::sc_module_name name, const Scenario& scenario, const SeedTree& seeds, models::FingerprintSensor& sensor);

  /// Lays the finger down now, or as soon as the finger before is lifted, and lifts it after its time.
  void touch(const Contact& contact);
  /// Lifts the finger that lies there, before its time.
  void lift() { lifted_.notify(sc_core::SC_ZERO_TIME); }
  /// Throws InputError unless this impression can be had: called for every contact before the run.
  void prepare(const Contact& contact, const std::string& place);
  /// The same for further impressions of a finger, as many as its pictures go on.
  void prepare_more(Contact contact);
  /// Whether that impression was prepared: of a generated finger all are.
  bool has(const Contact& contact) const;

 private:
  void run();
  models::FingerContact make(const Contact& contact);
  const prints::Finger& generated(std::uint64_t number);

  const Scenario& scenario_;
  SeedTree seeds_;
  models::FingerprintSensor& sensor_;
  std::map<std::uint64_t, prints::Finger> generated_;  // by number
  std::map<std::string, GreyImage> pictures_;  // by path
  std::deque<Contact> waiting_;
  std::uint64_t contacts_ = 0;
  sc_core::sc_event arrived_, lifted_;
};

}  // namespace touchstone::sim
