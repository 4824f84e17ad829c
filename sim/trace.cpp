#include "sim/trace.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <stdexcept>

#include "bus/time.h"
#include "contract/events.h"

namespace touchstone::sim {
namespace {

// The processes of the timeline, in the order in which a viewer shows them.
constexpr const char* kScenario = "scenario";
constexpr const char* kUser = "user";
constexpr const char* kWallet = "wallet";
constexpr const char* kCard = "card";
constexpr const char* kInterrupts = "card: interrupts";
constexpr const char* kPower = "card: power";
constexpr const char* kRadio = "radio";
constexpr const char* kProcesses[] = {kScenario, kUser, kWallet, kCard, kInterrupts, kRadio, kPower};

std::string quoted(std::string_view text) { return nlohmann::json(std::string(text)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace); }

/// What an event says, as the inside of a JSON object.
std::string arguments_of(const std::vector<EventField>& fields) {
  std::string out;
  for (const EventField& f : fields) {
    out += (out.empty() ? "" : ",") + quoted(f.name) + ":";
    if (const auto* text = std::get_if<std::string_view>(&f.value)) out += quoted(*text);
    else out += std::to_string(std::get<std::int64_t>(f.value));
  }
  return out;
}

std::string text_of(const std::vector<EventField>& fields, std::size_t index) { return std::string(std::get<std::string_view>(fields.at(index).value)); }
std::int64_t number_of(const std::vector<EventField>& fields, std::size_t index) { return std::get<std::int64_t>(fields.at(index).value); }

/// The format counts in microseconds; three decimals keep the nanosecond.
std::string microseconds(std::int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ns / 1000), static_cast<long long>(ns % 1000));
  return text;
}

std::string fixed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

template <typename... Events>
bool is(std::string_view name) {
  return ((name == Events::kName) || ...);
}

const char* process_of(std::string_view event) {
  if (event.starts_with("scenario.")) return kScenario;
  if (event.starts_with("wallet.")) return kWallet;
  if (event.starts_with("user.") || event.starts_with("malware.") || event.starts_with("card.")) return kUser;
  if (event.starts_with("ble.")) return kRadio;
  return kCard;
}

}  // namespace

std::uint32_t Trace::track(const char* process, std::string_view name) {
  const std::string key = std::string(process) + "/" + std::string(name);
  if (const auto it = track_numbers_.find(key); it != track_numbers_.end()) return it->second;
  tracks_.push_back({process, std::string(name)});
  return track_numbers_[key] = static_cast<std::uint32_t>(tracks_.size() - 1);
}

void Trace::add(Entry entry) { entries_.push_back(std::move(entry)); }

void Trace::begin(std::uint32_t track, std::int64_t time_ns, std::string name, std::string arguments) {
  end(track, time_ns);
  open_[track] = entries_.size();
  add({time_ns, kOpen, track, Shape::kSlice, std::move(name), std::move(arguments)});
}

void Trace::end(std::uint32_t track, std::int64_t time_ns, std::string_view more_arguments) {
  const auto it = open_.find(track);
  if (it == open_.end()) return;
  Entry& slice = entries_[it->second];
  slice.duration_ns = std::max<std::int64_t>(0, time_ns - slice.time_ns);
  if (!more_arguments.empty()) slice.arguments += (slice.arguments.empty() ? "" : ",") + std::string(more_arguments);
  open_.erase(it);
}

void Trace::instant(std::uint32_t track, std::int64_t time_ns, std::string name, std::string arguments) {
  add({time_ns, 0, track, Shape::kInstant, std::move(name), std::move(arguments)});
}

void Trace::observe(std::int64_t t, std::string_view name, const std::vector<EventField>& f) {
  // Things that last.
  if (is<events::ScenarioPhase>(name)) return begin(track(kScenario, "phase"), t, text_of(f, 0));
  if (is<events::McuPhase>(name)) return begin(track(kCard, "firmware"), t, text_of(f, 0));
  if (is<events::DisplayFrame>(name)) return begin(track(kCard, "display"), t, "frame " + std::to_string(number_of(f, 0)), arguments_of(f));
  if (is<events::AcceleratorStart>(name)) return begin(track(kCard, "accelerator"), t, text_of(f, 0));
  if (is<events::AcceleratorDone>(name)) return end(track(kCard, "accelerator"), t, arguments_of(f));
  if (is<events::SensorFingerDown>(name)) return begin(track(kUser, "finger"), t, text_of(f, 0));
  if (is<events::SensorFingerUp>(name)) return end(track(kUser, "finger"), t);
  if (is<events::BleConnected>(name)) return begin(track(kRadio, "link"), t, "connected", arguments_of(f));
  if (is<events::BleDisconnected>(name)) end(track(kRadio, "link"), t, arguments_of(f));  // each side says it
  if (is<events::BleAdvertising>(name))
    return number_of(f, 0) != 0 ? begin(track(kRadio, "advertising"), t, "advertising") : end(track(kRadio, "advertising"), t);
  if (is<events::McuInterrupt>(name)) {
    const std::uint32_t line = track(kInterrupts, text_of(f, 0));
    return number_of(f, 1) != 0 ? begin(line, t, text_of(f, 0)) : end(line, t);
  }
  if (is<events::PowerOn>(name)) {
    begin(track(kCard, "power"), t, "on", arguments_of(f));
    return begin(track(kCard, "firmware"), t, "boot");
  }
  if (is<events::PowerOff>(name)) {
    for (const char* part : {"power", "firmware", "display", "accelerator"}) end(track(kCard, part), t);
    return end(track(kRadio, "advertising"), t);
  }
  if (is<events::WalletRequestSent>(name)) return begin(track(kWallet, "session"), t, "session " + std::to_string(number_of(f, 0)), arguments_of(f));
  if (is<events::WalletSignatureVerified, events::WalletRefused, events::WalletLinkLost, events::WalletFailed>(name)) end(track(kWallet, "session"), t);
  // Everything else is a moment, also events that are younger than this file.
  const std::size_t dot = std::min(name.find('.'), name.size());
  instant(track(process_of(name), name.substr(0, dot)), t, std::string(name.substr(std::min(dot + 1, name.size()))), arguments_of(f));
}

