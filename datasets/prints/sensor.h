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

/// State of the skin of a picture that was taken elsewhere.
struct Surface {
  double dryness = 0;  ///< share of the skin (cells of 4 x 4 px) without contact, 0 .. 1
  double water = 0;    ///< share by which valleys close, 0 .. 1
  std::uint64_t skin_seed = 0;  ///< the same dry cells for the same finger
};

/// Where a picture lies on the array.
struct Placement {
  double centre_x_px = 0, centre_y_px = 0;  ///< point of the picture that comes to the middle of the array
  double turn_deg = 0;                      ///< of the picture, clockwise
  double picture_dpi = 500;
};

/// A picture (of a real or generated touch) as this part would see it; white where the picture ends.
GreyImage capture(const SensorUnit& unit, const GreyImage& picture, const Placement& placement, const Surface& surface,
                  const Frame& frame);

}  // namespace touchstone::prints
