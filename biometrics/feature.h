// A fingerprint as a fixed-length vector: what the extractor makes of an image and what the converter turns into a secret.
// The border behind which a neural network can replace the classical descriptor. Freestanding, integers only.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "ridges/image_view.h"

namespace touchstone::biometrics {

/// d': length of the whitened vector. A power of two (Walsh-Hadamard rotation).
inline constexpr int kDimensions = 64;
/// Reading frames tried around the detected reference point: the finger is never placed twice in the same way.
inline constexpr int kMaxPoses = 75;
inline constexpr int kMinSide_px = 160;
inline constexpr int kMaxSide_px = 320;

/// One touch: the population-whitened vector in every reading frame; frame 0 is the detected one. Each component has mean 0
/// and a standard deviation of about 32 over the population. Secret: wiped when it ends, never copied by accident.
struct Feature {
  using Vector = std::array<std::int8_t, kDimensions>;
  std::array<Vector, kMaxPoses> poses{};
  std::uint16_t pose_count = 0;

  Feature() = default;
  ~Feature() { wipe(this, sizeof(*this)); }
  Feature(const Feature&) = delete;
  Feature& operator=(const Feature&) = delete;
};
static_assert(sizeof(Feature) <= 8192);

class Extractor {
 public:
  /// Bytes of work area for an image of this size; at most 110 KB (kMaxSide_px square).
  static std::size_t work_bytes(std::uint16_t width_px, std::uint16_t height_px);

  /// Describes the print. `work_area` is at least work_bytes() long, aligned to 8, and wiped before return.
  /// kPoorQuality: no usable print (empty, little contact, no ridges); kOutOfRange: size not supported or not matching
  /// the pixels; kTooLarge: the work area is too small. Running time depends on the image.
  Result<Quality> extract(const ImageView& image, MutableBytes work_area, Feature& out) const;
};

}  // namespace touchstone::biometrics
