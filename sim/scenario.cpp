#include "sim/scenario.h"

#include <algorithm>
#include <filesystem>

#include "contract/events.h"
#include "sim/input_files.h"
#include "sim/scenario_fields.h"
#include "wallet/wallet.h"

namespace touchstone::sim {
namespace {

std::string as_text(const EventField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return std::string(*text);
  return std::to_string(std::get<std::int64_t>(field.value));
}

/// Actions of one word; `touch`, `user` and `card` have fields or values of their own.
struct Word {
  const char* key;
  const char* value;
  Action::Kind kind;
};
using Kind = Action::Kind;
constexpr Word kWords[] = {
    {"wallet", "sign", Kind::kSign},          {"wallet", "pair", Kind::kPair},          {"wallet", "repeat", Kind::kRepeat},
    {"wallet", "guest", Kind::kWalletGuest},  {"wallet", "update", Kind::kWalletUpdate},  {"wallet", "kill", Kind::kWalletKill},    {"wallet", "restart", Kind::kWalletRestart},
    {"radio", "cut", Kind::kRadioCut},        {"radio", "restore", Kind::kRadioRestore},
    {"power", "cut", Kind::kPowerCut},        {"power", "restore", Kind::kPowerRestore},
    {"sensor", "clean", Kind::kSensorClean},  {"sensor", "dirty", Kind::kSensorDirty},  {"sensor", "wet", Kind::kSensorWet},
    {"sensor", "cold", Kind::kSensorCold},    {"sensor", "dead", Kind::kSensorDead},
    {"display", "dead", Kind::kDisplayDead},
    {"display", "blank", Kind::kDisplayBlank}, {"display", "restore", Kind::kDisplayRestore},
    {"flash", "worn", Kind::kFlashWorn},      {"flash", "worn_staging", Kind::kStagingWorn},
    {"flash", "stage", Kind::kFlashStage},    {"flash", "full", Kind::kFlashFull},
    {"debug", "attach", Kind::kDebugAttach},  {"phone", "new", Kind::kNewPhone},
};
constexpr int kPicturesOfAUse = 3;

constexpr std::string_view kImpression = "{impression}";
constexpr const char* kActionKeys[] = {"wallet", "user", "touch", "card", "radio", "power", "sensor", "display", "flash", "debug", "phone"};

class Reader {
 public:
  explicit Reader(const std::string& file) : own_file_(file), file_(file), root_(load_checked(file, kScenarioFields)) {
    if (const YAML::Node base = root_["base"]) {
      base_file_ = (std::filesystem::path(file).parent_path() / base.Scalar()).lexically_normal().string();
      if (!std::filesystem::is_regular_file(InputFiles::instance().at(base_file_))) fail(base, "base: there is no file '" + base_file_ + "'");
      base_ = load_checked(base_file_, kScenarioFields);
      if (base_["base"]) fail(base, "base: '" + base_file_ + "' has a base itself; name that one, or give the sections here");
    }
  }

  Scenario read() {
    Scenario s;
    s.file = own_file_;
    s.base_file = base_file_;
    s.name = root_["name"].Scalar();
    s.title = root_["title"].Scalar();
    if (const YAML::Node seed = section("seed")) s.seed = std::stoull(seed.Scalar());
    s.timeout_ns = 60'000'000'000;
    if (const YAML::Node timeout = section("timeout")) s.timeout_ns = duration_ns(timeout);
    s.settle_ns = 300'000'000;
    if (const YAML::Node settle = section("settle")) s.settle_ns = duration_ns(settle);
    card(section("card"), s);
    link(section("link"), s);
    people(section("people"), s);
    cards(section("cards"), s);
    faces(section("faces"), s);
    enrolment(section("enrolment"), s);
    wallet(section("wallet"), s);
    for (const YAML::Node& node : section("steps")) s.steps.push_back(step(node, s));
    const YAML::Node expect = section("expect");
    for (const YAML::Node& node : expect) s.expectations.push_back(expectation(node));
    if (s.expectations.empty()) fail(expect, "expect must name at least one expectation: a run without one proves nothing");
    return s;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& message) const { throw InputError(file_, line_of(node), message); }
  std::string place(const YAML::Node& node) const { return file_ + ":" + std::to_string(line_of(node)); }

