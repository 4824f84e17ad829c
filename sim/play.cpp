#include "sim/play.h"

#include <systemc.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "bus/time.h"
#include "contract/events.h"
#include "mcu/cpu.h"
#include "sim/play_screen.h"
#include "sim/terminal.h"
#include "sim/world.h"
#include "sim/verb_options.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kTouchNs = 180'000'000, kLongestHoldNs = 20'000'000'000, kStepNs = 20'000'000;
constexpr double kTiltDegrees = 25;
constexpr std::size_t kNews = 200;
// Generated fingers nobody of the shipped scenarios has.
constexpr std::uint64_t kStranger = 900'001, kOther = 900'002;

/// The enrolled fingers first, then the scenario's others; a stranger and another finger of the owner are always there.
std::vector<std::string> fingers_of(Scenario& s) {
  const std::string owner = s.enrolment.fingers.front().substr(0, s.enrolment.fingers.front().find('.'));
  for (const auto& [name, number] : {std::pair{std::string("stranger.thumb"), kStranger}, {owner + ".another_finger", kOther}}) {
    FingerSpec spec;
    spec.generated = number;
    s.fingers.emplace(name, spec);
  }
  std::vector<std::string> out = s.enrolment.fingers;
  for (const auto& [name, spec] : s.fingers)
    if (std::find(s.enrolment.fingers.begin(), s.enrolment.fingers.end(), name) == s.enrolment.fingers.end()) out.push_back(name);
  return out;
}

class Play {
 public:
  Play(Scenario& scenario, double speed) : scenario_(scenario), fingers_(fingers_of(scenario)), world_("world", scenario, log_, linked_in_wallet(), Faces(scenario, {wallet::default_bio_program()})) {
    state_.speed = speed;
    state_.radio = "off";
    state_.wallet = "ready";
    log_.observe([this](std::int64_t t, std::string_view n, const std::vector<EventField>& f) { observe(t, n, f); });
    for (const std::string& finger : fingers_) world_.people().prepare({finger, scenario.enrolment.first_impression, 0}, scenario.fingers.at(finger).place);
    choose(0);
  }

  void enrol() {
    world_.enrol();
    world_.play_by_hand();
    tell("enrolled " + scenario_.enrolment.fingers.front() + "; press p for a payment");
  }

  /// False: the user wants to end.
  bool key(int c) {
    using Kind = Action::Kind;
    switch (c) {
      case 'q': return false;
      case 'p': act(Kind::kSign, "the wallet sends a payment to the card"); break;
      case 't': case ' ': touch(kTouchNs); break;
      case 'h': touch(kLongestHoldNs); break;
      case 'l': world_.people().lift(); break;
      case 'f': choose((chosen_ + 1) % fingers_.size()); break;
      case 'k': state_.tilted = !state_.tilted; break;
      case 'c': act(state_.powered ? Kind::kPowerCut : Kind::kPowerRestore, state_.powered ? "tampering: the supply is cut" : "the supply is back"); break;
      case 'r':
        state_.radio_cut = !state_.radio_cut;
        act(state_.radio_cut ? Kind::kRadioCut : Kind::kRadioRestore, state_.radio_cut ? "the radio is cut" : "the radio is back");
        break;
      case 0x100 + 'A': state_.scroll_rows = std::max(0, state_.scroll_rows - 2); break;
      case 0x100 + 'B': state_.scroll_rows = std::min(16, state_.scroll_rows + 2); break;
      default: break;
    }
    return true;
  }

  void pass(std::int64_t ns) { models::advance(sc_core::sc_time(static_cast<double>(ns), sc_core::SC_NS)); }
  std::int64_t now_ns() const { return models::to_ns(sc_core::sc_time_stamp()) - log_.zero_ns(); }

  std::string screen(int columns, int rows, bool colour) {
    state_.picture = world_.card().display().picture();
    state_.powered = world_.card().power().is_on();
    state_.time_ns = now_ns();
    world_.card().energy().finish(sc_core::sc_time_stamp());
    state_.energy_uj = world_.card().energy().total_uj();
    return draw(state_, columns, rows, colour);
  }
  const PlayState& state() const { return state_; }

 private:
  void act(Action::Kind kind, const std::string& what) {
    tell(what);
    Action action;
    action.kind = kind;
    world_.perform(action);
    state_.powered = world_.card().power().is_on();
  }

  void touch(std::int64_t duration_ns) {
    if (!state_.on_sensor.empty()) return;
    Action action;
    action.kind = Action::Kind::kTouch;
    // Every contact is another impression; a picture of a finger is laid down anew instead.
    const bool generated = scenario_.fingers.at(fingers_[chosen_]).generated.has_value();
    action.contact = {fingers_[chosen_], generated ? impression_++ : scenario_.enrolment.first_impression, duration_ns, state_.tilted ? kTiltDegrees : 0};
    world_.perform(action);
  }

  void choose(std::size_t finger) {
    chosen_ = finger;
    state_.finger = fingers_[finger];
  }

  void tell(const std::string& text) {
    char head[24];
    std::snprintf(head, sizeof head, "%8.3f ", static_cast<double>(std::max<std::int64_t>(0, now_ns())) / 1e9);
    state_.news.push_back(head + text);
    if (state_.news.size() > kNews) state_.news.pop_front();
  }

