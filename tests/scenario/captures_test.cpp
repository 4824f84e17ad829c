// The captures opened by the tools they are for: air.pcap by tshark, accelerator.fst by GTKWave's fst2vcd.
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

bool installed(const std::string& program) { return run_program("command -v " + program).exit_code == 0; }

fs::path run(const std::string& file, const std::string& name, const std::string& arguments = {}) {
  const fs::path out = fresh_folder(name);
  const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone run " + file + " --out " + out.string() + " " + arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  return out;
}

std::vector<json> events(const fs::path& folder, const std::string& name) {
  std::vector<json> out;
  std::ifstream in(folder / "events.jsonl");
  for (std::string line; std::getline(in, line);)
    if (json e = json::parse(line); e["event"] == name) out.push_back(std::move(e));
  return out;
}

/// A packet as tshark understands it; empty: the field is not there.
struct Packet {
  std::string access_address, advertising_type, control_opcode, l2cap_channel, sdu_bytes, malformed, severities, crc_incorrect, crc_valid;
};
constexpr const char* kFields[] = {"btle.access_address", "btle.advertising_header.pdu_type", "btle.control_opcode", "btl2cap.cid", "btl2cap.le_sdu_length",
                                   "_ws.malformed", "_ws.expert.severity", "btle.crc.incorrect", "btle_rf.flags.crc_valid"};
constexpr const char* kAdvertising = "0x8e89bed6";

