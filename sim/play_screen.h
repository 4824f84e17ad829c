// What `touchstone play` draws: the card and what is known about it, as text. No terminal and no simulation here.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "display/memory_lcd.h"

namespace touchstone::sim {

struct PlayState {
  models::MemoryLcd::Picture picture{};
  bool powered = false, radio_cut = false, tilted = false;
  std::string phase, radio, wallet;      ///< short words
  std::string finger;                    ///< chosen: "owner.right_index"
  std::string on_sensor;                 ///< the finger that lies there, or empty
  std::int64_t time_ns = 0;              ///< since time zero
  double energy_uj = 0, speed = 1;
  int payments_signed = 0;
  std::deque<std::string> news;          ///< newest last
  int scroll_rows = 0;                   ///< of the display, where it does not fit
};

/// The picture in at most `rows` lines of 64 Braille characters: lines of pixels that only separate are left out until it
/// fits; if that is not enough, `scroll_rows` says where it begins.
std::vector<std::string> glass(const models::MemoryLcd::Picture& picture, int rows, int scroll_rows);

/// The whole screen for a terminal of this size (at least 80 x 24), lines ended by \n. `colour`: the glass looks like one.
std::string draw(const PlayState& state, int columns, int rows, bool colour);

}  // namespace touchstone::sim