  /// A section of the scenario, or else of its base; errors from now on name the file it stands in.
  YAML::Node section(const char* key) {
    const bool own = root_[key] || !base_[key];
    file_ = own ? own_file_ : base_file_;
    return own ? root_[key] : base_[key];
  }

  static std::uint64_t number(const YAML::Node& map, const char* key, std::uint64_t fallback) {
    return map[key] ? std::stoull(map[key].Scalar()) : fallback;
  }
  static int signed_number(const YAML::Node& map, const char* key) { return map[key] ? std::stoi(map[key].Scalar()) : 0; }
  static std::int64_t duration(const YAML::Node& map, const char* key, std::int64_t fallback_ns) {
    return map[key] ? duration_ns(map[key]) : fallback_ns;
  }

  void card(const YAML::Node& node, Scenario& s) const {
    if (!node) return;
    if (node["battery"]) s.card.battery_nj = energy_nj(node["battery"]);
    s.card.clock_error_ppm = signed_number(node, "clock_error_ppm");
    s.card.sleep_clock_error_ppm = signed_number(node, "sleep_clock_error_ppm");
    s.card.number = static_cast<int>(number(node, "number", 1));
    s.card.firmware_version = static_cast<std::uint32_t>(number(node, "firmware_version", 1));
    if (node["identity"]) s.card.identity = node["identity"].Scalar();
    if (node["debug_port"]) s.card.debug_port = node["debug_port"].Scalar();
    if (!node["sensor"]) return;
    const YAML::Node sensor = node["sensor"];
    s.card.sensor_width_px = static_cast<int>(number(sensor, "width_px", 192));
    s.card.sensor_height_px = static_cast<int>(number(sensor, "height_px", 192));
    s.card.sensor_drawn = !sensor["part"] || sensor["part"].Scalar() == "drawn";
    if (sensor["noise_levels"]) s.card.sensor_noise = static_cast<int>(number(sensor, "noise_levels", 0));
  }