std::vector<Packet> tshark(const fs::path& capture) {
  std::string command = "tshark -r " + capture.string() + " -T fields -E separator=';'";
  for (const char* field : kFields) command += std::string(" -e ") + field;
  std::FILE* pipe = popen((command + " 2>/dev/null").c_str(), "r");
  std::vector<Packet> out;
  char line[1024];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
    std::istringstream text(std::string(line).substr(0, std::string(line).find('\n')) + ";");
    Packet p;
    for (std::string* field : {&p.access_address, &p.advertising_type, &p.control_opcode, &p.l2cap_channel, &p.sdu_bytes, &p.malformed, &p.severities, &p.crc_incorrect, &p.crc_valid})
      std::getline(text, *field, ';');
    out.push_back(p);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

/// What must hold of every capture, and what tshark must have found in it.
void check(const fs::path& folder) {
  const std::vector<Packet> packets = tshark(folder / "air.pcap");
  // The same packets as in the timeline.
  std::size_t heard = 0, corrupted = 0;
  const json trace = read_json(folder / "trace.json");
  for (const json& e : trace["traceEvents"]) {
    if (!e.contains("args") || !e["args"].contains("payload_bytes") || !e["args"].contains("channel")) continue;
    ++heard;
    corrupted += e["name"].get<std::string>().ends_with("corrupted") ? 1 : 0;
  }
  EXPECT_EQ(packets.size(), heard);
  std::size_t bad = 0, advertisements = 0, connects = 0, signalling = 0;
  std::set<std::string> opcodes;
  std::multiset<std::string> sdus;
  for (const Packet& p : packets) {
    EXPECT_EQ(p.malformed, "");
    EXPECT_THAT(p.severities, testing::Not(testing::HasSubstr("8388608"))) << "an error for tshark's expert";
    bad += p.crc_valid == "0" ? 1 : 0;
    EXPECT_EQ(p.crc_valid == "0", p.crc_incorrect == "1");
    advertisements += p.advertising_type == "0x00" ? 1 : 0;
    connects += p.advertising_type == "0x05" && p.crc_valid == "1" ? 1 : 0;
    signalling += p.l2cap_channel == "0x0005" ? 1 : 0;
    if (!p.control_opcode.empty()) opcodes.insert(p.control_opcode);
    if (!p.sdu_bytes.empty()) sdus.insert(p.sdu_bytes);
  }
  EXPECT_EQ(bad, corrupted);
  EXPECT_GE(advertisements, 1u);
  EXPECT_GE(connects, events(folder, "ble.connected").size());
  EXPECT_GE(signalling, 2u);  // the channel's request and its answer
  // LL_LENGTH_REQ and RSP, LL_PHY_REQ, RSP and UPDATE_IND.
  EXPECT_THAT(opcodes, testing::IsSupersetOf({"0x14", "0x15", "0x16", "0x17", "0x18"}));
  constexpr int kTagBytes = 16;  // of the channel
  for (const json& request : events(folder, "wallet.request_sent")) EXPECT_TRUE(sdus.contains(std::to_string(request["bytes"].get<int>() + kTagBytes))) << request;
}

std::string demo() { return std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml"; }

TEST(AirCapture, TsharkUnderstandsEveryPacketOfTheDemo) {
  if (!installed("tshark")) GTEST_SKIP() << "tshark is not installed";
  check(run(demo(), "capture-demo"));
}

TEST(AirCapture, TsharkUnderstandsEveryPacketUnderLoss) {
  if (!installed("tshark")) GTEST_SKIP() << "tshark is not installed";
  const fs::path file = fresh_folder("capture-loss.yaml");
  std::ofstream(file) << "touchstone: 1\nname: capture_loss\ntitle: a fifth of the packets is lost\nbase: " << demo()
                      << "\nlink: { phy: 2M, payload_bytes: 251, interval: 15 ms, loss: 20 % }\n";
  const fs::path folder = run(file.string(), "capture-loss");
  check(folder);
  EXPECT_GT(read_json(folder / "results.json")["radio_lost_packets"].get<int>(), 20);
}

// tshark takes our word for a CRC that a flag calls checked. Without the flag it computes that of advertising packets itself.
TEST(AirCapture, TsharkComputesTheSameCrcOfAdvertisingPackets) {
  if (!installed("tshark")) GTEST_SKIP() << "tshark is not installed";
  const fs::path folder = run(demo(), "capture-crc");
  std::string capture = read_text(folder / "air.pcap");
  const auto u32 = [&](std::size_t at) {
    std::uint32_t v = 0;
    for (std::size_t i = 4; i-- > 0;) v = v << 8 | static_cast<std::uint8_t>(capture[at + i]);
    return v;
  };
  std::size_t connect_payload = 0;
  for (std::size_t at = 24; at < capture.size(); at += 16 + u32(at + 8)) {
    capture[at + 16 + 9] = static_cast<char>(capture[at + 16 + 9] & ~0x0C);  // CRC checked, CRC valid
    if (u32(at + 16 + 10) == 0x8E89BED6 && (capture[at + 16 + 14] & 15) == 5) connect_payload = at + 16 + 16;
  }
  ASSERT_NE(connect_payload, 0u);
  const auto incorrect = [&] {
    std::ofstream(folder / "unchecked.pcap", std::ios::binary) << capture;
    std::size_t advertising = 0, bad = 0;
    for (const Packet& p : tshark(folder / "unchecked.pcap")) {
      if (p.access_address != kAdvertising) continue;
      ++advertising;
      bad += p.crc_incorrect == "1" ? 1 : 0;
    }
    EXPECT_GE(advertising, 2u);
    return bad;
  };
  EXPECT_EQ(incorrect(), 0u);
  capture[connect_payload] ^= 0x10;
  EXPECT_EQ(incorrect(), 1u) << "the check can fail";
}

struct Edge {
  std::int64_t time_ps;
  bool high;
};

/// The edges of some one-bit signals of the top level.
std::map<std::string, std::vector<Edge>> waves(const fs::path& fst, const std::set<std::string>& names) {
  std::map<std::string, std::vector<Edge>> out;
  std::map<std::string, std::string> name_of;  // by identifier
  std::FILE* pipe = popen(("fst2vcd -f " + fst.string()).c_str(), "r");
  std::int64_t now_ps = 0;
  int depth = 0;
  char buffer[2048];
  while (pipe != nullptr && std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
    if (buffer[0] == '#') now_ps = std::atoll(buffer + 1);
    else if ((buffer[0] == '0' || buffer[0] == '1')) {
      std::string id(buffer + 1);
      id.erase(id.find_last_not_of("\r\n") + 1);
      if (const auto it = name_of.find(id); it != name_of.end()) out[it->second].push_back({now_ps, buffer[0] == '1'});
    } else if (buffer[0] == '$') {
      std::istringstream words(buffer);
      std::string word, type, size, id, name;
      words >> word;
      depth += word == "$scope" ? 1 : word == "$upscope" ? -1 : 0;
      if (word != "$var" || depth != 1) continue;
      words >> type >> size >> id >> name;
      if (names.contains(name)) name_of[id] = name;
    }
  }
  EXPECT_EQ(pclose(pipe), 0);
  return out;
}

TEST(Waves, OfTheAcceleratorAgreeWithTheEventsInVirtualTime) {
  if (!installed("fst2vcd")) GTEST_SKIP() << "fst2vcd (gtkwave) is not installed";
  const fs::path folder = run(demo(), "waves", "--fst");
  const auto signals = waves(folder / "accelerator.fst", {"busy_o", "done_o", "clk_i"});
  ASSERT_EQ(signals.size(), 3u);
  const json results = read_json(folder / "results.json");
  const std::int64_t zero_ns = results["enrolment_time_ns"];
  std::vector<std::int64_t> starts_ns, ends_ns;
  for (const json& e : events(folder, "accelerator.start")) starts_ns.push_back(e["t_ns"].get<std::int64_t>() + zero_ns);
  for (const json& e : events(folder, "accelerator.done")) ends_ns.push_back(e["t_ns"].get<std::int64_t>() + zero_ns);
  ASSERT_GT(starts_ns.size(), 20u);
  ASSERT_EQ(starts_ns.size(), ends_ns.size());

  std::vector<std::int64_t> rises_ps, falls_ps, done_ps;
  for (const Edge& e : signals.at("busy_o"))
    if (e.time_ps > 2'000'000) (e.high ? rises_ps : falls_ps).push_back(e.time_ps);  // not the wipe out of reset at the beginning
  for (const Edge& e : signals.at("done_o"))
    if (e.high) done_ps.push_back(e.time_ps);
  ASSERT_EQ(rises_ps.size(), starts_ns.size());
  ASSERT_EQ(falls_ps.size(), ends_ns.size());
  ASSERT_EQ(done_ps.size(), ends_ns.size());
  for (std::size_t i = 0; i < starts_ns.size(); ++i) {
    EXPECT_EQ(rises_ps[i] / 1000, starts_ns[i]) << i;
    EXPECT_NEAR(static_cast<double>(falls_ps[i]) / 1000, static_cast<double>(ends_ns[i]), 1.0) << i;
    EXPECT_EQ(falls_ps[i] - done_ps[i], 15'625) << "done is high in the last cycle";
  }
  // The clock stands still between operations: as many edges as cycles, and a few for the registers that were written.
  const double cycles = static_cast<double>(signals.at("clk_i").size()) / 2;
  double busy_cycles = 0;
  for (std::size_t i = 0; i < starts_ns.size(); ++i) busy_cycles += static_cast<double>(falls_ps[i] - rises_ps[i]) / 15'625;
  EXPECT_GT(cycles, busy_cycles);
  EXPECT_LT(cycles, busy_cycles * 1.05);
}

}  // namespace
}  // namespace touchstone::test
