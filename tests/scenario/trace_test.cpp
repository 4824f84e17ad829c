// trace.json of whole runs against the rules of the Trace Event Format, and against the event log it tells of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path run(const std::string& scenario, const std::string& name, const std::string& arguments = {}) {
  const fs::path out = fresh_folder(name);
  const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone run " + TS_SCENARIOS + "/" + scenario + ".yaml --out " + out.string() + " " + arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  return out;
}

std::int64_t nanoseconds(const json& microseconds) { return std::llround(microseconds.get<double>() * 1000); }

struct Slice {
  std::string name;
  std::int64_t begin_ns, end_ns;
  json arguments;
};
using Tracks = std::map<std::string, std::vector<Slice>>;  // "process/thread"

/// Checks every rule of the format that we rely on, and gives the slices by track.
Tracks check(const json& trace) {
  Tracks tracks;
  std::map<int, std::string> processes;
  std::map<std::pair<int, int>, std::string> threads;
  for (const json& e : trace.at("traceEvents")) {
    if (e.at("ph") != "M") continue;
    if (e.at("name") == "process_name") processes[e.at("pid")] = e.at("args").at("name");
    if (e.at("name") == "thread_name") threads[{e.at("pid"), e.at("tid")}] = e.at("args").at("name");
  }
  double last_us = 0;
  std::map<std::pair<int, int>, std::vector<std::int64_t>> open;  // ends of the slices around, by track
  std::int64_t end_of_firmware = 0;
  for (const json& e : trace.at("traceEvents")) {
    const std::string phase = e.at("ph");
    if (phase == "M") continue;
    EXPECT_THAT(phase, testing::AnyOf("X", "i", "C")) << e;
    const double ts = e.at("ts").get<double>();
    EXPECT_GE(ts, last_us) << "not in the order of time: " << e;
    last_us = ts;
    const std::pair<int, int> place{e.at("pid"), e.at("tid")};
    EXPECT_TRUE(processes.contains(place.first) && threads.contains(place)) << "unnamed track: " << e;
    EXPECT_FALSE(e.at("name").get<std::string>().empty()) << e;
    if (phase == "i") {
      EXPECT_EQ(e.at("s"), "t") << e;
    }
    if (phase == "C") {
      EXPECT_EQ(e.at("args").size(), 1u) << e;
      EXPECT_GE(e.at("args").begin()->get<double>(), 0.0) << e;
    }
    if (phase != "X") continue;
    EXPECT_GE(e.at("dur").get<double>(), 0.0) << "a slice that was not closed: " << e;
    const std::int64_t begin = nanoseconds(e.at("ts")), end = begin + nanoseconds(e.at("dur"));
    auto& stack = open[place];
    while (!stack.empty() && stack.back() <= begin) stack.pop_back();
    if (!stack.empty()) {
      EXPECT_LE(end, stack.back()) << "overlaps the slice before: " << e;
    }
    stack.push_back(end);
    const std::string track = processes[place.first] + "/" + threads[place];
    tracks[track].push_back({e.at("name"), begin, end, e.value("args", json::object())});
    if (track == "card/firmware") end_of_firmware = end;
  }
  EXPECT_GT(end_of_firmware, 0);
  return tracks;
}

std::vector<json> events(const fs::path& folder) {
  std::vector<json> out;
  std::ifstream in(folder / "events.jsonl");
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

std::size_t count(const std::vector<json>& events, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const json& e) { return e["event"] == name; }));
}

