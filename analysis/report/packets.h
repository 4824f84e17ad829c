// What was on the air, from a run folder's air.pcap.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace touchstone::report {

/// Rows [t_ns, direction, kind, payload bytes, whole], t_ns relative to time zero, of the packets since then that carried
/// something: at most `most`. Empty without a capture, and from where it stops making sense.
nlohmann::ordered_json packets_on_the_air(const std::filesystem::path& pcap, std::int64_t zero_ns, std::size_t most);

}  // namespace touchstone::report
