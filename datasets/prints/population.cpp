#include "prints/population.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/check.h"
#include "crypto/sha256.h"
#include "prints/sensor.h"

namespace touchstone::prints {
namespace {

using Json = nlohmann::json;

constexpr char kText[] =
#include "population_text.inc"
    ;

// Takes fields out of an object one by one and keeps the first complaint.
class Fields {
 public:
  Fields(const Json& object, std::string path, std::string& message) : path_(std::move(path)), message_(message) {
    if (object.is_object()) {
      rest_ = object;
    } else {
      complain(path_ + " is not an object");
    }
  }

  Json take(const char* name) {
    const auto it = rest_.find(name);
    if (it == rest_.end()) {
      complain(path_ + name + " is missing");
      return nullptr;
    }
    Json value = *it;
    rest_.erase(it);
    return value;
  }
  void number(const char* name, double& out, double least, double most) {
    const Json value = take(name);
    if (value.is_null()) return;
    if (!value.is_number() || value.get<double>() < least || value.get<double>() > most) {
      return complain(path_ + name + " is not a number in its range");
    }
    out = value.get<double>();
  }
  // [mean, deviation, least, most], all within the given bounds.
  void spread(const char* name, Spread& out, double least, double most) {
    const Json value = take(name);
    if (value.is_null()) return;
    bool good = value.is_array() && value.size() == 4;
    for (const Json& entry : value) good = good && entry.is_number();
    if (good) out = {value[0].get<double>(), value[1].get<double>(), value[2].get<double>(), value[3].get<double>()};
    good = good && out.deviation >= 0 && out.least <= out.mean && out.mean <= out.most && out.least >= least && out.most <= most;
    if (!good) complain(path_ + name + " is not [mean, deviation, least, most] in its range");
  }
  Fields object(const char* name) { return Fields(take(name), path_ + name + ".", message_); }
  void end() {
    if (!rest_.empty()) complain(path_ + rest_.begin().key() + " is unknown");
  }
  void complain(const std::string& text) {
    if (message_.empty()) message_ = text;
  }

