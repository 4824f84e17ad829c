// Synthetic fingerprints after the SFinGe recipe (Cappelli, Maio and Maltoni; Handbook of Fingerprint Recognition, chapter
// on synthetic prints): an orientation field from loops and deltas, a ridge-period map, ridges grown by iterated local
// Gabor filtering, and impressions of that master under placement, pressure, distortion, contact, noise and scratches.
// Everything is a function of seeds; only + - * / sqrt on IEEE numbers, so the pixels are the same on every machine.
#pragma once

#include <cstdint>

#include "base/seed.h"
#include "image/grey_image.h"

namespace touchstone::fingers {

inline constexpr int kDpi = 500;

enum class PatternClass : std::uint8_t { kArch, kTentedArch, kLeftLoop, kRightLoop, kWhorl };
const char* to_string(PatternClass pattern);

/// How one touch differs from the master. The defaults are a clean, centred, medium-pressure touch.
struct Conditions {
  double dx_px = 0;          ///< where the finger's reference point lies, right of the picture's centre
  double dy_px = 0;          ///< and below it
  double rotation_deg = 0;   ///< counter-clockwise
  double pressure = 0.5;     ///< 0 = light (thin ridges), 1 = heavy (thick ridges, closed valleys)
  double distortion_px = 0;  ///< peak displacement of the skin
  double contact = 1.0;      ///< scale of the contact ellipse; 1 = about 300 x 380 px
  double slimness = 1.0;     ///< scale of its width alone
  double noise = 0.3;        ///< 0 = none, 1 = very dry and dirty
  int scratches = 0;
  std::uint64_t touch_seed = 0;  ///< noise, pores, outline, scratches

  /// Draws the conditions of an ordinary touch: placement N(0, 12 px), rotation N(0, 6 degrees), some pressure,
  /// distortion and loss of contact. `spread` scales all of it (0 = always the clean touch, 1 = ordinary, 2 = careless).
  static Conditions draw(SeedTree touch, double spread = 1.0);
};

/// The finger itself: its ridges without any touch.
class Finger {
 public:
  static constexpr int kSize_px = 448;

  /// The finger of this seed: class by natural frequency (arch 3.7 %, tented arch 2.9 %, left loop 33.8 %, right loop
  /// 31.7 %, whorl 27.9 %: Wilson, Candela and Watson 1994), ridge period about 9 px. Takes some tenths of a second.
  static Finger make(SeedTree finger);
  static Finger make(SeedTree finger, PatternClass pattern);

  PatternClass pattern() const { return pattern_; }
  /// The ridge pattern, kSize_px square, ridges dark.
  const GreyImage& master() const { return master_; }

 private:
  Finger() = default;

  PatternClass pattern_ = PatternClass::kArch;
  GreyImage master_;
};

/// What a sensor of the given size sees of the finger; background white (255), ridges dark.
GreyImage impression(const Finger& finger, const Conditions& conditions, int width_px, int height_px);

}  // namespace touchstone::fingers
