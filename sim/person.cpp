#include "sim/person.h"

#include <filesystem>

#include "sim/input_files.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

constexpr std::uint64_t kSeed = 0;     // of all generated people; no training or evaluation draws from it
constexpr double kPictureDpi = 500;

std::string picture_path(const FingerSpec& spec, int impression) { return with_impression(spec.image, impression); }

}  // namespace

People::People(sc_core::sc_module_name name, const Scenario& scenario, const SeedTree& seeds, models::FingerprintSensor& sensor)
    : sc_module(name), scenario_(scenario), seeds_(seeds), sensor_(sensor) {
  SC_HAS_PROCESS(People);
  SC_THREAD(run);
}

const prints::Finger& People::generated(std::uint64_t number) {
  const auto found = generated_.find(number);
  return found != generated_.end() ? found->second : generated_.emplace(number, prints::Finger::make(SeedTree(kSeed).child(number))).first->second;
}

void People::prepare(const Contact& contact, const std::string& place) {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  if (spec.generated) {
    if (contact.impression < 1) throw InputError(place, "impressions of a generated finger are numbered from 1");
    generated(*spec.generated);
    return;
  }
  const std::string path = picture_path(spec, contact.impression);
  if (pictures_.contains(path)) return;
  GreyImage picture;
  const ImageError error = read_png(InputFiles::instance().at(path), picture);
  if (!error.message.empty()) throw InputError(place, error.message);
  pictures_.emplace(path, std::move(picture));
}

void People::prepare_more(Contact contact) {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  constexpr int kMost = 16;  // touches of one payment
  for (int i = 0; i < kMost && !spec.generated; ++i) {
    ++contact.impression;
    if (!std::filesystem::is_regular_file(InputFiles::instance().at(picture_path(spec, contact.impression)))) return;
    prepare(contact, spec.place);
  }
}

bool People::has(const Contact& contact) const {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  return spec.generated || pictures_.contains(picture_path(spec, contact.impression));
}

models::FingerContact People::make(const Contact& contact) {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  models::FingerContact out;
  out.name = contact.finger;
  if (spec.generated) {
    const prints::Finger& finger = generated(*spec.generated);
    const prints::SensorUnit& unit = sensor_.unit();
    prints::Conditions c = prints::Conditions::of_touch(finger, unit.kind, static_cast<std::uint64_t>(contact.impression - 1));
    c = c.nearer(prints::Conditions::usual(finger, unit.kind), spec.spread);
    c.moisture = spec.moisture.value_or(c.moisture);
    c.pressure = spec.pressure.value_or(c.pressure);
    c.turn_deg += contact.rotation_deg;
    out.image = prints::lay(finger, c, unit);
    out.dpi = unit.dpi;
    out.residue = c.residue;
    return out;
  }
  out.image = pictures_.at(picture_path(spec, contact.impression));
  out.dpi = kPictureDpi;
  // A picture is one placement; further ones come from where and how it is laid down, anew at every contact.
  Random random = seeds_.child(contact.finger).child("placement").child(contacts_).stream("jitter");
  out.dx_px = static_cast<double>(spec.jitter_px) * random.uniform(-1, 1);
  out.dy_px = static_cast<double>(spec.jitter_px) * random.uniform(-1, 1);
  out.rotation_deg = contact.rotation_deg + static_cast<double>(spec.jitter_degrees) * random.uniform(-1, 1);
  return out;
}

void People::touch(const Contact& contact) {
  waiting_.push_back(contact);
  arrived_.notify(sc_core::SC_ZERO_TIME);
}

void People::run() {
  for (;;) {
    while (waiting_.empty()) wait(arrived_);
    const Contact contact = waiting_.front();
    waiting_.pop_front();
    sensor_.place(make(contact));
    ++contacts_;
    wait(sc_core::sc_time(static_cast<double>(contact.duration_ns), sc_core::SC_NS), lifted_);
    sensor_.lift();
  }
}

}  // namespace touchstone::sim
