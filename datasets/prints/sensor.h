// The physics of a fingerprint sensor as a plain struct and functions: the same in training, evaluation and models of parts.
// Works on any picture, generated or real. Dark ridges on a lighter ground.
#pragma once

#include <cstdint>

#include "base/seed.h"
#include "image/grey_image.h"
#include "prints/population.h"

namespace touchstone::prints {

enum class SensorKind : std::uint8_t {
  kOptical,     ///< prism, clean ground, as FVC2002 DB1
  kPress,       ///< prism with wet and heavy touches, as FVC2004 DB1
  kCapacitive,  ///< grey ground, stripes, grain, as FVC2002 DB3
  kSweep,       ///< thermal, put together from strips, as FVC2004 DB3
  kCard,        ///< the card's own: capacitive, 192 x 192 px, 508 dpi
};
const char* to_string(SensorKind kind);

/// One part as it came from the factory.
struct SensorUnit {
  SensorKind kind = SensorKind::kCard;
  int width_px = 192;
  int height_px = 192;
  double dpi = 508;           ///< its own pitch, some 2 % around the nominal one
  double gain = 1;            ///< of the contrast against white
  double offset = 0;          ///< grey levels added
  double noise = 0;           ///< standard deviation of a pixel from frame to frame, grey levels
  double fixed_pattern = 0;   ///< standard deviation between pixels, the same in every frame
  double stripes = 0;         ///< the same between columns
  std::uint64_t seed = 0;     ///< names the part: its fixed pattern

  /// A part of this kind with size and tolerances of the population.
  static SensorUnit draw(SensorKind kind, SeedTree unit, const Population& population = prints::population());
  /// The card's sensor as designed: nominal, without any tolerance or noise.
  static SensorUnit nominal(SensorKind kind, const Population& population = prints::population());
};

/// Which kind takes the fingers of this seed, by the population's shares of the four full-size kinds.
SensorKind draw_kind(SeedTree finger, const Population& population = prints::population());

/// One frame: its noise, and what the previous finger left on the glass.
struct Frame {
  std::uint64_t seed = 0;
  double residue = 0;                    ///< share of the previous picture's darkness, 0 .. 1
  const GreyImage* previous = nullptr;   ///< of the array's size
};

/// What the electronics make of the picture on the glass, in place: residue, gain, offset, fixed pattern, noise.
/// `image` has the unit's size.
void read_out(const SensorUnit& unit, const Frame& frame, GreyImage& image);

/// State of the skin under a picture that was taken elsewhere, and of the glass. Measures are shares, 0 .. 1.
struct Surface {
  double dryness = 0;   ///< of the skin (cells of 4 x 4 px): without contact, which takes 3/4 of the contrast
  double water = 0;     ///< by which valleys close
  std::uint64_t skin_seed = 0;   ///< the same dry cells for the same finger
  double contrast = 1;  ///< of what is in contact
  double dirt = 0;      ///< of the glass (cells of 12 x 12 px): covered by something dry, which takes 3/4 of the contrast
  std::uint64_t glass_seed = 0;  ///< the same dirty cells for the same glass
};

/// Where a picture lies on the array.
struct Placement {
  double centre_x_px = 0, centre_y_px = 0;  ///< point of the picture that comes to the middle of the array
  double turn_deg = 0;                      ///< of the picture, clockwise
  double picture_dpi = 500;
};

/// What a picture (of a real or generated touch) puts on this part's array, before its electronics; white where it ends.
GreyImage lay(const SensorUnit& unit, const GreyImage& picture, const Placement& placement, const Surface& surface);

/// The same as this part sees it: lay(), then read_out().
GreyImage capture(const SensorUnit& unit, const GreyImage& picture, const Placement& placement, const Surface& surface,
                  const Frame& frame);

}  // namespace touchstone::prints
