// Fingers for tests of the card, found by what the shipped network makes of them: tests that need a finger to open its own record and no
// other's hold for any weights.
#pragma once

#include "biometrics/feature.h"
#include "image/grey_image.h"
#include "prints/finger.h"

namespace touchstone::biometrics::testing {

/// As the card does it.
Status extract(const GreyImage& image, Feature& out);

/// Cosine of the angle between two vectors.
double likeness(const Feature& a, const Feature& b);

/// A finger of the population, on the card's sensor.
struct Owner {
  prints::Finger finger;
  GreyImage clean;  ///< a clean touch
  /// The same on another array.
  GreyImage clean_on(int width_px, int height_px) const;
  /// An ordinary touch.
  GreyImage touch(std::uint64_t index) const;
};

/// Owner 1, 2, ...: the clean touches of any two are unlike. Not for many: each is unlike all before it.
const Owner& owner(int number);

/// Ordinary touch 0, 1, ... of an owner, as like the clean one and those before it as touches of one finger are on most days: neither so little
/// that a record of a few would not open to another, nor so much that one finger would weigh like several. Not for many.
const GreyImage& alike(int number, int which);

}  // namespace touchstone::biometrics::testing