 private:
  Json rest_ = Json::object();
  std::string path_;
  std::string& message_;
};

void read(Fields fields, FingerSpread& out) {
  Fields classes = fields.object("classes");
  classes.number("arch", out.classes.arch, 0, 1);
  classes.number("tented_arch", out.classes.tented_arch, 0, 1);
  classes.number("left_loop", out.classes.left_loop, 0, 1);
  classes.number("right_loop", out.classes.right_loop, 0, 1);
  classes.number("whorl", out.classes.whorl, 0, 1);
  classes.end();
  const ClassShares& c = out.classes;
  const double sum = c.arch + c.tented_arch + c.left_loop + c.right_loop + c.whorl;
  if (sum < 0.999999 || sum > 1.000001) fields.complain("finger.classes do not add up to 1");
  fields.spread("period_px", out.period_px, 6.5, 12.5);
  fields.number("period_wander", out.period_wander, 0, 0.5);
  fields.number("period_away", out.period_away, 0, 0.5);
  fields.spread("core_x_px", out.core_x_px, -100, 100);
  fields.spread("core_y_px", out.core_y_px, -150, 150);
  fields.spread("loop_delta_x_px", out.loop_delta_x_px, 10, 250);
  fields.spread("loop_delta_y_px", out.loop_delta_y_px, 20, 350);
  fields.spread("whorl_gap_px", out.whorl_gap_px, 4, 200);
  fields.spread("whorl_shift_px", out.whorl_shift_px, -100, 100);
  fields.spread("whorl_delta_x_px", out.whorl_delta_x_px, 10, 250);
  fields.spread("whorl_delta_y_px", out.whorl_delta_y_px, 10, 350);
  fields.spread("tilt", out.tilt, -1, 1);
  fields.spread("round", out.round, 0, 2);
  fields.spread("narrowing", out.narrowing, 0, 1);
  fields.spread("bend", out.bend, 0, 1);
  fields.spread("harmonics", out.harmonics, 0, 0.5);
  fields.spread("half_width_px", out.half_width_px, 40, 250);
  fields.spread("half_height_px", out.half_height_px, 40, 320);
  fields.spread("spots", out.spots, 0.01, 100);
  fields.spread("creases", out.creases, 0, 50);
  fields.spread("pores", out.pores, 0, 1);
  fields.spread("moisture", out.moisture, -1, 1);
  fields.spread("roughness", out.roughness, 0, 1);
  fields.end();
}

void read(Fields fields, TouchSpread& out) {
  fields.number("share", out.share, 0, 1);
  fields.number("width_px", out.width_px, 64, 1024);
  fields.number("height_px", out.height_px, 64, 1024);
  fields.spread("dpi", out.dpi, 300, 1000);
  fields.spread("dx_px", out.dx_px, -300, 300);
  fields.spread("dy_px", out.dy_px, -300, 300);
  fields.number("habit_px", out.habit_px, 0, 100);
  fields.number("habit_deg", out.habit_deg, 0, 45);
  fields.number("session_px", out.session_px, 0, 100);
  fields.number("session_deg", out.session_deg, 0, 45);
  fields.number("session_moisture", out.session_moisture, 0, 1);
  fields.number("session_pressure", out.session_pressure, 0, 1);
  fields.spread("turn_deg", out.turn_deg, -90, 90);
  fields.number("turned_share", out.turned_share, 0, 1);
  fields.spread("turned_deg", out.turned_deg, -90, 90);
  fields.number("moved_share", out.moved_share, 0, 1);
  fields.spread("moved_px", out.moved_px, -300, 300);
  fields.spread("roll_x_px", out.roll_x_px, -200, 200);
  fields.spread("roll_y_px", out.roll_y_px, -200, 200);
  fields.spread("push_px", out.push_px, 0, 60);
  fields.spread("twist_deg", out.twist_deg, -30, 30);
  fields.spread("sway_px", out.sway_px, 0, 30);
  fields.spread("stretch", out.stretch, 0, 0.3);
  fields.spread("pressure", out.pressure, 0, 1);
  fields.spread("tilt", out.tilt, 0, 2);
  fields.spread("moisture", out.moisture, -1, 1);
  fields.spread("contact", out.contact, 0.2, 2);
  fields.spread("slimness", out.slimness, 0.2, 2);
  fields.number("partial_share", out.partial_share, 0, 1);
  fields.spread("partial", out.partial, 0, 0.8);
  fields.spread("patches", out.patches, 0, 2);
  fields.spread("grain", out.grain, 0, 2);
  fields.spread("softness", out.softness, 0.05, 2);
  fields.spread("scratches", out.scratches, 0, 50);
  fields.spread("latent", out.latent, 0, 1);
  fields.spread("smear", out.smear, 0, 3);
  fields.spread("ridge_grey", out.ridge_grey, 0, 255);
  fields.spread("valley_grey", out.valley_grey, 0, 255);
  fields.spread("ground_grey", out.ground_grey, 0, 255);
  fields.spread("gain", out.gain, 0.1, 4);
  fields.spread("offset", out.offset, -128, 128);
  fields.spread("noise", out.noise, 0, 64);
  fields.spread("fixed_pattern", out.fixed_pattern, 0, 64);
  fields.spread("stripes", out.stripes, 0, 64);
  fields.spread("residue", out.residue, 0, 1);
  fields.end();
}

}  // namespace

double Spread::draw(Random& random) const { return std::clamp(mean + deviation * random.normal(), least, most); }

const TouchSpread& Population::touch(SensorKind kind) const {
  switch (kind) {
    case SensorKind::kOptical: return optical;
    case SensorKind::kPress: return press;
    case SensorKind::kCapacitive: return capacitive;
    case SensorKind::kSweep: return sweep;
    case SensorKind::kCard: break;
  }
  return card;
}

Result<Population> Population::parse(std::string_view untrusted_text, std::string& message) {
  message.clear();
  std::vector<std::set<std::string>> names;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key && !names.back().insert(value.get<std::string>()).second && message.empty()) {
      message = value.get<std::string>() + " stands twice";
    }
    return true;
  };
  const Json json = Json::parse(untrusted_text, watch, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (json.is_discarded()) {
    message = "not JSON";
    return Error{ErrorCode::kBadFormat, "population: not JSON"};
  }
  Population out;
  Fields fields(json, "", message);
  read(fields.object("finger"), out.finger);
  read(fields.object("optical"), out.optical);
  read(fields.object("press"), out.press);
  read(fields.object("capacitive"), out.capacitive);
  read(fields.object("sweep"), out.sweep);
  read(fields.object("card"), out.card);
  fields.end();
  const double shares = out.optical.share + out.press.share + out.capacitive.share + out.sweep.share;
  if (shares < 0.999999 || shares > 1.000001) fields.complain("the shares of the four full-size sensors do not add up to 1");
  if (!message.empty()) return Error{ErrorCode::kBadFormat, "population: a field is wrong"};
  return out;
}

std::string_view population_text() { return kText; }

const Population& population() {
  static const Population frozen = [] {
    std::string message;
    Result<Population> parsed = Population::parse(population_text(), message);
    TS_CHECK(parsed.ok(), "population.jsonc is not valid");
    return *parsed;
  }();
  return frozen;
}

const std::string& population_hash() {
  static const std::string digits = [] {
    const std::string_view text = population_text();
    std::string out;
    for (const std::uint8_t byte : crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  }();
  return digits;
}

}  // namespace touchstone::prints
