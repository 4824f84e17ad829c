// A run folder, read whole and checked: what touchstone-sim left of a run, and all that explain, diff and report know of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace touchstone::report {

/// The folder cannot be used: where, what, and what to do. Ends the program with 2.
class FolderError : public std::runtime_error {
 public:
  FolderError(const std::filesystem::path& where, const std::string& what) : std::runtime_error(where.string() + ": " + what) {}
};

struct Event {
  std::int64_t t_ns = 0;  ///< relative to the scenario's time zero
  std::string name;
  nlohmann::ordered_json fields;             ///< without t_ns, event, pc, caller
  std::optional<std::uint32_t> pc, caller;   ///< of the card's program, when it caused the event at once
  std::string line;                          ///< as it stands in events.jsonl
  std::string field(const char* name) const; ///< as text; empty when there is none
};

/// A place in the firmware's source.
struct Place {
  std::string function, file;
  int line = 0;
  std::string to_string() const;  ///< "firmware/app/card_app.cpp:120 in CardApp::sign"
};

struct RunFolder {
  std::filesystem::path path;
  nlohmann::ordered_json results;
  std::vector<Event> events;
  std::map<std::uint32_t, Place> places;  ///< source_lines.csv, by address

  /// Throws FolderError for a folder that is absent, not whole, damaged or of another version.
  static RunFolder read(const std::filesystem::path& path);

  /// Where in the firmware's source the event came from: the nearest place outside the register accesses themselves.
  std::optional<Place> origin(const Event& event) const;
  /// The picture on the glass at that time, as a file of the folder; empty before the first.
  std::string frame_at(std::int64_t t_ns) const;
};

/// Version of the folders this program reads.
inline constexpr int kVersion = 2;

/// "1.234567 s"
std::string show_time(std::int64_t t_ns);
/// "step=1 action=wallet: sign", long values shortened.
std::string show_fields(const Event& event);

}  // namespace touchstone::report
