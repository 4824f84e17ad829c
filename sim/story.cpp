// results.json and the account of a run for people.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "sim/build_info.h"
#include "sim/run.h"

namespace touchstone::sim {
namespace {

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

nlohmann::ordered_json or_null(const std::optional<std::int64_t>& value) { return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr); }

std::string thousands(std::uint64_t n) {
  std::string s = std::to_string(n);
  for (std::size_t i = s.size(); i > 3;) s.insert(i -= 3, ",");
  return s;
}

nlohmann::ordered_json memory_scan_json(const Forensics& f) {
  nlohmann::ordered_json places = nlohmann::ordered_json::array(), found = nlohmann::ordered_json::array(), unsearched = f.unsearched;
  for (const auto& place : f.places) places.push_back({{"place", place.name}, {"bytes", place.size_bytes}});
  for (const Find& find : f.found)
    found.push_back({{"secret", find.secret}, {"place", find.place}, {"offset", find.offset_bytes}, {"bytes", find.size_bytes}, {"encoding", find.encoding}});
  return {{"needles", f.needles}, {"secrets", f.secrets}, {"bytes_searched", f.bytes_searched}, {"settled", f.settled}, {"wallet_settled", f.wallet_settled},
          {"complete", f.failure.empty() && f.unsearched.empty()}, {"failure", f.failure}, {"unsearched", unsearched},
          {"wall_time_s", f.wall_time_s}, {"places", places}, {"found", found}};
}

}  // namespace

std::string results_json(const RunResult& r) {
  nlohmann::ordered_json usage = nlohmann::ordered_json::array();
  for (const Usage& u : r.usage)
    usage.push_back({{"phase", u.phase}, {"time_ns", u.time_ns}, {"instructions", u.instructions},
                     {"accelerator_cycles", u.accelerator_cycles}, {"energy_uj", u.energy_uj}});
  nlohmann::ordered_json parts;
  for (const auto& [part, uj] : r.parts_uj) parts[part] = uj;
  nlohmann::ordered_json expectations = nlohmann::ordered_json::array();
  for (const ExpectationOutcome& e : r.expectations)
    expectations.push_back({{"text", e.text}, {"place", e.place}, {"never", e.never}, {"met", e.met}, {"count", e.count}, {"seen", e.seen},
                            {"within_ns", or_null(e.within_ns)}, {"reached_ns", or_null(e.reached_ns)}});
  nlohmann::ordered_json where = nlohmann::ordered_json::object();
  for (const auto& [field, value] : r.verdict.pattern.where) where[field] = value;
  constexpr const char* kUnmet[] = {"nothing", "missing", "forbidden", "late", "step", "other"};
  const bool known = r.verdict.pass || r.verdict.unmet != Verdict::Unmet::kNothing;
  const nlohmann::ordered_json unmet{{"kind", known ? kUnmet[static_cast<int>(r.verdict.unmet)] : "other"}, {"event", r.verdict.pattern.event}, {"where", where}, {"at_ns", or_null(r.verdict.at_ns)}};
  nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
  for (const InputFiles::Copied& i : r.inputs) inputs.push_back({{"path", i.path}, {"file", i.file}, {"sha256", i.sha256}});
  const nlohmann::ordered_json out{
      {"version", kRunFolderVersion},
      {"verdict", r.verdict.pass ? "pass" : "fail"},
      {"reason", r.verdict.reason},
      {"unmet", unmet},
      {"expectations", expectations},
      {"scenario", r.scenario},
      {"title", r.title},
      {"scenario_file", r.scenario_file},
      {"finger_png", r.finger_png},
      {"firmware_file", r.firmware_file},
      {"inputs", inputs},
      {"touchstone_data", r.data_root},
      {"firmware_sha256", r.firmware_sha256},
      {"accelerator", {{"port", r.accelerator}, {"core", r.accelerator_core}}},
      {"seed", r.seed},
      {"signature_hex", r.signature_hex},
      {"public_key_hex", r.public_key_hex},
      {"message_hash_hex", r.message_hash_hex},
      {"txid_hex", r.txid_hex},
      {"transaction_hex", r.transaction_hex},
      {"last_refusal", r.last_refusal},
      {"simulated_time_ns", r.simulated_time_ns},
      {"enrolment_time_ns", r.enrolment_time_ns},
      {"wall_time_s", r.wall_time_s},
      {"instructions", r.instructions},
      {"accelerator_cycles", r.accelerator_cycles},
      {"energy_uj", r.energy_uj},
      {"events_sha256", r.events_sha256},
      {"usage", usage},
      {"parts_uj", parts},
      {"radio_to_card_bytes", r.radio_to_card_bytes},
      {"radio_to_wallet_bytes", r.radio_to_wallet_bytes},
      {"radio_lost_packets", r.radio_lost_packets},
      {"memory_scan", memory_scan_json(r.forensics)},
      {"display_frames", r.frames},
      {"pages", r.pages_png},
      {"git_revision", kGitRevision},
      {"machine", machine_name()},
  };
  return out.dump(2) + "\n";
}

