// The population's parameters: every distribution from which fingers, touches and sensors are drawn. They stand in one file,
// population.jsonc, which is built in; its digest stands in every report on generated prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/seed.h"

namespace touchstone::prints {

/// A normal distribution cut off at `least` and `most`.
struct Spread {
  double mean = 0;
  double deviation = 0;
  double least = 0;
  double most = 0;
  double draw(Random& random) const;
};

/// Shares of the five pattern classes; they add up to 1.
struct ClassShares {
  double arch = 0, tented_arch = 0, left_loop = 0, right_loop = 0, whorl = 0;
};

struct FingerSpread {
  ClassShares classes;
  Spread period_px;        ///< mean distance of a finger's ridges at 500 dpi
  double period_wander = 0;  ///< relative deviation within a finger
  double period_away = 0;  ///< how much wider ridges lie far from the core
  Spread core_x_px, core_y_px;  ///< from the finger's centre
  Spread loop_delta_x_px, loop_delta_y_px;    ///< delta of a loop from its core, x to the side away from the opening
  Spread whorl_gap_px, whorl_shift_px;        ///< between the cores of a whorl, down and sideways
  Spread whorl_delta_x_px, whorl_delta_y_px;  ///< deltas of a whorl from its upper and lower core
  Spread tilt;             ///< of the whole pattern, rad
  Spread round;            ///< how much the ridges above follow the fingertip's outline
  Spread narrowing;        ///< how parallel the legs of a loop run, 0 .. 1; less in whorls and tented arches
  Spread bend;             ///< random bending of the orientation, rad
  Spread harmonics;        ///< correction of the zero-pole angle functions
  Spread half_width_px, half_height_px;  ///< silhouette
  Spread spots;            ///< from which ridges grow, in 100 x 100 px
  Spread creases;          ///< persistent white lines
  Spread pores;            ///< depth of the sweat pores in the ridges, 0 .. 1
  Spread moisture;         ///< the person's skin: -1 dry, +1 wet
  Spread roughness;        ///< the person's skin: worn ridges, 0 .. 1
};

/// How touches of one kind of sensor differ, and its parts. Meanings of conditions: impression.h; of parts: sensor.h.
struct TouchSpread {
  double share = 0;  ///< of fingers that are taken with this kind
  double width_px = 0, height_px = 0;
  Spread dpi;
  Spread dx_px, dy_px;  ///< placement of the finger's centre against the picture's
  double habit_px = 0, habit_deg = 0;  ///< deviation of the placement and turn that a person keeps
  double session_px = 0, session_deg = 0, session_moisture = 0, session_pressure = 0;  ///< the same for a person's one day
  Spread turn_deg;      ///< beside the person's habit
  double turned_share = 0, moved_share = 0;  ///< of touches laid on with less care ...
  Spread turned_deg, moved_px;               ///< ... and what is added to them
  Spread roll_x_px, roll_y_px;
  Spread push_px, twist_deg;
  Spread sway_px, stretch;
  Spread pressure, tilt;
  Spread moisture;      ///< beside the person's
  Spread contact, slimness;
  double partial_share = 0;  ///< of touches that lack a side
  Spread partial;
  Spread patches, grain, softness;
  Spread scratches, latent, smear;
  Spread ridge_grey, valley_grey, ground_grey;
  Spread gain, offset, noise, fixed_pattern, stripes, residue;
};

enum class SensorKind : std::uint8_t;

struct Population {
  FingerSpread finger;
  TouchSpread optical, press, capacitive, sweep, card;  ///< by kind of sensor
  const TouchSpread& touch(SensorKind kind) const;

  /// From the text of a parameter file (JSON with // comments). Strict: every field once, no other; numbers in range.
  /// The error says which field.
  static Result<Population> parse(std::string_view untrusted_text, std::string& message);
};

/// The population of population.jsonc, parsed once.
const Population& population();
/// SHA-256 of that file, as hexadecimal digits.
const std::string& population_hash();
/// The file's text.
std::string_view population_text();

}  // namespace touchstone::prints
