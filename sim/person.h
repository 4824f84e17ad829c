// People: they own fingers and lay them on the sensor. Every contact is a function of the scenario and the seed.
#pragma once

#include <systemc.h>

#include <deque>
#include <map>
#include <string>

#include "base/seed.h"
#include "fingers/finger.h"
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

 private:
  void run();
  models::FingerContact make(const Contact& contact);

  const Scenario& scenario_;
  SeedTree seeds_;
  models::FingerprintSensor& sensor_;
  std::map<std::string, fingers::Finger> generated_;
  std::map<std::string, GreyImage> pictures_;  // by path
  std::deque<Contact> waiting_;
  std::uint64_t contacts_ = 0;
  sc_core::sc_event arrived_, lifted_;
};

}  // namespace touchstone::sim
