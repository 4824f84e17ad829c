#include <algorithm>
#include <cstdio>

#include "causes.h"
#include "verbs.h"

namespace touchstone::report {
namespace {

using Json = nlohmann::ordered_json;

/// What a folder from somebody else says must not steer the terminal.
void print(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = ' ';
  std::fputs(text.c_str(), stdout);
}

bool matches(const Event& e, const std::string& name, const Json& where) {
  if (e.name != name) return false;
  for (const auto& [key, value] : where.items())
    if (e.field(key.c_str()) != (value.is_string() ? value.get<std::string>() : value.dump())) return false;
  return true;
}

std::string time_or_nothing(const Json& time_ns) { return time_ns.is_number_integer() ? show_time(time_ns.get<std::int64_t>()) : std::string("-"); }

void tell_chain(const RunFolder& run, std::size_t event) {
  print("How it came about (time, distance to the line before):\n" + show_chain(run, cause_chain(run.events, event), "  "));
  if (const std::string frame = run.frame_at(run.events[event].t_ns); !frame.empty()) print("The card showed then: " + (run.path / frame).string() + "\n");
}

void tell_expectations(const RunFolder& run) {
  for (const Json& e : run.results.value("expectations", Json::array())) {
    const std::string text = (e.value("never", false) ? "never " : "") + e.value("text", "");
    std::string state = e.value("never", false) ? (e.value("met", false) ? "did not happen" : "HAPPENED at " + time_or_nothing(e.value("reached_ns", Json())))
                        : e.value("reached_ns", Json()).is_null() ? "MISSING"
                                                                 : "at " + time_or_nothing(e.value("reached_ns", Json()));
    if (e.value("count", 1) > 1) state += " (" + std::to_string(e.value("seen", 0)) + " of " + std::to_string(e.value("count", 1)) + ")";
    print("  " + std::string(e.value("met", false) ? "holds " : "UNMET ") + " " + text + "  " + state + "   [" + e.value("place", "") + "]\n");
  }
}

/// The last expected event that was seen: what the run was about.
std::optional<std::size_t> outcome(const RunFolder& run) {
  std::optional<std::size_t> out;
  for (const Json& e : run.results.value("expectations", Json::array())) {
    if (e.value("never", false) || !e.contains("reached_ns") || e["reached_ns"].is_null()) continue;
    const std::string text = e.value("text", ""), name = text.substr(0, text.find(' '));
    for (std::size_t i = 0; i < run.events.size(); ++i)
      if (run.events[i].name == name && run.events[i].t_ns == e["reached_ns"].get<std::int64_t>() && (!out || i > *out)) out = i;
  }
  return out;
}

}  // namespace

int explain(const RunFolder& run) {
  const bool pass = run.results.value("verdict", "") == "pass";
  print((pass ? "pass  " : "FAIL  ") + run.results.value("scenario", "") + " (seed " + run.results.value("seed", Json(0)).dump() + "): " + run.results.value("title", "") + "\n\nExpectations:\n");
  tell_expectations(run);
  if (pass) {
    if (const auto last = outcome(run)) {
      print("\nAll hold. The last one: " + run.events[*last].name + ".\n");
      tell_chain(run, *last);
    }
    return 0;
  }
  print("\nThe first that is unmet: " + run.results.value("reason", "") + "\n\n");
  const Json unmet = run.results.value("unmet", Json::object());
  const std::string kind = unmet.value("kind", "other"), name = unmet.value("event", "");
  const Json where = unmet.value("where", Json::object());
  if (kind == "forbidden" || kind == "late") {
    for (std::size_t i = run.events.size(); i-- > 0;)
      if (matches(run.events[i], name, where) && (unmet["at_ns"].is_null() || run.events[i].t_ns == unmet["at_ns"].get<std::int64_t>())) {
        print(std::string(kind == "late" ? "It came late: " : "It happened: ") + name + " at " + show_time(run.events[i].t_ns) + "\n");
        tell_chain(run, i);
        return 1;
      }
  }
  if (!name.empty()) {
    const auto other = std::find_if(run.events.rbegin(), run.events.rend(), [&](const Event& e) { return e.t_ns >= 0 && e.name == name; });
    if (other != run.events.rend() && !matches(*other, name, where)) print("The nearest to it: " + other->name + "  " + show_fields(*other) + " at " + show_time(other->t_ns) + "\n");
  }
  if (const auto instead = came_instead(run.events, name.empty() ? "wallet.signature_verified" : name)) {
    print("What came instead: " + run.events[*instead].name + "  " + show_fields(run.events[*instead]) + " at " + show_time(run.events[*instead].t_ns) + "\n");
    tell_chain(run, *instead);
  } else if (const auto last = last_on_the_way(run.events, name.empty() ? "wallet.signature_verified" : name)) {
    print("So far it came: " + run.events[*last].name + "  " + show_fields(run.events[*last]) + " at " + show_time(run.events[*last].t_ns) + "; nothing that leads further followed.\n");
    tell_chain(run, *last);
  } else if (!run.events.empty()) {
    print("The run ended before time zero, with:\n");
    tell_chain(run, run.events.size() - 1);
  }
  return 1;
}

}  // namespace touchstone::report