  void observe(std::int64_t, std::string_view name, const std::vector<EventField>& fields) {
    const auto text = [&](std::size_t i) { return std::string(std::get<std::string_view>(fields[i].value)); };
    if (name == events::McuPhase::kName) state_.phase = text(0);
    else if (name == events::SensorFingerDown::kName) tell((state_.on_sensor = text(0)) + " touches");
    else if (name == events::SensorFingerUp::kName) state_.on_sensor.clear();
    else if (name == events::BleAdvertising::kName) state_.radio = std::get<std::int64_t>(fields[0].value) != 0 ? "advertising" : "quiet";
    else if (name == events::BleConnected::kName) state_.radio = "connected";
    else if (name == events::BleDisconnected::kName) state_.radio = "disconnected";
    else if (name.starts_with("wallet.")) {
      state_.wallet = std::string(name.substr(7));
      std::replace(state_.wallet.begin(), state_.wallet.end(), '_', ' ');
      if (name == events::WalletSignatureVerified::kName) {
        ++state_.payments_signed;
        state_.wallet = "verified";
        tell("signature verified by the wallet: " + text(1).substr(0, 16) + "..., txid " + text(2).substr(0, 16) + "...");
      } else if (name == events::WalletRefused::kName) tell("the card refused: " + text(1));
      else tell("wallet: " + state_.wallet);
    } else if (name == events::PowerOff::kName) state_.phase.clear();
  }

  Scenario& scenario_;
  std::vector<std::string> fingers_;
  EventLog log_;
  PlayState state_;
  World world_;
  std::size_t chosen_ = 0;
  int impression_ = 11;
};

/// Keys and waiting times in virtual milliseconds, e.g. "p w1200 t w1000 h w1500 l w1000 q".
void play_script(Play& play, const std::string& script) {
  std::istringstream in(script);
  for (std::string word; in >> word;) {
    if (word[0] == 'w' && word.size() > 1) {
      const long ms = std::strtol(word.c_str() + 1, nullptr, 10);
      if (ms <= 0 || ms > 600'000) throw po::error("--scripted: '" + word + "' must wait 1 to 600000 ms");
      for (std::int64_t left = ms * 1'000'000; left > 0; left -= kStepNs) play.pass(std::min(left, kStepNs));
    } else if (word.size() != 1) throw po::error("--scripted: '" + word + "' is neither a key nor w<milliseconds>");
    else if (!play.key(word[0])) break;
  }
}

void play_live(Play& play, Terminal& terminal, double speed) {
  const bool colour = std::getenv("NO_COLOR") == nullptr;
  auto wall = Clock::now();
  std::int64_t virtual_ns = play.now_ns();
  std::string shown;
  while (Terminal::asked_to_end() == 0) {
    const auto size = terminal.size();
    if (std::string screen = play.screen(size.columns, size.rows, colour); screen != shown) terminal.show(shown = std::move(screen));
    if (const auto key = terminal.key(static_cast<int>(kStepNs / 1'000'000)); key && !play.key(*key)) return;
    const double passed_ns = std::chrono::duration<double, std::nano>(Clock::now() - wall).count() * speed;
    std::int64_t behind_ns = virtual_ns + static_cast<std::int64_t>(passed_ns) - play.now_ns();
    for (const auto until = Clock::now() + std::chrono::milliseconds(100); behind_ns > 0 && Clock::now() < until; behind_ns -= kStepNs) play.pass(std::min(behind_ns, kStepNs));
    if (behind_ns > 0) {  // slower than asked for: time goes on from here
      wall = Clock::now();
      virtual_ns = play.now_ns();
    }
  }
}

std::string default_scenario() {
  const std::string name = "scenarios/normal/touch_to_signature.yaml";
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path beside = self.parent_path() / "../../.." / name;  // build/<preset>/bin
  return fs::exists(name) || !fs::exists(beside) ? name : beside.lexically_normal().string();
}

}  // namespace

int play_main(const std::vector<std::string>& arguments) {
  std::string file, script;
  std::uint64_t seed = 0;
  double speed = 1;
  po::options_description visible("usage: touchstone play [FILE] [options]\nThe scenario FILE gives card, people and payment; its steps are yours. Keys stand on the screen.");
  visible.add_options()("seed", po::value(&seed), "replaces the scenario's seed")("speed", po::value(&speed), "virtual seconds a second, 0.05 to 20; default 1")(
      "scripted", po::value(&script), "keys and waits instead of a terminal, e.g. \"p w1200 t w1000 h w2000 q\"; prints the last screen")("help", "this text");
  po::variables_map vm;
  for (const std::string& a : arguments)
    if (a.starts_with("--seed=-")) throw po::error("'" + a + "': the seed is not negative");
  if (!parse_verb(arguments, visible, {{"file", &file}}, vm)) return 0;
  if (!(speed >= 0.05 && speed <= 20)) throw po::error("--speed must be in 0.05..20");
  const bool scripted = vm.count("scripted") != 0;
  if (!scripted && !Terminal::available()) throw po::error("play needs a terminal (stdin and stdout); without one: --scripted KEYS");
  Scenario scenario = load_scenario(file.empty() ? default_scenario() : file);
  if (vm.count("seed")) scenario.seed = seed;
  scenario.steps.clear();
  Play play(scenario, speed);
  if (scripted) {
    play.enrol();
    play_script(play, script);
    std::fputs(play.screen(80, 36, false).c_str(), stdout);
    for (const std::string& line : play.state().news) std::printf("%s\n", line.c_str());
    return 0;
  }
  Terminal terminal;
  terminal.show(" the card is made and the finger enrolled ...\n");
  play.enrol();
  play_live(play, terminal, speed);
  return 0;
}

}  // namespace touchstone::sim
