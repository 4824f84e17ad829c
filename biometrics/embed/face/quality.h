// Whether a face can be told by: what an operator would see, as numbers, and the limits of an enrolment.
#pragma once

#include <optional>
#include <string>

#include "face/align.h"
#include "face/refusal.h"

namespace touchstone::face {

struct Quality {
  double eye_distance_px = 0;  ///< between the middles of the eyes, in the picture
  double sharpness = 0;        ///< variance of the Laplacian over the upright cut-out of 112 px, grey levels squared
  double brightness = 0;       ///< mean grey level of its middle, 0 .. 255
  double contrast = 0;         ///< 5th to 95th percentile of it, grey levels
  double roll_degrees = 0;     ///< turn in the picture's plane
  double yaw = 0;              ///< tip of the nose beside the middle between the eyes, in distances of the eyes: 0 straight, 0.5 about 45 degrees
  double pitch = 0;            ///< tip of the nose below the eyes, as a share of the way to the mouth: 0.55 straight
};

Quality measure(const Picture& picture, const Landmarks& landmarks);

/// The first limit that is not kept, with a sentence for the owner; none: good enough.
std::optional<Refused> judge(const Quality& quality, const std::string& name);

}  // namespace touchstone::face
