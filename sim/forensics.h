// The search of everything after a run: no secret may be left where nobody needs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/event_log.h"
#include "sim/memory_scan.h"
#include "sim/world.h"

namespace touchstone::sim {

struct Forensics {
  std::size_t needles = 0;  ///< values that were looked for
  std::vector<std::string> secrets;
  struct Place {
    std::string name;
    std::size_t size_bytes;
  };
  std::vector<Place> places;
  std::uint64_t bytes_searched = 0;
  std::vector<Find> found;
  std::vector<std::string> unsearched;  ///< places that nobody can see into: a board's registers. They do not fail the search.
  std::string failure;  ///< why a memory could not be searched; empty: all were. A failed search is not a clean one.
  /// Whether the card had finished what it was doing: while it signs, its secrets are where they must be.
  bool settled = true;
  /// Whether the wallet had: it holds Secret A or its share from the wish to its end.
  bool wallet_settled = true;
  double wall_time_s = 0;  ///< of the search itself
};

/// Searches the memories of the card, the air, the display, the log and the wallet for everything `world` knows to be secret.
Forensics search(World& world, const EventLog& log);

/// The sentence for a verdict; empty when everything was searched and nothing was found that must not be. Finds in a wallet that has not settled do
/// not count; where the card has not, finds everywhere else do not.
std::string leak_of(const Forensics& forensics);

}  // namespace touchstone::sim
