#include "sim/run.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "bus/time.h"
#include "contract/events.h"
#include "contract/registers.h"
#include "display/memory_lcd.h"
#include "rtl/secp_model.h"
#include "rtl/secp_waves.h"
#include "sim/core_tools.h"
#include "sim/firmware_image.h"
#include "sim/run_place.h"
#include "sim/trace.h"
#include "sim/world.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error(path.string() + ": cannot be written (disk full?)");
}

/// Remembers which frames people looked at: those that stood on the glass when the card waited for the user. And who touched, and whose face a
/// phone saw.
class Onlooker {
 public:
  void observe(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
    if (name == events::ScenarioPhase::kName && std::get<std::string_view>(fields[0].value) == "scenario") zero_ns_ = time_ns;
    if (name == events::DisplayFrame::kName) frame_ = std::get<std::int64_t>(fields[0].value);
    if (name == events::WalletFace::kName) see_face(time_ns, std::string(std::get<std::string_view>(fields[0].value)), std::get<std::string_view>(fields[1].value));
    if (!zero_ns_) return;
    if (name == events::BleConnectionEvent::kName) {
      to_card_bytes += std::get<std::int64_t>(fields[1].value);
      to_wallet_bytes += std::get<std::int64_t>(fields[2].value);
      lost_packets += std::get<std::int64_t>(fields[3].value);
    }
    if (name == events::McuPhase::kName && std::get<std::string_view>(fields[0].value) == "user" && (pages.empty() || pages.back() != frame_)) pages.push_back(frame_);
    if (name == events::SensorFingerDown::kName) {
      down_ns_ = time_ns;
      finger_ = std::get<std::string_view>(fields[0].value);
    }
    if (name == events::SensorFingerUp::kName && !finger_.empty()) {
      touches += (touches.empty() ? "" : ", ") + finger_ + " at " + show_time(down_ns_ - *zero_ns_) + " for " + std::to_string((time_ns - down_ns_) / 1'000'000) + " ms";
      finger_.clear();
    }
  }

  std::vector<std::int64_t> pages;
  std::string touches;
  std::vector<std::string> faces;
  std::int64_t to_card_bytes = 0, to_wallet_bytes = 0, lost_packets = 0;

 private:
  void see_face(std::int64_t time_ns, const std::string& person, std::string_view state) {
    const std::string phone = zero_ns_ ? "the new phone" : "the phone", face = person + "'s face", when = zero_ns_ ? " at " + show_time(time_ns - *zero_ns_) : "";
    if (state == "enrolled") faces.push_back(phone + " locks Secret A under " + face);
    else faces.push_back(phone + (state == "opened" ? " opens Secret A with " : " gets no Secret A from ") + face + when);
  }

  std::optional<std::int64_t> zero_ns_;
  std::int64_t frame_ = 0, down_ns_ = 0;
  std::string finger_;
};

/// The phases of the table, in the order of a payment.
constexpr contract::simctl::Phase kOrder[] = {
    contract::simctl::Phase::kDisplay, contract::simctl::Phase::kUser,        contract::simctl::Phase::kCapture, contract::simctl::Phase::kFeatures,
    contract::simctl::Phase::kSecret,  contract::simctl::Phase::kProtocol,    contract::simctl::Phase::kAccelerator, contract::simctl::Phase::kRadio,
    contract::simctl::Phase::kIdle,    contract::simctl::Phase::kBoot,        contract::simctl::Phase::kEnrol};

}  // namespace

