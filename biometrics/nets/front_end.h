// What the network is fed with: minutiae of a picture and the ridges around each, as the card's front end makes them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "image/grey_image.h"
#include "nets/experiment.h"

namespace touchstone::nets {

struct FoundMinutia {
  std::int16_t x_q2 = 0, y_q2 = 0;  ///< quarters of a pixel
  std::uint8_t direction = 0;  ///< 256 = a full turn, clockwise from x
  std::uint8_t quality = 0;
  std::array<std::int8_t, kPatchSamples> patch{};  ///< cosine of the ridge phase, rows across the direction; 0 = no print
};

class FrontEnd {
 public:
  virtual ~FrontEnd() = default;
  /// Best first; empty where there is no usable print. Called from several threads at once.
  virtual std::vector<FoundMinutia> analyse(const GreyImage& picture) const = 0;
};

/// The card's own (biometrics::PrintAnalysis).
const FrontEnd& card_front_end();

}  // namespace touchstone::nets
