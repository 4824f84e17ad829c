#include <algorithm>
#include <cstdio>

#include "causes.h"
#include "verbs.h"

namespace touchstone::report {
namespace {

constexpr std::size_t kContextLines = 3;

/// What a folder from somebody else says must not steer the terminal.
void print(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F) c = ' ';
  std::fputs(text.c_str(), stdout);
}

/// What both were made from: where the difference may come from.
std::string inputs_that_differ(const RunFolder& a, const RunFolder& b) {
  std::string out;
  for (const char* key : {"scenario", "seed", "finger_png", "git_revision", "firmware_sha256"})
    if (a.results.value(key, nlohmann::ordered_json()) != b.results.value(key, nlohmann::ordered_json()))
      out += "  " + std::string(key) + ": " + a.results.value(key, nlohmann::ordered_json()).dump() + " | " + b.results.value(key, nlohmann::ordered_json()).dump() + "\n";
  const auto hashes = [](const RunFolder& run) {
    std::map<std::string, std::string> files;
    for (const auto& input : run.results.value("inputs", nlohmann::ordered_json::array())) files[input.value("file", "")] = input.value("sha256", "");
    return files;
  };
  const auto in_a = hashes(a), in_b = hashes(b);
  for (const auto& [file, hash] : in_a)
    if (const auto other = in_b.find(file); other == in_b.end() || other->second != hash) out += "  " + file + ": the contents differ\n";
  return out.empty() ? "  none: the same inputs gave different events\n" : out;
}

void tell_side(const char* name, const RunFolder& run, std::size_t index) {
  print("\n" + std::string(name) + "  " + run.path.string() + "\n");
  for (std::size_t i = index > kContextLines ? index - kContextLines : 0; i < std::min(index + kContextLines, run.events.size()); ++i)
    print((i == index ? "  > " : "    ") + show_time(run.events[i].t_ns) + "  " + run.events[i].name + "  " + show_fields(run.events[i]) + "\n");
  if (index >= run.events.size()) {
    print("  > (the log ends here)\n");
    return;
  }
  if (const auto place = run.origin(run.events[index])) print("  firmware: " + place->to_string() + "\n");
  print("  its causes:\n" + show_chain(run, cause_chain(run.events, index), "    "));
}

}  // namespace

int diff(const RunFolder& a, const RunFolder& b) {
  // Addresses in another firmware say nothing: then events count without them.
  const bool same_firmware = a.results.value("firmware_sha256", "") == b.results.value("firmware_sha256", "");
  const auto equal = [&](const Event& x, const Event& y) { return same_firmware ? x.line == y.line : x.t_ns == y.t_ns && x.name == y.name && x.fields == y.fields; };
  const std::size_t both = std::min(a.events.size(), b.events.size());
  std::size_t index = 0;
  while (index < both && equal(a.events[index], b.events[index])) ++index;
  if (index == both && a.events.size() == b.events.size()) {
    print("equal: " + std::to_string(both) + " events" + (same_firmware ? "" : " (of different firmware, compared without addresses)") + "\n");
    return 0;
  }
  print("The runs differ from event " + std::to_string(index + 1) + " of " + std::to_string(a.events.size()) + " | " + std::to_string(b.events.size()) + " (events.jsonl:" + std::to_string(index + 1) + ")\n");
  tell_side("A", a, index);
  tell_side("B", b, index);
  print("\nInputs that differ, A | B:\n" + inputs_that_differ(a, b));
  return 1;
}

}  // namespace touchstone::report
