// The report: the page's parts with the run's data put in. Nothing is fetched when it is opened.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "contract/event_links.h"
#include "packets.h"
#include "verbs.h"

#define TS_PART(name) extern "C" const char ts_page_##name[], ts_page_##name##_end[];
TS_PART(html)
TS_PART(css)
TS_PART(model)
TS_PART(timeline)
TS_PART(page)
#undef TS_PART

namespace touchstone::report {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A page of more would not open on a phone; the log itself stands in events.jsonl.
constexpr std::size_t kMaxEvents = 20'000, kMaxFrames = 400, kMaxPackets = 5'000;

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Json events_of(const RunFolder& run, std::size_t first) {
  Json out = Json::array();
  for (std::size_t i = first; i < run.events.size() && i < first + kMaxEvents; ++i) {
    const Event& e = run.events[i];
    const auto place = run.origin(e);
    Json row = Json::array({e.t_ns, e.name, e.fields});
    if (place) row.push_back(place->to_string());
    out.push_back(row);
  }
  return out;
}

/// Every picture once, by frame number: those of the scenario first, so that a limit cuts the enrolment's.
Json frames_of(const RunFolder& run) {
  Json out = Json::object();
  for (std::size_t i = run.events.size(), taken = 0; i-- > 0 && taken < kMaxFrames;) {
    const Event& e = run.events[i];
    if (e.name != "display.frame" || !e.fields.contains("frame")) continue;
    char file[48];
    std::snprintf(file, sizeof file, "display/frame-%03lld.png", e.fields["frame"].get<long long>());
    // A folder may come from somebody else: only a picture, only from inside it.
    std::error_code error;
    if (fs::is_symlink(run.path / "display", error) || fs::is_symlink(run.path / file, error)) continue;
    const std::string png = text_of(run.path / file);
    if (!png.starts_with("\x89PNG\r\n\x1a\n")) continue;
    out[e.fields["frame"].dump()] = "data:image/png;base64," + base64(png);
    ++taken;
  }
  return out;
}

Json files_of(const RunFolder& run) {
  std::vector<std::pair<std::string, std::uintmax_t>> files;
  for (const auto& entry : fs::directory_iterator(run.path))
    if (entry.is_regular_file() && entry.path().extension() != ".html" && entry.path().extension() != ".partial") files.emplace_back(entry.path().filename().string(), entry.file_size());
  std::sort(files.begin(), files.end());
  Json out = Json::array();
  for (const auto& [name, bytes] : files) out.push_back({name, bytes});
  return out;
}

Json causes() {
  Json out = Json::object();
  for (const auto& l : events::kLinks)
    if (l.relation == events::Relation::kCausedBy) out[std::string(l.event)].push_back(std::string(l.other));
  return out;
}

/// Inside a script element only "</" and "<!--" could end or bend it.
std::string inside_script(std::string json) {
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos; at += 6) json.replace(at, 1, "\\u003c");
  return json;
}

std::string inside_html(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '{' ? "&#123;" : std::string(1, c);
  return out;
}

void put(std::string& page, const std::string& mark, std::string_view text) {
  if (const std::size_t at = page.find(mark); at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string page(const RunFolder& run) {
  const std::size_t first = run.events.size() > kMaxEvents ? run.events.size() - kMaxEvents : 0;
  const Json data{{"results", run.results}, {"events", events_of(run, first)}, {"events_left_out", first}, {"frames", frames_of(run)}, {"files", files_of(run)}, {"causes", causes()},
                  {"packets", packets_on_the_air(run.path / "air.pcap", run.results.value("enrolment_time_ns", std::int64_t{0}), kMaxPackets)}};
  std::string out(ts_page_html, ts_page_html_end);
  put(out, "{{css}}", {ts_page_css, static_cast<std::size_t>(ts_page_css_end - ts_page_css)});
  put(out, "{{script}}", std::string(ts_page_model, ts_page_model_end) + std::string(ts_page_timeline, ts_page_timeline_end) + std::string(ts_page_page, ts_page_page_end));
  for (int i = 0; i < 2; ++i) put(out, "{{title}}", inside_html(run.results.value("title", "touchstone run")));
  put(out, "{{data}}", inside_script(data.dump(-1, ' ', true, Json::error_handler_t::replace)));
  return out;
}

}  // namespace touchstone::report
