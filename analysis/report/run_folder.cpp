#include "run_folder.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace touchstone::report {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw FolderError(file, "is missing or cannot be read: the run folder is not whole; run the scenario again");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sha256_of(const std::string& text) {
  const auto hash = crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  std::string out;
  for (const std::uint8_t byte : hash) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    out += digits;
  }
  return out;
}

Event event_of(const std::string& line, const fs::path& file, std::size_t number) {
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("t_ns") || !json["t_ns"].is_number_integer() || !json.contains("event") || !json["event"].is_string())
    throw FolderError(file.string() + ":" + std::to_string(number), "is no event; run the scenario again");
  Event out;
  out.line = line;
  out.t_ns = json["t_ns"];
  out.name = json["event"];
  json.erase("t_ns");
  json.erase("event");
  for (auto& [key, address] : {std::pair<const char*, std::optional<std::uint32_t>*>{"pc", &out.pc}, {"caller", &out.caller}}) {
    // A trap has a field `pc` of its own; only the pair is ours.
    if (!json.contains("caller") || !json.contains(key) || !json[key].is_number_unsigned()) continue;
    *address = json[key].get<std::uint32_t>();
  }
  if (out.caller) {
    json.erase("pc");
    json.erase("caller");
  }
  out.fields = std::move(json);
  return out;
}

/// address,function,file,line; functions may hold commas, the others do not.
std::map<std::uint32_t, Place> places_of(const std::string& csv) {
  std::map<std::uint32_t, Place> out;
  std::istringstream in(csv);
  std::string line;
  std::getline(in, line);  // heading
  while (std::getline(in, line)) {
    const std::size_t first = line.find(','), last = line.rfind(','), middle = last == std::string::npos || last == 0 ? std::string::npos : line.rfind(',', last - 1);
    if (first == std::string::npos || middle == std::string::npos || middle <= first) continue;
    Place place{line.substr(first + 1, middle - first - 1), line.substr(middle + 1, last - middle - 1), std::atoi(line.c_str() + last + 1)};
    out[static_cast<std::uint32_t>(std::strtoul(line.c_str(), nullptr, 0))] = std::move(place);
  }
  return out;
}

}  // namespace

std::string Place::to_string() const {
  const std::string_view space = "touchstone::firmware::";
  return file + ":" + std::to_string(line) + " in " + (function.starts_with(space) ? function.substr(space.size()) : function);
}

std::string Event::field(const char* key) const {
  if (!fields.contains(key)) return {};
  return fields[key].is_string() ? fields[key].get<std::string>() : fields[key].dump();
}

RunFolder RunFolder::read(const fs::path& path) {
  if (!fs::is_directory(path)) throw FolderError(path, "there is no such run folder; `touchstone run` makes one under runs/");
  RunFolder out;
  out.path = path;
  const fs::path results = path / "results.json", events = path / "events.jsonl";
  out.results = Json::parse(text_of(results), nullptr, false);
  if (!out.results.is_object()) throw FolderError(results, "is damaged (no JSON object); run the scenario again");
  const Json version = out.results.value("version", Json(0));
  if (version != kVersion) throw FolderError(results, "is a run folder of version " + version.dump() + ", this program reads version " + std::to_string(kVersion) + "; run the scenario again, or use the program that made it");
  const std::string log = text_of(events);
  std::istringstream lines(log);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) out.events.push_back(event_of(line, events, ++number));
  const std::string hash = out.results.value("events_sha256", "");
  if (hash != sha256_of(log))
    throw FolderError(events, "is not the log that results.json speaks of: cut off or changed after the run (" + std::to_string(number) + " events are left); run the scenario again");
  if (fs::exists(path / "source_lines.csv")) out.places = places_of(text_of(path / "source_lines.csv"));
  return out;
}

std::optional<Place> RunFolder::origin(const Event& event) const {
  // Every register access stands in the port's few lines; what a reader looks for is who asked for it.
  for (const auto& address : {event.caller, event.pc})
    if (address)
      if (const auto place = places.find(*address); place != places.end()) return place->second;
  return std::nullopt;
}

std::string RunFolder::frame_at(std::int64_t t_ns) const {
  std::string out;
  for (const Event& e : events) {
    if (e.t_ns > t_ns) break;
    if (e.name != "display.frame") continue;
    char file[48];
    std::snprintf(file, sizeof file, "display/frame-%03lld.png", e.fields.contains("frame") ? e.fields["frame"].get<long long>() : 0LL);
    out = file;
  }
  return out;
}

std::string show_time(std::int64_t t_ns) {
  char text[48];
  const std::int64_t us = (t_ns < 0 ? -t_ns : t_ns) / 1000;
  std::snprintf(text, sizeof text, "%s%lld.%06lld s", t_ns < 0 ? "-" : "", static_cast<long long>(us / 1'000'000), static_cast<long long>(us % 1'000'000));
  return text;
}

std::string show_fields(const Event& event) {
  std::string out;
  for (const auto& [key, value] : event.fields.items()) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    for (char& c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';  // a guest's text must not steer the terminal
    if (text.size() > 60) text = text.substr(0, 24) + "...";
    out += (out.empty() ? "" : "  ") + key + "=" + text;
  }
  return out;
}

}  // namespace touchstone::report
