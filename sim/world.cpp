#include "sim/world.h"

#include <stdexcept>

#include "bus/time.h"
#include "contract/events.h"
#include "sim/firmware_image.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {

namespace simctl = contract::simctl;

namespace {

models::CardIdentity identity_of(const std::string& word) {
  if (word == "genuine") return models::CardIdentity::kGenuine;
  return word == "unprovisioned" ? models::CardIdentity::kUnprovisioned : models::CardIdentity::kClonedCertificate;
}

/// The sensor in the card of this number: the same in every run.
prints::SensorUnit sensor_unit(const Scenario& s, int number) {
  using prints::SensorKind, prints::SensorUnit;
  const SeedTree part = SeedTree(0).child("sensor").child(static_cast<std::uint64_t>(number));
  SensorUnit unit = s.card.sensor_drawn ? SensorUnit::draw(SensorKind::kCard, part) : SensorUnit::nominal(SensorKind::kCard);
  unit.width_px = s.card.sensor_width_px;
  unit.height_px = s.card.sensor_height_px;
  unit.noise = s.card.sensor_noise.value_or(unit.noise);
  return unit;
}

models::CardConfig card_config(const Scenario& s) {
  models::CardConfig config;
  config.sensor = sensor_unit(s, s.card.number);
  config.clock_error_ppm = s.card.clock_error_ppm;
  config.sleep_clock_error_ppm = s.card.sleep_clock_error_ppm;
  config.number = static_cast<std::uint32_t>(s.card.number);
  config.debug_locked = s.card.debug_port == "locked";
  config.identity = identity_of(s.card.identity);
  return config;
}

models::CardConfig card_config(const Scenario& s, const CardSpec& spec) {
  models::CardConfig config;
  config.sensor = sensor_unit(s, spec.number);
  config.number = static_cast<std::uint32_t>(spec.number);
  config.identity = identity_of(spec.identity);
  return config;
}

models::BleConfig link_config(const Scenario& s) {
  models::BleConfig config;
  config.phy = s.link.phy == "1M" ? models::Phy::k1M : models::Phy::k2M;
  config.payload_bytes = static_cast<std::uint16_t>(s.link.payload_bytes);
  config.interval_us = static_cast<std::uint32_t>(s.link.interval_ns / 1000);
  config.loss_ppm = static_cast<std::uint32_t>(s.link.loss_ppm);
  config.supervision_timeout_ms = static_cast<std::uint32_t>(s.link.supervision_timeout_ns / 1'000'000);
  config.advertising_interval_us = static_cast<std::uint32_t>(s.link.advertising_interval_ns / 1000);
  if (const Status status = models::check(config); !status) throw InputError(s.file, 0, std::string("link: ") + status.error().what);
  return config;
}

/// The card's own firmware under another version, and a bit changed where the scenario says so.
wallet::ByteVector update_image(const Scenario& s, const Action& action) {
  wallet::ByteVector image = action.image_forged ? forged_firmware(action.image_version, s.firmware_file) : card_firmware(action.image_version, s.firmware_file);
  constexpr std::size_t kVersionOffset = 20, kSignatureOffset = 188;  // signed_image/image_header.h
  if (action.image_tamper == "header") image[kVersionOffset] ^= 4;
  if (action.image_tamper == "signature") image[kSignatureOffset] ^= 1;
  if (action.image_tamper == "program") image[image.size() / 2] ^= 1;
  return image;
}

constexpr const char* kParts[] = {"mcu", "sensor", "display", "accelerator", "radio", "flash"};

// People take their time: from the prompt to the touch, and for the touch itself.
constexpr std::int64_t kEnrolmentTouchNs = 900'000'000;
const sc_core::sc_time kEnrolmentPause(400, sc_core::SC_MS);
const sc_core::sc_time kEnrolmentLimit(120, sc_core::SC_SEC), kPaillierEnrolmentLimit(3600, sc_core::SC_SEC);

}  // namespace

/// sc_start() returns when enrolment has ended and when the director has finished.
struct World::Pause : sc_core::sc_module {
  Pause(sc_core::sc_module_name name, const sc_core::sc_event& enrolled, const sc_core::sc_event& finished) : sc_module(name) {
    SC_HAS_PROCESS(Pause);
    SC_METHOD(stop);
    sensitive << enrolled << finished;
    dont_initialize();
  }
  void stop() { sc_core::sc_pause(); }
};

World::~World() = default;

