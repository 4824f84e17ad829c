#include "causes.h"

#include <algorithm>
#include <cstdio>

#include "contract/event_links.h"

namespace touchstone::report {
namespace {

bool links(std::string_view event, std::string_view other, events::Relation relation) {
  return std::any_of(std::begin(events::kLinks), std::end(events::kLinks), [&](const auto& l) { return l.event == event && l.other == other && l.relation == relation; });
}

bool routine(const Event& e) { return e.name == "mcu.phase" || e.name == "accelerator.start" || e.name == "accelerator.done"; }

std::string show_line(const RunFolder& run, const Event& e, std::int64_t before_ns, bool first) {
  char head[96];
  std::string distance;
  if (!first) {
    char text[32];
    std::snprintf(text, sizeof text, "+%.3f ms", static_cast<double>(e.t_ns - before_ns) / 1e6);
    distance = text;
  }
  std::snprintf(head, sizeof head, "%12s %14s  %-26s", show_time(e.t_ns).c_str(), distance.c_str(), e.name.c_str());
  std::string out = head + (" " + show_fields(e));
  if (const auto place = run.origin(e)) out += "   [" + place->to_string() + "]";
  return out;
}

}  // namespace

std::vector<std::size_t> cause_chain(const std::vector<Event>& events, std::size_t event) {
  std::vector<std::size_t> out{event};
  for (std::size_t at = event; at > 0;) {
    std::size_t i = at;
    while (i-- > 0)
      if (links(events[at].name, events[i].name, events::Relation::kCausedBy)) break;
    if (i == static_cast<std::size_t>(-1)) break;
    out.push_back(at = i);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::set<std::string_view> ancestors(std::string_view type) {
  std::set<std::string_view> out{type};
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& l : events::kLinks)
      if (l.relation == events::Relation::kCausedBy && out.contains(l.event)) grew |= out.insert(l.other).second;
  }
  return out;
}

std::optional<std::size_t> came_instead(const std::vector<Event>& events, std::string_view missing) {
  const auto hoped = ancestors(missing);
  std::size_t from = 0;
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].t_ns >= 0 && (from == 0 || events[i].name == "wallet.request_sent")) from = i;
  for (std::size_t i = from; i < events.size(); ++i)
    for (const auto& l : events::kLinks)
      if (l.relation == events::Relation::kInsteadOf && l.event == events[i].name && hoped.contains(l.other)) return i;
  return std::nullopt;
}

std::optional<std::size_t> last_on_the_way(const std::vector<Event>& events, std::string_view missing) {
  const auto way = ancestors(missing);
  for (std::size_t i = events.size(); i-- > 0 && events[i].t_ns >= 0;)
    if (way.contains(events[i].name)) return i;
  return std::nullopt;
}

std::string show_chain(const RunFolder& run, const std::vector<std::size_t>& chain, const std::string& indent) {
  std::string out;
  std::int64_t before_ns = 0;
  bool first = true;
  for (std::size_t i = 0; i < chain.size();) {
    std::size_t end = i;
    while (end < chain.size() && routine(run.events[chain[end]])) ++end;
    if (end - i > 6) {  // the first and the last two of the stretch say enough
      const std::size_t skip_from = i + 2, skip_to = end - 2;
      std::set<std::string> phases;
      std::size_t operations = 0;
      for (std::size_t k = i; k < end; ++k) {
        const Event& e = run.events[chain[k]];
        if (k < skip_from || k >= skip_to) {
          if (k == skip_to) {
            std::string names;
            for (const std::string& p : phases) names += (names.empty() ? "" : ", ") + p;
            out += indent + std::string(28, ' ') + " ... " + std::to_string(skip_to - skip_from) + " more: " + std::to_string(operations) + " accelerator operations, phases " + names + "\n";
          }
          out += indent + show_line(run, e, before_ns, first) + "\n";
          first = false;
        } else {
          if (e.name == "accelerator.done") ++operations;
          if (e.name == "mcu.phase") phases.insert(e.field("phase"));
        }
        before_ns = e.t_ns;
      }
      i = end;
      continue;
    }
    const Event& e = run.events[chain[i++]];
    out += indent + show_line(run, e, before_ns, first) + "\n";
    before_ns = e.t_ns;
    first = false;
  }
  return out;
}

}  // namespace touchstone::report
