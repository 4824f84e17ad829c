#include "sim/person.h"

#include "sim/input_files.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

std::string picture_path(const FingerSpec& spec, int impression) {
  std::string path = spec.image;
  const std::string mark = "{impression}";
  if (const std::size_t at = path.find(mark); at != std::string::npos) path.replace(at, mark.size(), std::to_string(impression));
  return path;
}

}  // namespace

People::People(sc_core::sc_module_name name, const Scenario& scenario, const SeedTree& seeds, models::FingerprintSensor& sensor)
    : sc_module(name), scenario_(scenario), seeds_(seeds), sensor_(sensor) {
  SC_HAS_PROCESS(People);
  SC_THREAD(run);
}

void People::prepare(const Contact& contact, const std::string& place) {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  if (spec.generated) {
    if (!generated_.contains(contact.finger))  // the finger is the same in every run; its impressions follow from the seed
      generated_.emplace(contact.finger, fingers::Finger::make(SeedTree(0).child("finger").child(*spec.generated)));
    return;
  }
  const std::string path = picture_path(spec, contact.impression);
  if (pictures_.contains(path)) return;
  GreyImage picture;
  const ImageError error = read_png(InputFiles::instance().at(path), picture);
  if (!error.message.empty()) throw InputError(place, error.message);
  pictures_.emplace(path, std::move(picture));
}

models::FingerContact People::make(const Contact& contact) {
  const FingerSpec& spec = scenario_.fingers.at(contact.finger);
  const SeedTree seed = seeds_.child(contact.finger).child(static_cast<std::uint64_t>(contact.impression));
  models::FingerContact out;
  out.name = contact.finger;
  out.noise = scenario_.card.sensor_noise;
  out.rotation_deg = contact.rotation_deg;
  if (spec.generated) {
    out.image = fingers::impression(generated_.at(contact.finger), fingers::Conditions::draw(seed, spec.spread_percent / 100.0),
                                    scenario_.card.sensor_width_px, scenario_.card.sensor_height_px);
    return out;
  }
  out.image = pictures_.at(picture_path(spec, contact.impression));
  // A picture is one placement; further ones come from where and how it is laid down, anew at every contact.
  Random random = seeds_.child(contact.finger).child("placement").child(contacts_).stream("jitter");
  out.dx_px = static_cast<double>(spec.jitter_px) * random.uniform(-1, 1);
  out.dy_px = static_cast<double>(spec.jitter_px) * random.uniform(-1, 1);
  out.rotation_deg += static_cast<double>(spec.jitter_degrees) * random.uniform(-1, 1);
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
