// Faces for scenarios and tests where no data set is at hand: those on the photographs of a pinned package, each taken again and again
// with other light, place, turn, blur and noise.
#pragma once

#include <cstdint>
#include <string>

#include "face/picture.h"

namespace touchstone::face {

/// People on the package's photographs; one of them stands on two, so 21 are different.
inline constexpr int kShippedFaces = 22;

/// A picture of face `number` (0 .. kShippedFaces - 1), about 300 px high. `capture` draws turn, scale, place, light, blur and noise; 0 is the photograph
/// as it is. A function of both numbers alone (OpenCV's JPEG decoder aside). Refused: kModel, kUnreadable (no such number).
Picture shipped_face(int number, std::uint64_t capture);

/// "shipped:N:K"; any other name is a file. Refused as the calls it stands for.
Picture open_picture(const std::string& name);

}  // namespace touchstone::face