World::World(sc_core::sc_module_name name, const Scenario& scenario, EventLog& log, std::unique_ptr<WalletPort> wallet, Faces faces)
    : sc_module(name),
      scenario_(scenario),
      log_(log),
      seeds_(scenario.seed),
      faces_(std::move(faces)),
      air_(seeds_, log),
      sniffer_(air_),
      card_("card", card_config(scenario), air_, log, seeds_),
      secrets_(scenario, seeds_, faces_),
      radio_("radio", air_, link_config(scenario), seeds_),
      wallet_("wallet", scenario, radio_, log, seeds_, std::move(wallet), faces_),
      people_("people", scenario, seeds_, card_.sensor()),
      user_("user", scenario, people_, card_.display(), log),
      director_("director", scenario, log, [this](const Action& action) { perform(action); }),
      own_{"own", scenario.enrolment.fingers, scenario.enrolment.touches, scenario.enrolment.first_impression, scenario.enrolment.any_order} {
  SC_HAS_PROCESS(World);
  SC_THREAD(enrolling);
  secrets_.watch(card_);
  pause_ = std::make_unique<Pause>("pause", enrolment_ended_, director_.finished());
  air_.set_loss(static_cast<std::uint32_t>(scenario.link.loss_ppm));
  if (const std::string error = card_.program(card_firmware(scenario.card.firmware_version, scenario.firmware_file)); !error.empty()) throw std::runtime_error(error);
  for (const auto& [card, spec] : scenario.cards) {
    card_.provision(card_config(scenario, spec), seeds_);
    drawer_[card] = card_.contents();
    if (!spec.finger.empty()) enrolments_.push_back({card, {spec.finger}, 4, 1});
  }
  if (!scenario.cards.empty()) card_.provision(card_config(scenario), seeds_);
  if (!scenario.enrolment.in_steps) enrolments_.push_back(own_);
  for (const Enrolment& e : enrolments_) prepare(e);
  prepare(own_);
  for (const Step& step : scenario.steps)
    if (step.action.kind == Action::Kind::kTouch) people_.prepare(step.action.contact, step.place);
    else if (step.action.kind == Action::Kind::kUser)
      for (const std::string& finger : step.action.user.fingers) {
        people_.prepare({finger, step.action.user.impression}, step.place);
        people_.prepare_more({finger, step.action.user.impression});
      }
  log.observe([this](std::int64_t t, std::string_view n, const std::vector<EventField>& f) { on_event(t, n, f); });
  // Register accesses stand in leaf functions of the port: x1 holds where they were called from.
  log.set_origin([this]() -> std::optional<EventLog::Origin> {
    const auto pc = card_.cpu().access_pc();
    if (!pc) return std::nullopt;
    return EventLog::Origin{*pc, card_.cpu().iss().reg(1) - 2};
  });
}

void World::on_event(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
  director_.observe(time_ns, name, fields);
  const sc_core::sc_time delay = sc_core::sc_time(static_cast<double>(std::max<std::int64_t>(0, time_ns - models::to_ns(sc_core::sc_time_stamp()))), sc_core::SC_NS);
  if (name == events::DisplayFrame::kName || name == events::PowerOff::kName) user_.notice(delay);
  if (name == events::McuMark::kName) {
    const auto mark = static_cast<std::uint32_t>(std::get<std::int64_t>(fields[0].value));
    const auto kind = static_cast<simctl::Kind>((mark & simctl::kMarkKindMask) >> simctl::kMarkKindShift);
    const std::uint32_t number = (mark & simctl::kMarkNumberMask) >> simctl::kMarkNumberShift;
    if (kind == simctl::Kind::kEnrolTouch) {
      touch_asked_ = number;
      touch_wanted_.notify(delay);
    }
    if (kind == simctl::Kind::kNextFinger) user_.next_finger(number, delay);
  }
  if (pairing_over_) return;
  const auto text = [&](std::size_t field) { return std::string(std::get<std::string_view>(fields[field].value)); };
  if (name == events::WalletProgram::kName && text(0) != "started") enrolment_failure_ = "the wallet's program " + text(0) + ": " + text(1);
  if (name == events::WalletFace::kName && text(1) == "refused") enrolment_failure_ = "the face of '" + text(0) + "' does not open its own record; other pictures may";
  if (name == events::WalletUnattested::kName) enrolment_failure_ = "the wallet refused the card: " + text(0);
  if (!enrolment_failure_.empty() || name == events::WalletPaired::kName || name == events::WalletRefused::kName || name == events::WalletFailed::kName || name == events::McuExit::kName) {
    enrolled_ = name == events::WalletPaired::kName;
    pairing_over_ = true;
    pairing_ended_.notify(delay);
  }
}

