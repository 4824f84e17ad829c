// A fingerprint as a fixed-length vector: what extract() makes of a picture and what the converter turns into a secret. The border
// behind which another network can take the place of the shipped one. Freestanding, integers only.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "codes/code_offset.h"
#include "embed/network.h"

namespace touchstone::biometrics {

/// The longest vector of a card's network.
inline constexpr int kMaxDimensions = 256;

/// One touch, or several of one finger fused. Secret: wiped when it ends, never copied by accident.
struct Feature {
  std::array<std::int8_t, kMaxDimensions> components{};  ///< mean 0 and standard deviation about 32 over the population; from d' on 0
  std::uint16_t dimensions = 0;                          ///< d' of the network; 0: nothing was extracted
  Quality quality;

  codes::Vector vector() const { return codes::Vector(components).first(dimensions); }

  Feature() = default;
  ~Feature() { wipe(this, sizeof(*this)); }
  Feature(const Feature&) = delete;
  Feature& operator=(const Feature&) = delete;
};

/// What would make the next touch better than this one.
enum class Advice : std::uint8_t { kNone, kPress, kDry, kMoisten, kMove };
/// `usable`: extract() made a vector of it. Thresholds are those of the card's sensor.
Advice advise(const Quality& quality, bool usable);
/// Whether two touches show the same part of a finger in the same way, so that the second tells nothing new.
bool nearly_same(const Feature& a, const Feature& b);

/// The shipped network (biometrics/model).
Network finger_network();

/// Bytes of work area for a picture of this size: 86 KB for 192 x 192.
std::size_t extract_work_bytes(int width_px, int height_px);

/// Describes the print by the shipped network. `work_area` is at least extract_work_bytes() long, aligned to 8, and wiped before
/// return; the picture may lie at its beginning, and is gone then. Errors: as embed(); `out` is empty after one, but for the quality of
/// a picture that is kPoorQuality. Time: as embed().
Status extract(const ImageView& image, MutableBytes work_area, Feature& out);

}  // namespace touchstone::biometrics
