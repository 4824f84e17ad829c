// Synthetic fingers after the SFinGe recipe (Cappelli, Maio and Maltoni; Handbook of Fingerprint Recognition, chapter on
// synthetic fingerprints): silhouette, singular points, zero-pole orientation with correction, ridge density, and ridges grown
// by iterated local Gabor filtering. Everything is a function of seeds and of the population's parameters; only + - * / sqrt
// on IEEE numbers in written order, so that the pixels are the same on every machine.
//
// Coordinates: pixels at 500 dpi, x right, y down, origin at the middle of the upper left pixel. Angles grow from x to y, that
// is clockwise as seen.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/seed.h"
#include "image/grey_image.h"
#include "prints/population.h"

namespace touchstone::prints {

inline constexpr double kDpi = 500;
/// Changes when the same seeds and parameters give other pixels.
inline constexpr const char* kGenerator = "prints/1";

enum class PatternClass : std::uint8_t { kArch, kTentedArch, kLeftLoop, kRightLoop, kWhorl };
const char* to_string(PatternClass pattern);

struct Point {
  double x = 0, y = 0;
};

/// Where a ridge ends or forks. `direction` in [0, 2 pi) points to the side that has one ridge more: back along the ridge that
/// ends, and between the branches of a fork (as in ISO/IEC 19794-2, but clockwise).
struct Minutia {
  enum class Type : std::uint8_t { kEnding, kBifurcation };
  double x = 0, y = 0;
  double direction = 0;
  Type type = Type::kEnding;
};

/// A core (index +1/2) or delta (-1/2) of the orientation field.
struct SingularPoint {
  double x = 0, y = 0;
  double index = 0;
};

/// What a person's skin is like, in all touches.
struct SkinType {
  double moisture = 0;   ///< -1 dry, +1 wet
  double roughness = 0;  ///< 0 .. 1
  double half_width_px = 0, half_height_px = 0;
};

/// The class of this seed's finger, by the population's shares.
PatternClass draw_pattern(SeedTree finger, const Population& population = prints::population());

class RidgeMap;

/// The finger itself, without any touch.
class Finger {
 public:
  static constexpr int kWidth_px = 512;
  static constexpr int kHeight_px = 640;

  /// The finger of this seed; class by natural frequency. About 50 ms.
  static Finger make(SeedTree finger, const Population& population = prints::population());
  static Finger make(SeedTree finger, PatternClass pattern, const Population& population = prints::population());

  std::uint64_t identity() const { return identity_; }  ///< the seed
  PatternClass pattern() const { return pattern_; }
  /// Height of the skin, 0 = top of a ridge, 255 = bottom of a valley, with pores and creases. kWidth_px x kHeight_px.
  const GreyImage& master() const { return *master_; }
  const std::vector<Minutia>& minutiae() const { return minutiae_; }
  const std::vector<SingularPoint>& singular_points() const { return singular_points_; }
  const SkinType& skin() const { return skin_; }
  /// Of the ridge, in [0, pi).
  double orientation(double x, double y) const;
  double period_px(double x, double y) const;

 private:
  Finger() = default;

  std::uint64_t identity_ = 0;
  PatternClass pattern_ = PatternClass::kArch;
  std::shared_ptr<const GreyImage> master_;
  std::shared_ptr<const RidgeMap> ridges_;
  std::vector<Minutia> minutiae_;
  std::vector<SingularPoint> singular_points_;
  SkinType skin_;
};

}  // namespace touchstone::prints
