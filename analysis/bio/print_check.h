// Whether a picture is a fingerprint that can be worked with: the gate before anything is enrolled, compared or measured.
#pragma once

#include <string>

#include "bio/crop.h"

namespace touchstone::bio {

/// Why a picture is refused.
enum class PrintFault {
  kNone,
  kSize,        ///< too small or too large to be a print at its resolution
  kBlank,       ///< next to no contrast
  kSaturated,   ///< most of it is clipped to black or white
  kNoRidges,    ///< contrast without ridges: a face, a text, noise
  kResolution,  ///< ridges, but at a distance that skin does not have: the stated dpi is wrong
  kInverted,    ///< light ridges on a dark ground
};
const char* to_string(PrintFault fault);

/// What was measured of it.
struct PrintCheck {
  PrintFault fault = PrintFault::kNone;
  double contrast = 0;         ///< standard deviation of grey, levels
  double clipped = 0;          ///< share of pixels at 0 or at 255 inside the part with contrast
  double ridge_share = 0;      ///< share of the blocks with contrast in which one wave of a ridge's length holds most energy
  double ridge_area_mm2 = 0;   ///< of those blocks
  double period_mm = 0;        ///< their median ridge distance
  double ground_grey = 0;      ///< mean grey of what surrounds the print; 0 where nothing does
  double print_grey = 0;       ///< mean grey of the part with contrast
  double ground_share = 0;     ///< how much of the picture surrounds the print
  double fitting_dpi = 0;      ///< kResolution: a resolution at which the ridges would be those of skin, about

  bool ok() const { return fault == PrintFault::kNone; }
  /// What is wrong, with the figure that decided, and what to do; for the user.
  std::string reason() const;
};

/// Looks at the picture alone. Limits were set on real prints (all of four FVC sets pass) and on pictures of faces; an inverted
/// picture is told by the ground around the print, so not where print fills the picture or the ground is of the same grey.
PrintCheck check_print(const Print& print);

}  // namespace touchstone::bio
