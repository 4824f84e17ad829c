#include "sim/event_log.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "wallet/encoding.h"

namespace touchstone::sim {

namespace {
// A guest in a loop of traps could otherwise fill the host's memory; a scenario has some thousands of events.
constexpr std::size_t kMaxEvents = 2'000'000;
}  // namespace

void EventLog::receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
  if (lines_.size() >= kMaxEvents) {
    overflowed_ = true;
    return;
  }
  std::string rest = ",\"event\":\"" + std::string(name) + "\"";
  for (const EventField& f : fields) {
    rest += ",\"" + std::string(f.name) + "\":";
    if (const auto* text = std::get_if<std::string_view>(&f.value))
      // Text can hold what a guest or peer sent: invalid UTF-8 is replaced, never passed on.
      rest += nlohmann::json(std::string(*text)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    else
      rest += std::to_string(std::get<std::int64_t>(f.value));
  }
  if (const auto origin = origin_ ? origin_() : std::nullopt) {
    rest += ",\"pc\":" + std::to_string(origin->pc) + ",\"caller\":" + std::to_string(origin->caller);
    addresses_.insert({origin->pc, origin->caller});
  }
  lines_.push_back({time_ns, rest + "}\n"});
  // An observer may add another while it runs.
  for (std::size_t i = 0; i < observers_.size(); ++i) observers_[i](time_ns, name, fields);
}

void EventLog::set_zero(std::int64_t time_ns) { zero_ns_ = time_ns; }

std::string EventLog::text() const {
  std::string out;
  for (const Line& line : lines_) out += "{\"t_ns\":" + std::to_string(line.time_ns - zero_ns_) + line.rest;
  return out;
}

std::string EventLog::write(const std::string& path) {
  const std::string content = text();
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error(path + ": cannot be written (disk full?)");
  crypto::Sha256 hash;
  hash.update(Bytes(reinterpret_cast<const std::uint8_t*>(content.data()), content.size()));
  return wallet::to_hex(hash.finish());
}

}  // namespace touchstone::sim