std::string story(const RunResult& r) {
  std::string out = "\n" + r.title + "\n";
  for (std::size_t i = 0; i < r.pages_text.size(); ++i)
    out += "\nThe card shows, page " + std::to_string(i + 1) + " of " + std::to_string(r.pages_text.size()) + " (" + r.folder + "/" + r.pages_png[i] + "):\n" + r.pages_text[i];
  for (std::size_t i = 0; i < r.faces.size(); ++i) out += (i == 0 ? "\nFaces:      " : "            ") + r.faces[i] + "\n";
  if (!r.touches.empty()) out += "\nTouches:    " + r.touches + "\n";
  if (!r.signature_hex.empty()) {
    out += "Signature:  " + r.signature_hex.substr(0, 64) + "\n            " + r.signature_hex.substr(64) + "\n";
    const bool schnorr = r.public_key_hex.size() == 64;  // x-only
    out += std::string("            ") + (schnorr ? "BIP340" : "ECDSA") + ", of sighash " + r.message_hash_hex + "\n";
    out += std::string("            verifies under the ") + (schnorr ? "output key " : "key ") + r.public_key_hex + " (libsecp256k1)\n";
    out += "Payment:    txid " + r.txid_hex + "\n";
  } else {
    out += "Signature:  none" + (r.last_refusal.empty() ? std::string() : "; the card refused: " + r.last_refusal) + "\n";
  }
  out += "\nWhere it went   simulated time     instructions   accelerator cycles     energy\n";
  for (const Usage& u : r.usage)
    out += format("  %-12s %13.3f ms %16s %20s %10.1f uJ\n", u.phase.c_str(), static_cast<double>(u.time_ns) / 1e6, thousands(u.instructions).c_str(),
                  thousands(u.accelerator_cycles).c_str(), u.energy_uj);
  out += format("  %-12s %13.3f ms %16s %20s %10.1f uJ\n", "total", static_cast<double>(r.simulated_time_ns) / 1e6, thousands(r.instructions).c_str(),
                thousands(r.accelerator_cycles).c_str(), r.energy_uj);
  out += "By part:    ";
  for (const auto& [part, uj] : r.parts_uj) out += format("%s %.1f uJ  ", part.c_str(), uj);
  out += format("\nOn the air: %lld bytes to the card, %lld to the wallet, %lld packets lost\n", static_cast<long long>(r.radio_to_card_bytes),
                static_cast<long long>(r.radio_to_wallet_bytes), static_cast<long long>(r.radio_lost_packets));
  out += format("\nVerdict:    %s", r.verdict.pass ? "pass" : "FAIL");
  if (!r.verdict.pass) out += " - " + r.verdict.reason;
  for (const std::string& place : r.forensics.unsearched) out += "\nNot searched for secrets: " + place + ", which nobody can see into";
  out += format("\nWall time:  %.2f s for %.2f s simulated (and %.2f s of enrolment before)\n", r.wall_time_s, static_cast<double>(r.simulated_time_ns) / 1e9,
                static_cast<double>(r.enrolment_time_ns) / 1e9);
  out += "Run folder: " + r.folder + " (results.json, events.jsonl, trace.json, air.pcap, display/, energy.csv)\n";
  return out;
}

}  // namespace touchstone::sim
