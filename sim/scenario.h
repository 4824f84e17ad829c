// A scenario: the world, what people do in it, and what is expected. Read strictly from YAML (fields: scenario_fields.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/event.h"
#include "mpc_session/roots.h"

namespace touchstone::sim {

/// One finger of one person: a generated master or pictures.
struct FingerSpec {
  std::optional<std::uint64_t> generated = {};  ///< number of the generated finger: prints::Finger, with its impressions
  std::string image = {};                  ///< else a PNG path; "{impression}" is replaced by the impression's number
  double spread = 1;                       ///< of a generated finger: share of what differs between its touches
  std::optional<double> moisture = {}, pressure = {};  ///< of a generated finger: prints::Conditions, in every touch
  int jitter_px = 0;                       ///< of a picture: each contact is shifted by up to this much, from the seed
  int jitter_degrees = 0;                  ///< and turned by up to this much
  std::string place = {};                  ///< "file:line"
};

/// An event by name and by the values of some of its fields (as text).
struct EventPattern {
  std::string event;
  std::vector<std::pair<std::string, std::string>> where;
  std::string place;  ///< "file:line" it was written at
  bool matches(std::string_view name, const std::vector<EventField>& fields) const;
  std::string to_string() const;
};

struct Contact {
  std::string finger;  ///< "person.finger"
  int impression = 0;
  std::int64_t duration_ns = 0;
  double rotation_deg = 0;  ///< laid down turned, clockwise
};

/// Pictures of one face, taken together.
struct FaceLook {
  std::string person;
  std::string picture;  ///< as touchstone-bio takes it; with_impression() gives each
  int first_impression = 1, pictures = 0;
  std::string place;  ///< "file:line"
};

/// How the modelled user confirms one payment.
struct UserSpec {
  std::vector<std::string> fingers;  ///< "person.finger", in the order in which they confirm
  int impression = 0;                ///< of the first touch
  bool reads = true;
  std::int64_t reading_ns = 0, tap_ns = 0, hold_ns = 0, patience_ns = 0;
};

struct Action {
  enum class Kind {
    kSign, kPair, kRepeat, kWalletKill, kWalletRestart, kWalletGuest, kWalletUpdate, kUser, kTouch, kRadioCut, kRadioRestore, kPowerCut, kPowerRestore,
    kTakeCard, kSensorClean, kSensorDirty, kSensorWet, kSensorCold, kSensorDead, kDisplayDead, kDisplayBlank, kDisplayRestore, kFlashWorn,
    kStagingWorn, kFlashStage, kFlashFull, kDebugAttach, kNewPhone,
  } kind{};
  Contact contact;          ///< kTouch
  UserSpec user;            ///< kUser
  std::uint32_t image_version = 0;  ///< kWalletUpdate, kFlashStage
  std::string image_tamper;         ///< of the same: none, header, program or signature
  bool image_forged = false;        ///< of the same: signed with another key than the vendor's
  std::string card;         ///< kTakeCard: own, or a name of Scenario::cards
  FaceLook face;            ///< kNewPhone
  std::string description;  ///< as written, for the log
};

struct Step {
  std::optional<EventPattern> on;         ///< wait for this event after the step before was carried out
  std::optional<std::int64_t> at_ns;      ///< or for this time since time zero
  std::int64_t after_ns = 0;              ///< then wait this long
  Action action;
  std::string place;                      ///< "file:line"
};

struct Expectation {
  EventPattern pattern;
  bool never = false;
  std::int64_t count = 1;                  ///< at least so often
  std::optional<std::int64_t> within_ns;   ///< not later than this after time zero
};

struct Output {
  std::string address;
  std::int64_t amount_sat = 0;
  std::string place;  ///< "file:line"
};

/// What malware in the phone makes of a payment or an update; what is empty stays as it was meant.
struct Malware {
  std::optional<std::string> address;
  std::optional<std::int64_t> amount_sat, fee_sat;
  std::optional<Output> adds;
  std::optional<std::uint32_t> announces;  ///< version
  std::string place;
};

/// The face that Secret A lies under.
struct OwnersFace {
  FaceLook enrolled;  ///< before time zero
  FaceLook used;      ///< what the phone of time zero sees
};

/// A further card, besides the one in the hand at time zero.
struct CardSpec {
  int number = 0;
  std::string identity = "genuine";
  std::string finger;  ///< "person.finger", enrolled by that person; empty: a new card
};

struct Scenario {
  std::string file, base_file, name, title;  ///< base_file: empty without a base
  std::uint64_t seed = 1;
  std::string firmware_file;    ///< an ELF file or a signed image in the place of the built-in firmware; not from the scenario
  std::int64_t timeout_ns = 0;  ///< the run ends here at the latest, since time zero
  std::int64_t settle_ns = 0;   ///< the run goes on so long after the last step and the last expectation

  struct {
    int sensor_width_px = 192, sensor_height_px = 192;
    bool sensor_drawn = true;         ///< with the tolerances of the card's number; else nominal
    std::optional<int> sensor_noise;  ///< instead of the part's
    std::optional<std::int64_t> battery_nj;
    int clock_error_ppm = 0, sleep_clock_error_ppm = 0;
    int number = 1;
    std::uint32_t firmware_version = 1;
    std::string identity = "genuine", debug_port = "locked";
  } card;
  struct {
    std::string phy = "2M";
    int payload_bytes = 251;
    std::int64_t interval_ns = 0, supervision_timeout_ns = 0, advertising_interval_ns = 0, loss_ppm = 0;
  } link;
  std::map<std::string, CardSpec> cards;
  std::map<std::string, FingerSpec> fingers;  ///< key "person.finger"
  std::map<std::string, FaceLook> faces;      ///< by person; at no picture yet
  struct {
    std::vector<std::string> fingers;  ///< under one lock, in this order
    bool any_order = false;            ///< they may come in any order to sign
    int touches = 0, first_impression = 0;  ///< of each finger
    bool in_steps = false;                  ///< else before time zero
  } enrolment;
  struct {
    std::string network;
    int account = 0;
    std::string spends_txid;  ///< as shown: big-endian hex
    int spends_vout = 0;
    std::int64_t spends_amount_sat = 0, fee_sat = 0;
    std::vector<Output> pays;
    std::int64_t compute_ns = 0;  ///< the phone's computing for one input
    bool attestation = false;     ///< a card must prove itself first
    mpc::Scheme scheme = mpc::Scheme::kMusig2;
    std::optional<Malware> malware;
    std::optional<OwnersFace> face;  ///< without one Secret A is there as it is
    std::string place;
  } wallet;
  std::vector<Step> steps;
  std::vector<Expectation> expectations;
};

/// "{impression}" in the name of a picture becomes its number.
std::string with_impression(std::string picture, int impression);

/// Throws InputError with file:line.
Scenario load_scenario(const std::string& file);

/// The scenario fields as a Markdown table (documentation, compared in a test).
std::string scenario_fields_markdown();

}  // namespace touchstone::sim