void World::enrolling() {
  const sc_core::sc_time pause(1, sc_core::SC_SEC);
  if (!enrolments_.empty()) log_.emit(0, events::ScenarioPhase{"enrolment"});
  wallet_.enrol_face();
  for (const Enrolment& enrolment : enrolments_) {
    take_card(enrolment.card);
    wallet_.take_phone(enrolment.card);
    enrolled_ = pairing_over_ = false;
    card_.power().on(contract::sysctl::Cause::kPowerOn);
    wallet_.start();
    pair(enrolment);
    while (!pairing_over_) {
      wait(touch_wanted_ | pairing_ended_);
      if (!pairing_over_) enrolment_touch(enrolment);
    }
    wait(pause);
    if (!enrolled_) break;
  }
  pairing_over_ = true;
  take_card("own");
  wallet_.take_phone("own");
  if (!enrolments_.empty()) enrolment_ended_.notify();
  for (;;) {
    wait(touch_wanted_);
    enrolment_touch(own_);
  }
}

void World::pair(const Enrolment& enrolment) {
  touches_given_.clear();
  wallet_.pair(enrolment.touches, enrolment.fingers.size(), enrolment.any_order);
}

void World::prepare(const Enrolment& enrolment) {
  for (const std::string& finger : enrolment.fingers)
    for (int i = 0; i < enrolment.touches; ++i) people_.prepare({finger, enrolment.first_impression + i}, scenario_.fingers.at(finger).place);
}

void World::enrolment_touch(const Enrolment& enrolment) {
  wait(kEnrolmentPause);
  if (pairing_over_ && !scenario_.enrolment.in_steps) return;
  if (card_.sensor().touched()) return;
  // The card counts touches through all fingers, and asks once more for one it could not use.
  const std::size_t index = (std::max(touch_asked_, 1U) - 1) / static_cast<std::uint32_t>(enrolment.touches);
  const std::string& finger = enrolment.fingers[std::min(index, enrolment.fingers.size() - 1)];
  int given = touches_given_[finger]++;
  if (!scenario_.fingers.at(finger).generated) given %= enrolment.touches;  // of pictures only those are meant for it
  people_.touch({finger, enrolment.first_impression + given, kEnrolmentTouchNs});
}

void World::take_card(const std::string& name) {
  if (name == in_hand_) return;
  card_.power().cut();
  drawer_[in_hand_] = card_.contents();
  card_.insert(drawer_.at(name));
  in_hand_ = name;
  guest_ = false;
  log_.emit(models::to_ns(sc_core::sc_time_stamp()), events::CardExchanged{name});
}

void World::enrol() {
  if (enrolments_.empty()) return sc_core::sc_start(sc_core::SC_ZERO_TIME);  // every process waits from now on
  sc_core::sc_start(scenario_.wallet.scheme == mpc::Scheme::kLindell17 ? kPaillierEnrolmentLimit : kEnrolmentLimit);
  log_.set_zero(models::to_ns(sc_core::sc_time_stamp()));
  if (!enrolment_failure_.empty()) throw std::runtime_error(scenario_.file + ": enrolment: " + enrolment_failure_);
  if (!enrolled_ && static_cast<contract::simctl::Phase>(card_.phase()) == contract::simctl::Phase::kBoot)
    throw std::runtime_error(scenario_.file + ": the boot ROM started no firmware: its image is damaged, too old or not the vendor's (touchstone image check FILE)");
  if (!enrolled_)
    throw std::runtime_error(scenario_.fingers.at(scenario_.enrolment.fingers.front()).place + ": the card did not accept '" + scenario_.enrolment.fingers.front() + "' for enrolment" +
                             (wallet_.last_refusal().empty() ? "" : ": " + wallet_.last_refusal()));
  usage_at_zero_ = card_.usage();
  card_.energy().start_over(sc_core::sc_time_stamp());
}

void World::play() {
  log_.emit(log_.zero_ns(), events::ScenarioPhase{"scenario"});
  director_.start();
  fill_battery();
  if (scenario_.enrolment.in_steps) {
    card_.power().on(contract::sysctl::Cause::kPowerOn);
    wallet_.start();
  }
  sc_core::sc_start();
}

void World::play_by_hand() { log_.emit(log_.zero_ns(), events::ScenarioPhase{"play"}); }

