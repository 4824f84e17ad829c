// Why an event happened: chains through the log, after the table in core/contract/events.jsonc.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "run_folder.h"

namespace touchstone::report {

/// From the first cause (an act of a person, an adversary or the scenario) to the event itself, as indices into `events`.
std::vector<std::size_t> cause_chain(const std::vector<Event>& events, std::size_t event);

/// What ended the hope for an event of type `missing`: the first event after the last request that stands instead of it or of
/// one of its causes.
std::optional<std::size_t> came_instead(const std::vector<Event>& events, std::string_view missing);

/// How far it came: the last event since time zero that could have led to one of type `missing`.
std::optional<std::size_t> last_on_the_way(const std::vector<Event>& events, std::string_view missing);

/// `type` and every type that can lead to it.
std::set<std::string_view> ancestors(std::string_view type);

/// The chain for people: one line each with time, distance to the line before, fields and the firmware's source line. Long
/// stretches of phases and accelerator operations are told in one line.
std::string show_chain(const RunFolder& run, const std::vector<std::size_t>& chain, const std::string& indent);

}  // namespace touchstone::report