  void link(const YAML::Node& node, Scenario& s) const {
    const YAML::Node map = node ? node : YAML::Node(YAML::NodeType::Map);
    if (map["phy"]) s.link.phy = map["phy"].Scalar();
    s.link.payload_bytes = static_cast<int>(number(map, "payload_bytes", 251));
    s.link.interval_ns = duration(map, "interval", 15'000'000);
    s.link.supervision_timeout_ns = duration(map, "supervision_timeout", 2'000'000'000);
    s.link.advertising_interval_ns = duration(map, "advertising_interval", 30'000'000);
    s.link.loss_ppm = map["loss"] ? parts_per_million(map["loss"]) : 0;
    if (s.link.interval_ns % 1'250'000 != 0) fail(map["interval"], "link.interval must be a multiple of 1.25 ms");
    if (s.link.supervision_timeout_ns <= 2 * s.link.interval_ns)
      fail(map["supervision_timeout"] ? map["supervision_timeout"] : map["interval"], "link.supervision_timeout must be more than two intervals");
  }

  void cards(const YAML::Node& node, Scenario& s) const {
    if (!node) return;
    for (const auto& card : node) {
      if (card.first.Scalar() == "own") fail(card.first, "'own' is the card in the hand at time zero");
      CardSpec spec;
      spec.number = static_cast<int>(number(card.second, "number", s.cards.size() + 2));
      if (card.second["identity"]) spec.identity = card.second["identity"].Scalar();
      if (card.second["finger"]) spec.finger = finger(card.second["finger"], s);
      s.cards[card.first.Scalar()] = spec;
    }
  }

  void enrolment(const YAML::Node& node, Scenario& s) const {
    s.enrolment.fingers = fingers(node, s);
    s.enrolment.any_order = node["any_order"] && node["any_order"].Scalar() == "yes";
    s.enrolment.touches = static_cast<int>(number(node, "touches", 4));
    s.enrolment.first_impression = static_cast<int>(number(node, "first_impression", 1));
    s.enrolment.in_steps = node["when"] && node["when"].Scalar() == "steps";
  }

  void people(const YAML::Node& node, Scenario& s) const {
    for (const auto& person : node)
      for (const auto& f : person.second) {
        FingerSpec spec;
        spec.place = place(f.first);
        const YAML::Node generated = f.second["generated"], image = f.second["image"];
        if (static_cast<bool>(generated) == static_cast<bool>(image)) fail(f.second, "a finger needs either 'generated' or 'image'");
        if (generated) spec.generated = std::stoull(generated.Scalar());
        else spec.image = resolve_data_path(file_, image);
        if (generated && (f.second["jitter_px"] || f.second["jitter_degrees"])) fail(f.second, "a generated finger takes 'spread', not jitter");
        for (const char* key : {"spread", "moisture_percent", "pressure_percent"})
          if (image && f.second[key]) fail(f.second[key], std::string("a picture takes 'jitter_px' and 'jitter_degrees', not '") + key + "'");
        if (f.second["spread"]) spec.spread = static_cast<double>(parts_per_million(f.second["spread"])) / 1e6;
        if (f.second["moisture_percent"]) spec.moisture = signed_number(f.second, "moisture_percent") / 100.0;
        if (f.second["pressure_percent"]) spec.pressure = signed_number(f.second, "pressure_percent") / 100.0;
        spec.jitter_px = static_cast<int>(number(f.second, "jitter_px", 0));
        spec.jitter_degrees = static_cast<int>(number(f.second, "jitter_degrees", 0));
        s.fingers[person.first.Scalar() + "." + f.first.Scalar()] = spec;
      }
  }

  void faces(const YAML::Node& node, Scenario& s) const {
    if (!node) return;
    for (const auto& person : node) {
      const YAML::Node picture = person.second["picture"];
      if (picture.Scalar().find(kImpression) == std::string::npos) fail(picture, "a face needs a picture with {impression}: a phone never sees the picture that was enrolled");
      const std::string& name = person.first.Scalar();
      s.faces[name] = {name, picture.Scalar().starts_with("shipped:") ? picture.Scalar() : resolve_data_path(file_, picture), 1, 0, place(picture)};
    }
  }

  FaceLook look(const YAML::Node& person, int first_impression, int pictures, const Scenario& s) const {
    const auto face = s.faces.find(person.Scalar());
    if (face == s.faces.end()) fail(person, "'" + person.Scalar() + "' is none of 'faces'");
    FaceLook out = face->second;
    out.first_impression = first_impression;
    out.pictures = pictures;
    return out;
  }

  OwnersFace owners_face(const YAML::Node& node, const Scenario& s) const {
    const int first = static_cast<int>(number(node, "first_impression", 1)), pictures = static_cast<int>(number(node, "pictures", 5));
    return {look(node["person"], first, pictures, s), look(node["person"], first + pictures, kPicturesOfAUse, s)};
  }

  FaceLook new_phone(const YAML::Node& step, const Scenario& s) const {
    if (!s.wallet.face) fail(step["phone"], "'phone: new' needs 'wallet.face': nothing else brings Secret A to another phone");
    if (!step["face"]) fail(step, "'phone: new' needs 'face': whose it sees");
    const FaceLook out = look(step["face"], static_cast<int>(number(step, "impression", 11)), static_cast<int>(number(step, "pictures", kPicturesOfAUse)), s);
    const FaceLook& enrolled = s.wallet.face->enrolled;
    const bool apart = out.first_impression >= enrolled.first_impression + enrolled.pictures || out.first_impression + out.pictures <= enrolled.first_impression;
    if (out.person == enrolled.person && !apart) fail(step["face"], "a phone never sees the pictures that were enrolled: choose another 'impression'");
    return out;
  }

  std::string finger(const YAML::Node& node, const Scenario& s) const {
    if (!s.fingers.contains(node.Scalar())) fail(node, "'" + node.Scalar() + "' is no person.finger of 'people'");
    return node.Scalar();
  }

  /// Of a map with either 'finger' or 'fingers'.
  std::vector<std::string> fingers(const YAML::Node& map, const Scenario& s) const {
    if (map["finger"] && map["fingers"]) fail(map, "either 'finger' or 'fingers'");
    if (!map["finger"] && !map["fingers"]) fail(map, "'finger' is missing, or 'fingers'");
    if (map["finger"]) return {finger(map["finger"], s)};
    std::vector<std::string> out;
    for (const YAML::Node& item : map["fingers"]) out.push_back(finger(item, s));
    return out;
  }

  void wallet(const YAML::Node& node, Scenario& s) const {
    s.wallet.place = place(node);
    s.wallet.network = node["network"] ? node["network"].Scalar() : "regtest";
    s.wallet.account = static_cast<int>(number(node, "account", 0));
    s.wallet.spends_txid = node["spends"]["txid"].Scalar();
    s.wallet.spends_vout = static_cast<int>(number(node["spends"], "vout", 0));
    s.wallet.spends_amount_sat = amount_sat(node["spends"]["amount"]);
    s.wallet.fee_sat = amount_sat(node["fee"]);
    s.wallet.compute_ns = duration(node, "compute", 5'000'000);
    if (node["signing"]) s.wallet.scheme = wallet::account_scheme_from_string(node["signing"].Scalar()).value();  // a kChoice
    s.wallet.attestation = !node["attestation"] || node["attestation"].Scalar() == "required";
    std::int64_t sum = s.wallet.fee_sat;
    for (const YAML::Node& o : node["pays"]) {
      s.wallet.pays.push_back({o["address"].Scalar(), amount_sat(o["amount"]), place(o)});
      sum += s.wallet.pays.back().amount_sat;
    }
    if (s.wallet.pays.empty()) fail(node["pays"], "wallet.pays must name at least one output");
    if (sum > s.wallet.spends_amount_sat) fail(node["pays"], "outputs and fee are larger than the spent amount");
    if (node["malware"]) s.wallet.malware = malware(node["malware"]);
    if (node["face"]) s.wallet.face = owners_face(node["face"], s);
  }

  Malware malware(const YAML::Node& node) const {
    Malware out;
    out.place = place(node);
    if (node.size() == 0) fail(node, "wallet.malware must change something");
    if (node["address"]) out.address = node["address"].Scalar();
    if (node["amount"]) out.amount_sat = amount_sat(node["amount"]);
    if (node["fee"]) out.fee_sat = amount_sat(node["fee"]);
    if (const YAML::Node adds = node["adds"]) out.adds = Output{adds["address"].Scalar(), amount_sat(adds["amount"]), place(adds)};
    if (node["announces"]) out.announces = static_cast<std::uint32_t>(number(node, "announces", 0));
    return out;
  }

  EventPattern pattern(const YAML::Node& name, const YAML::Node& where) const {
    EventPattern p;
    p.event = name.Scalar();
    p.place = place(name);
    const bool known = std::any_of(std::begin(events::kFields), std::end(events::kFields), [&](const auto& f) { return f.event == p.event; });
    if (!known) fail(name, "there is no event '" + p.event + "' (core/contract/events.jsonc)");
    if (where)
      for (const auto& entry : where) {
        const std::string field = entry.first.Scalar();
        const bool has = std::any_of(std::begin(events::kFields), std::end(events::kFields), [&](const auto& f) { return f.event == p.event && f.field == field; });
        if (!has) fail(entry.first, "event '" + p.event + "' has no field '" + field + "'");
        p.where.emplace_back(field, entry.second.Scalar());
      }
    return p;
  }

  Step step(const YAML::Node& node, const Scenario& s) const {
    Step out;
    out.place = place(node);
    if (node["on"] && node["at"]) fail(node, "a step waits either 'on' an event or until a time 'at'");
    if (node["on"]) out.on = pattern(node["on"], node["where"]);
    else if (node["where"]) fail(node["where"], "'where' needs 'on'");
    if (node["at"]) out.at_ns = duration_ns(node["at"]);
    out.after_ns = duration(node, "after", 0);
    out.action = action(node, s);
    return out;
  }

  Action action(const YAML::Node& node, const Scenario& s) const {
    std::vector<const char*> given;
    std::string known;
    for (const char* key : kActionKeys) {
      if (node[key]) given.push_back(key);
      known += (known.empty() ? "" : ", ") + std::string(key);
    }
    if (given.size() != 1) fail(node, "a step needs exactly one of " + known);
    Action out;
    const std::string key = given.front();
    const YAML::Node value = node[key];
    if (key == "touch") {
      out.kind = Action::Kind::kTouch;
      out.contact = {finger(value["finger"], s), static_cast<int>(number(value, "impression", 1)), duration_ns(value["for"])};
      out.description = "touch: " + value["finger"].Scalar() + " for " + value["for"].Scalar();
    } else if (key == "user") {
      out.kind = Action::Kind::kUser;
      out.user = {fingers(value, s), static_cast<int>(number(value, "impression", 1)), !value["reads"] || value["reads"].Scalar() == "yes",
                  duration(value, "reading_time", 900'000'000), duration(value, "tap", 180'000'000), duration(value, "hold", 1'500'000'000),
                  duration(value, "patience", 10'000'000'000)};
      out.description = "user:";
      for (const std::string& finger : out.user.fingers) out.description += " " + finger;
      out.description += (out.user.reads ? "" : ", does not read");
    } else if (key == "card") {
      out.kind = Action::Kind::kTakeCard;
      out.card = value.Scalar();
      if (out.card != "own" && !s.cards.contains(out.card)) fail(value, "card: '" + out.card + "' is neither 'own' nor one of 'cards'");
      out.description = "card: " + out.card;
    } else {
      const auto* word = std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& w) { return key == w.key && value.Scalar() == w.value; });
      if (word == std::end(kWords)) fail(value, key + ": '" + value.Scalar() + "' is not an action");  // a choice without a row above
      out.kind = word->kind;
      out.description = key + ": " + value.Scalar();
    }
    if (out.kind == Kind::kNewPhone) {
      out.face = new_phone(node, s);
      out.description += ", face of " + out.face.person;
    }
    for (const char* of_phone : {"face", "impression", "pictures"})
      if (node[of_phone] && out.kind != Kind::kNewPhone) fail(node[of_phone], std::string("'") + of_phone + "' needs 'phone: new'");
    const YAML::Node image = node["image"];
    const bool takes_image = out.kind == Kind::kWalletUpdate || out.kind == Kind::kFlashStage;
    if (image && !takes_image) fail(image, "'image' needs 'wallet: update' or 'flash: stage'");
    if (takes_image) {
      out.image_version = image ? static_cast<std::uint32_t>(number(image, "version", 2)) : 2;
      out.image_tamper = image && image["tamper"] ? image["tamper"].Scalar() : "none";
      out.image_forged = image && image["signed_by"] && image["signed_by"].Scalar() == "other";
    }
    return out;
  }

  Expectation expectation(const YAML::Node& node) const {
    if (static_cast<bool>(node["event"]) == static_cast<bool>(node["never"])) fail(node, "an expectation needs either 'event' or 'never'");
    Expectation out;
    out.never = static_cast<bool>(node["never"]);
    out.pattern = pattern(out.never ? node["never"] : node["event"], node["where"]);
    out.count = static_cast<std::int64_t>(number(node, "count", 1));
    if (node["within"]) out.within_ns = duration_ns(node["within"]);
    if (out.never && (node["count"] || node["within"])) fail(node, "'never' takes neither 'count' nor 'within'");
    return out;
  }

  std::string own_file_, base_file_;
  std::string file_;  // of the section being read
  YAML::Node root_, base_;
};

}  // namespace

bool EventPattern::matches(std::string_view name, const std::vector<EventField>& fields) const {
  if (name != event) return false;
  return std::all_of(where.begin(), where.end(), [&](const auto& wanted) {
    return std::any_of(fields.begin(), fields.end(), [&](const EventField& f) { return f.name == wanted.first && as_text(f) == wanted.second; });
  });
}

std::string EventPattern::to_string() const {
  std::string out = event;
  for (const auto& [field, value] : where) out += " " + field + "=" + value;
  return out;
}

std::string with_impression(std::string picture, int impression) {
  if (const std::size_t at = picture.find(kImpression); at != std::string::npos) picture.replace(at, kImpression.size(), std::to_string(impression));
  return picture;
}

Scenario load_scenario(const std::string& file) { return Reader(file).read(); }

std::string scenario_fields_markdown() { return fields_markdown(kScenarioFields); }

}  // namespace touchstone::sim