void World::perform(const Action& action) {
  using Kind = Action::Kind;
  switch (action.kind) {
    case Kind::kSign: return wallet_.sign();
    case Kind::kWalletGuest: guest_ = in_hand_ != "own"; return wallet_.guest();
    case Kind::kWalletUpdate: return wallet_.update(update_image(scenario_, action));
    case Kind::kWalletKill: return wallet_.kill();
    case Kind::kWalletRestart: return wallet_.start();
    case Kind::kNewPhone: return wallet_.take_new_phone(action.face);
    case Kind::kPair: guest_ = false; return pair(own_);
    case Kind::kRepeat: return wallet_.repeat();
    case Kind::kUser: return user_.attend(action.user, guest_);
    case Kind::kTakeCard:
      take_card(action.card);
      fill_battery();
      return card_.power().on(contract::sysctl::Cause::kPowerOn);
    case Kind::kTouch: return people_.touch(action.contact);
    case Kind::kRadioCut: return air_.cut();
    case Kind::kRadioRestore: return air_.restore();
    case Kind::kPowerCut: return card_.power().cut();
    case Kind::kPowerRestore: fill_battery(); return card_.power().on(contract::sysctl::Cause::kBrownOut);
    case Kind::kSensorClean: return card_.sensor().set_condition(models::kCleanTouch);
    case Kind::kSensorDirty: return card_.sensor().set_condition(models::kDirtyGlass);
    case Kind::kSensorWet: return card_.sensor().set_condition(models::kWetFinger);
    case Kind::kSensorCold: return card_.sensor().set_condition(models::kColdFinger);
    case Kind::kSensorDead: return card_.sensor().die();
    case Kind::kDisplayDead: card_.board().set_display_present(false); return card_.display().set_blank(true);
    case Kind::kDisplayBlank: return card_.display().set_blank(true);
    case Kind::kDisplayRestore: card_.board().set_display_present(true); return card_.display().set_blank(false);
    case Kind::kFlashStage: return stage(update_image(scenario_, action));
    case Kind::kFlashFull: return fill_flash();
    case Kind::kDebugAttach: return attach_debugger();
    case Kind::kStagingWorn: return card_.nvm().wear_out(contract::kFlashUpdateOffset, contract::kFlashUpdateSizeBytes);
    case Kind::kFlashWorn: return card_.nvm().wear_out(contract::kFlashRecordOffset, contract::kFlashRecordSizeBytes);
  }
}

void World::attach_debugger() {
  ByteArray<4> word{};
  static_cast<void>(card_.debug_read(contract::kRamBase, word));  // what comes of it is an event of the card
}

void World::stage(Bytes image) {
  const auto slot = card_.flash().bytes().subspan(contract::kFlashUpdateOffset, contract::kFlashUpdateSizeBytes);
  std::fill(slot.begin(), slot.end(), std::uint8_t{0xFF});
  std::copy(image.begin(), image.end(), slot.begin());
  card_.flash().changed(contract::kFlashUpdateOffset, contract::kFlashUpdateSizeBytes);
}

void World::fill_flash() {
  using contract::kFlashRecordOffset, contract::kFlashRecordSizeBytes, contract::kFlashUpdateOffset, contract::kFlashUpdateSizeBytes;
  for (const auto& [offset, size] : {std::pair{kFlashRecordOffset, kFlashRecordSizeBytes}, {kFlashUpdateOffset, kFlashUpdateSizeBytes}}) {
    const auto pages = card_.flash().bytes().subspan(offset, size);
    std::fill(pages.begin(), pages.end(), std::uint8_t{0});
    card_.flash().changed(offset, size);
  }
}

void World::fill_battery() {
  if (scenario_.card.battery_nj) card_.battery().fill(static_cast<double>(*scenario_.card.battery_nj) / 1000);
}

std::array<models::PhaseUsage, models::Card::kPhases> World::usage() {
  auto now = card_.usage();
  for (std::size_t i = 0; i < now.size(); ++i) {
    now[i].time_ns -= usage_at_zero_[i].time_ns;
    now[i].instructions -= usage_at_zero_[i].instructions;
    now[i].accelerator_cycles -= usage_at_zero_[i].accelerator_cycles;
  }
  return now;
}

std::vector<std::pair<std::string, double>> World::parts_uj() {
  std::vector<std::pair<std::string, double>> out;
  for (const char* part : kParts) out.emplace_back(part, card_.energy().part_uj(part));
  return out;
}

}  // namespace touchstone::sim