TEST(Trace, OfTheDemoTellsWhatTheEventLogTells) {
  const fs::path folder = run("normal/touch_to_signature", "trace-demo");
  const json trace = read_json(folder / "trace.json");
  ASSERT_FALSE(trace.is_discarded());
  const Tracks tracks = check(trace);
  const std::vector<json> log = events(folder);

  // Operations of the accelerator, as long as their cycles at 64 MHz.
  const auto& operations = tracks.at("card/accelerator");
  EXPECT_EQ(operations.size(), count(log, "accelerator.done"));
  for (const Slice& op : operations)
    EXPECT_NEAR(static_cast<double>(op.end_ns - op.begin_ns), op.arguments.at("cycles").get<double>() * 15.625, 1.0) << op.name;
  EXPECT_EQ(tracks.at("card/display").size(), count(log, "display.frame"));
  EXPECT_EQ(tracks.at("user/finger").size(), count(log, "sensor.finger_down"));
  EXPECT_EQ(tracks.at("wallet/session").size(), count(log, "wallet.request_sent"));
  EXPECT_EQ(tracks.at("card/power").size(), count(log, "power.on"));
  EXPECT_EQ(tracks.at("radio/link").size(), count(log, "ble.connected"));

  // The phases of the results are those of the firmware's track since time zero.
  const json results = read_json(folder / "results.json");
  const auto& phases = tracks.at("scenario/phase");
  ASSERT_EQ(phases.back().name, "scenario");
  std::map<std::string, std::int64_t> by_phase;
  for (const Slice& s : tracks.at("card/firmware")) by_phase[s.name] += std::max<std::int64_t>(0, s.end_ns - std::max(s.begin_ns, phases.back().begin_ns));
  for (const json& usage : results.at("usage"))
    EXPECT_NEAR(static_cast<double>(by_phase[usage.at("phase")]), usage.at("time_ns").get<double>(), 1000.0) << usage;

  // Interrupt lines are slices while they are high.
  std::size_t rises = 0, slices = 0;
  for (const json& e : log) rises += e["event"] == "mcu.interrupt" && e["level"] == 1 ? 1 : 0;
  for (const auto& [name, list] : tracks) slices += name.starts_with("card: interrupts/") ? list.size() : 0;
  EXPECT_GT(rises, 50u);
  EXPECT_EQ(slices, rises);

  // Packets of both directions, never two of one side at a time (check() has seen to that).
  EXPECT_GT(tracks.at("radio/card to wallet").size(), 100u);
  EXPECT_GT(tracks.at("radio/wallet to card").size(), 100u);

  // The energy counters end at what the results say.
  std::map<std::string, double> energy_uj;
  for (const json& e : trace["traceEvents"])
    if (e["ph"] == "C" && e["name"].get<std::string>().ends_with(" energy [uJ]")) energy_uj[e["name"]] = e["args"]["uJ"];
  for (const auto& [part, uj] : results.at("parts_uj").items()) EXPECT_NEAR(energy_uj[part + " energy [uJ]"], uj.get<double>(), 0.001) << part;
}

TEST(EnergyCsv, HoldsEveryPhaseAndPart) {
  const fs::path folder = run("normal/touch_to_signature", "energy");
  const json results = read_json(folder / "results.json");
  std::map<std::string, double> sum_uj;
  std::map<std::string, std::set<std::string>> parts_of;
  std::map<std::string, std::int64_t> time_ns;
  std::ifstream in(folder / "energy.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream row(line);
    std::string phase, part, uj, ns;
    std::getline(std::getline(std::getline(std::getline(row, phase, ','), part, ','), uj, ','), ns, ',');
    sum_uj[part] += std::stod(uj);
    parts_of[phase].insert(part);
    time_ns[phase] = std::stoll(ns);
  }
  for (const auto& [part, uj] : results.at("parts_uj").items()) EXPECT_NEAR(sum_uj[part], uj.get<double>(), 0.001) << part;
  EXPECT_EQ(sum_uj.size(), results.at("parts_uj").size());
  for (const auto& [phase, parts] : parts_of) EXPECT_EQ(parts.size(), sum_uj.size()) << phase;
  for (const json& usage : results.at("usage")) EXPECT_NEAR(static_cast<double>(time_ns[usage.at("phase")]), usage.at("time_ns").get<double>(), 100.0) << usage;  // roundings of the visits
}

TEST(Trace, IsTheSameForTheSameSeedAtEveryQuantum) {
  const std::string a = read_text(run("normal/touch_to_signature", "trace-a", "--seed 5") / "trace.json");
  EXPECT_GT(a.size(), 10'000u);
  EXPECT_TRUE(a == read_text(run("normal/touch_to_signature", "trace-b", "--seed 5 --quantum-us 1000") / "trace.json"));
}

TEST(Trace, OfACutRunHasEverySliceClosed) {
  for (const char* scenario : {"failures/power_cut_accelerator", "failures/radio_cut"}) {
    const fs::path folder = run(scenario, "trace-cut");
    const Tracks tracks = check(read_json(folder / "trace.json"));
    EXPECT_EQ(tracks.at("card/power").size(), count(events(folder), "power.on")) << scenario;
  }
}

}  // namespace
}  // namespace touchstone::test