RunResult run_scenario(const RunOptions& options) {
  const auto wall_start = std::chrono::steady_clock::now();
  Scenario scenario = load_scenario(options.scenario_file);
  if (options.seed) scenario.seed = *options.seed;
  scenario.firmware_file = options.firmware_file;
  if (!options.finger_png.empty()) {
    FingerSpec& finger = scenario.fingers.at(scenario.enrolment.fingers.front());
    finger = FingerSpec{.image = options.finger_png, .jitter_px = 5, .jitter_degrees = 3, .place = "--finger"};
  }
  std::unique_ptr<rtl::SecpPort> core = open_accelerator(options.accelerator);

  RunResult r;
  r.scenario = scenario.name;
  r.title = scenario.title;
  r.seed = scenario.seed;
  r.scenario_file = options.scenario_file;
  r.finger_png = options.finger_png;
  r.firmware_file = options.firmware_file;
  r.folder = options.out_dir.empty() ? "runs/" + scenario.name + "-" + std::to_string(scenario.seed) : options.out_dir;

  EventLog log;
  Onlooker onlooker;
  log.observe([&](std::int64_t t, std::string_view n, const std::vector<EventField>& f) { onlooker.observe(t, n, f); });
  Trace trace;
  log.observe([&](std::int64_t t, std::string_view n, const std::vector<EventField>& f) { trace.observe(t, n, f); });
  Faces faces(scenario, {options.bio_program.empty() ? wallet::default_bio_program() : options.bio_program});
  World world("world", scenario, log, options.wallet_program ? wallet_process(*options.wallet_program) : linked_in_wallet(), std::move(faces));
  RunPlace place(r.folder);  // the input is good: now the output
  const fs::path& draft = place.draft();
  world.card().energy().observe_power([&](std::string_view part, sc_core::sc_time at, double power_uw) { trace.power(part, models::to_ns(at), power_uw); });
  if (options.fst) core = rtl::make_model_with_waves((draft / "accelerator.fst").string());
  models::Accelerator& accelerator = world.card().accelerator();
  if (core) accelerator.set_core(std::move(core));
  r.accelerator = options.accelerator.text;
  r.accelerator_core = accelerator.core_name();
  world.card().cpu().set_quantum(sc_core::sc_time(static_cast<double>(options.quantum_ns), sc_core::SC_NS));
  CoreTools tools(world.card(), options.gdb_port, options.profile_file);
  try {
    world.enrol();
    tools.at_time_zero();
    if (!tools.killed()) world.play();
    r.verdict = world.verdict();
    r.expectations = world.outcomes();
    if (log.overflowed()) r.verdict = {false, scenario.file + ": the run makes too many events; the end of events.jsonl shows the loop"};
  } catch (const InputError&) {
    throw;
  } catch (const std::runtime_error& error) {
    r.verdict = {false, error.what()};
  }
  if (tools.killed()) throw Killed();
  tools.finish();

  r.forensics = search(world, log);
  if (const std::string fault = accelerator.fault(); !fault.empty()) r.verdict = {false, fault};
  if (const std::string leak = leak_of(r.forensics); r.verdict.pass && !leak.empty()) r.verdict = {false, scenario.file + ": " + leak};

  r.inputs = InputFiles::instance().copy_to(draft, {{options.scenario_file, "scenario.yaml"}, {scenario.base_file, "base.yaml"}});
  if (const char* data = std::getenv("TOUCHSTONE_DATA")) r.data_root = data;
  r.firmware_sha256 = card_firmware_sha256();
  for (const InputFiles::Copied& input : r.inputs)
    if (input.path == options.firmware_file) r.firmware_sha256 = input.sha256;
  r.events_sha256 = log.write((draft / "events.jsonl").string());
  write_file(draft / "source_lines.csv", card_source_lines_csv(log.addresses(), options.firmware_file));
  if (options.fst) accelerator.set_core(std::make_unique<rtl::SecpModel>());  // closes the file
  if (!world.sniffer().write_pcap(draft / "air.pcap")) throw std::runtime_error((draft / "air.pcap").string() + ": cannot be written");
  const auto& frames = world.card().display().frames();
  r.frames = frames.size();
  if (const ImageError error = models::write_pngs(frames, draft / "display"); !error.message.empty()) throw std::runtime_error(error.message);
  for (std::int64_t page : onlooker.pages) {
    if (page < 0 || static_cast<std::size_t>(page) >= frames.size()) continue;  // a guest may wait before it has shown anything
    char name[40];
    std::snprintf(name, sizeof name, "display/frame-%03lld.png", static_cast<long long>(page));
    r.pages_png.emplace_back(name);
    r.pages_text.push_back(models::to_text(frames.at(static_cast<std::size_t>(page)).picture));
  }
  r.touches = onlooker.touches;
  r.faces = onlooker.faces;
  r.radio_to_card_bytes = onlooker.to_card_bytes;
  r.radio_to_wallet_bytes = onlooker.to_wallet_bytes;
  r.radio_lost_packets = onlooker.lost_packets;
  const auto usage = world.usage();
  r.parts_uj = world.parts_uj();
  trace.packets(world.sniffer());
  trace.energy(world.card().energy());
  trace.write((draft / "trace.json").string(), models::to_ns(sc_core::sc_time_stamp()));
  if (!world.card().energy().write_csv(draft / "energy.csv")) throw std::runtime_error((draft / "energy.csv").string() + ": cannot be written");
  for (const contract::simctl::Phase phase : kOrder) {
    const models::PhaseUsage& u = usage[static_cast<std::size_t>(phase)];
    if (u.time_ns == 0 && u.instructions == 0) continue;
    r.usage.push_back({std::string(models::phase_name(static_cast<std::uint32_t>(phase))), u.time_ns, u.instructions, u.accelerator_cycles, u.energy_uj});
    r.simulated_time_ns += u.time_ns;
    r.instructions += u.instructions;
    r.accelerator_cycles += u.accelerator_cycles;
    r.energy_uj += u.energy_uj;
  }
  r.enrolment_time_ns = world.zero_ns();
  if (const auto& s = world.wallet().signature()) {
    r.signature_hex = s->signature_hex;
    r.public_key_hex = s->public_key_hex;
    r.message_hash_hex = s->message_hash_hex;
    r.txid_hex = s->txid_hex;
    r.transaction_hex = s->transaction_hex;
  }
  r.last_refusal = world.wallet().last_refusal();
  r.wall_time_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start).count();
  write_file(draft / "results.json", results_json(r));
  place.commit();
  return r;
}

}  // namespace touchstone::sim
