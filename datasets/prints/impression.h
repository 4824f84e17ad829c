// One touch of a finger on a sensor, with its truth.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "prints/finger.h"
#include "prints/sensor.h"

namespace touchstone::prints {

/// How one touch differs from the master. The defaults are a clean, centred touch of medium pressure. Lengths in px at 500 dpi.
struct Conditions {
  double dx_px = 0, dy_px = 0;      ///< where the finger's centre lies, from the picture's centre
  double turn_deg = 0;              ///< clockwise
  double push_x_px = 0, push_y_px = 0, twist_deg = 0;  ///< slip of the skin outside the region pressed firmly
  double sway_px = 0;               ///< rows of a swept picture slip sideways by as much ...
  double stretch = 0;               ///< ... and stand closer or wider by this share
  double tilt = 0, tilt_side = 0;   ///< pressure grows towards this direction (rad) by as much at the rim
  double pressure = 0.5;            ///< 0 light (thin ridges) .. 1 heavy (closed valleys)
  double moisture = 0;              ///< -1 dry (broken ridges) .. +1 wet (closed valleys)
  double roll_x_px = 0, roll_y_px = 0;  ///< middle of the contact on the finger, from its centre
  double contact = 1;               ///< scale of the contact area
  double slimness = 1;              ///< scale of its width alone
  double partial = 0;               ///< share of the contact cut off ...
  double partial_side = 0;          ///< ... on the side in this direction, rad
  double patches = 0;               ///< local variation of contact, 0 .. 1
  double grain = 0;                 ///< fraying of the ridges, 0 .. 1
  double softness = 0.4;            ///< width of the border between ridge and valley, share of the height
  int scratches = 0;
  double latent = 0;                ///< what others left on the glass, 0 .. 1
  double smear = 0;                 ///< unevenness of the ground, 0 .. 1
  double residue = 0;               ///< share of the previous picture that stays on the glass, 0 .. 1
  double ridge_grey = 40, valley_grey = 245, ground_grey = 245;  ///< the ground is where nothing touches
  std::uint64_t touch_seed = 0;     ///< everything random in the picture

  /// An ordinary touch of this finger on this kind of sensor, on a day of its own.
  static Conditions draw(const Finger& finger, SensorKind kind, SeedTree touch,
                         const Population& population = prints::population());
  /// Touch `index` (0, 1, ...) in a collection as the competitions': kTouchesADay touches a day, alike in pose and skin.
  static constexpr std::uint64_t kTouchesADay = 3;
  static Conditions of_touch(const Finger& finger, SensorKind kind, std::uint64_t index,
                             const Population& population = prints::population());
  /// What this finger's touches on this kind of sensor vary around: the population's means with the person's habit and skin.
  static Conditions usual(const Finger& finger, SensorKind kind, const Population& population = prints::population());
  /// These conditions moved towards the usual ones until this share (0 .. 1) of every difference is left. The grain of the touch
  /// stays its own.
  Conditions nearer(const Conditions& usual, double share) const;
};

/// Between points of the picture and points of the finger (master pixels).
class Mapping {
 public:
  Mapping() = default;
  Mapping(const Conditions& conditions, const SkinType& skin, const SensorUnit& unit);

  Point to_finger(Point image) const;
  /// The inverse by iteration, to some 0.01 px.
  Point to_image(Point finger) const;
  /// A direction at a point of the finger, seen in the picture; in [0, 2 pi).
  double direction_to_image(Point finger, double direction) const;

 private:
  double picture_x_ = 0, picture_y_ = 0;  // middle of the picture
  double dx_ = 0, dy_ = 0;
  double sway_px_ = 0, stretch_ = 0;
  std::array<double, 24> sway_{}, stretching_{};  // one value every kSwayStep rows; the second summed up
  double scale_ = 1;                      // 500 dpi pixels in one of the sensor
  double cosine_ = 1, sine_ = 0;
  double push_x_ = 0, push_y_ = 0, twist_ = 0;
  double half_width_ = 1, half_height_ = 1;  // of the contact
};

struct Impression {
  GreyImage image;
  GreyImage contact;               ///< 255 where skin touches, 0 elsewhere
  std::vector<Minutia> minutiae;   ///< in the picture, where there is contact
  Mapping mapping;
  std::uint64_t identity = 0;      ///< the finger's
  PatternClass pattern = PatternClass::kArch;
  Conditions conditions;
  SensorUnit unit;
};

/// The touch with its truth.
/// `previous` is the picture that was on the glass before, of which `conditions.residue` stays; of the unit's size.
Impression impress(const Finger& finger, const Conditions& conditions, const SensorUnit& unit,
                   const GreyImage* previous = nullptr);
/// What the touch puts on the glass of this unit, before its electronics: the picture is the read_out() of it.
GreyImage lay(const Finger& finger, const Conditions& conditions, const SensorUnit& unit);
/// The picture alone: the same pixels.
GreyImage picture(const Finger& finger, const Conditions& conditions, const SensorUnit& unit,
                  const GreyImage* previous = nullptr);

/// Ridge orientation in the picture, in [0, pi), and ridge period in the picture's px.
double orientation_at(const Finger& finger, const Mapping& mapping, Point image);
double period_at(const Finger& finger, const Mapping& mapping, Point image);

}  // namespace touchstone::prints