void Trace::power(std::string_view part, std::int64_t time_ns, double power_uw) {
  add({time_ns, 0, track(kPower, std::string(part) + " power [uW]"), Shape::kCounter, {}, "\"uW\":" + fixed(power_uw)});
}

void Trace::packets(const models::Sniffer& sniffer) {
  using models::BleAir;
  for (const models::Sniffer::Packet& packet : sniffer.packets()) {
    const bool advertising = packet.access_address == models::kAdvertisingAccessAddress;
    const Bytes pdu = sniffer.pdu(packet);
    const std::size_t payload_bytes = pdu.size() - 2;
    std::string name = advertising ? ((pdu[0] & 15) == 5 ? "CONNECT_IND" : "ADV_IND") : (pdu[0] & 3) == 3 ? "control" : payload_bytes == 0 ? "empty" : "data";
    if (packet.fate == BleAir::Fate::kCorrupted) name += ", corrupted";
    if (packet.fate == BleAir::Fate::kUnheard) name += ", unheard";
    add({packet.start_ns, packet.air_time_ns(), track(kRadio, packet.from_card ? "card to wallet" : "wallet to card"), Shape::kSlice, std::move(name),
         "\"payload_bytes\":" + std::to_string(payload_bytes) + ",\"channel\":" + std::to_string(packet.channel)});
  }
}

void Trace::energy(const models::EnergyMeter& meter) {
  const std::vector<std::string> parts = meter.part_names();
  std::vector<double> sum_uj(parts.size(), 0.0);
  for (const models::EnergyMeter::Visit& visit : meter.visits())
    for (std::size_t i = 0; i < parts.size(); ++i) {
      sum_uj[i] += visit.energy_uj[i];
      add({static_cast<std::int64_t>(visit.end_ps / 1000), 0, track(kPower, parts[i] + " energy [uJ]"), Shape::kCounter, {}, "\"uJ\":" + fixed(sum_uj[i])});
    }
}

void Trace::write(const std::string& path, std::int64_t end_ns) const {
  std::ofstream out(path, std::ios::binary);
  out << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  // Numbers of processes and tracks come from sorted names, not from what happened first.
  std::vector<std::uint32_t> order(tracks_.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto process_number = [](const char* process) { return std::find(std::begin(kProcesses), std::end(kProcesses), process) - std::begin(kProcesses) + 1; };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto pa = process_number(tracks_[a].process), pb = process_number(tracks_[b].process);
    return pa != pb ? pa < pb : tracks_[a].name < tracks_[b].name;
  });
  std::vector<std::string> place(tracks_.size());
  std::vector<std::size_t> rank(tracks_.size());
  std::set<const char*> named;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Track& t = tracks_[order[i]];
    const std::string pid = "\"pid\":" + std::to_string(process_number(t.process));
    rank[order[i]] = i;
    place[order[i]] = pid + ",\"tid\":" + std::to_string(i + 1);
    if (named.insert(t.process).second) {
      out << "{\"ph\":\"M\",\"name\":\"process_name\"," << pid << ",\"args\":{\"name\":" << quoted(t.process) << "}},\n";
      out << "{\"ph\":\"M\",\"name\":\"process_sort_index\"," << pid << ",\"args\":{\"sort_index\":" << process_number(t.process) << "}},\n";
    }
    out << "{\"ph\":\"M\",\"name\":\"thread_name\"," << place[order[i]] << ",\"args\":{\"name\":" << quoted(t.name) << "}},\n";
  }
  // In time; at equal times by track, and within one as it happened. A model may run a little ahead of another, but never
  // of itself.
  std::vector<std::size_t> sorted(entries_.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
    const Entry &x = entries_[a], &y = entries_[b];
    return x.time_ns != y.time_ns ? x.time_ns < y.time_ns : rank[x.track] < rank[y.track];
  });
  for (const std::size_t i : sorted) {
    const Entry& e = entries_[i];
    out << "{\"ph\":\"" << (e.shape == Shape::kSlice ? 'X' : e.shape == Shape::kInstant ? 'i' : 'C') << "\",\"ts\":" << microseconds(e.time_ns);
    if (e.shape == Shape::kSlice) out << ",\"dur\":" << microseconds(e.duration_ns == kOpen ? std::max<std::int64_t>(0, end_ns - e.time_ns) : e.duration_ns);
    if (e.shape == Shape::kInstant) out << ",\"s\":\"t\"";
    out << "," << place[e.track] << ",\"name\":" << quoted(e.shape == Shape::kCounter ? tracks_[e.track].name : e.name);
    if (!e.arguments.empty()) out << ",\"args\":{" << e.arguments << "}";
    out << "},\n";
  }
  out << "{\"ph\":\"M\",\"name\":\"trace_end\",\"pid\":1,\"args\":{}}\n]}\n";  // JSON allows no comma behind the last
  if (!out.flush()) throw std::runtime_error(path + ": cannot be written (disk full?)");
}

}  // namespace touchstone::sim
