// A picture of a finger as one fixed-length vector: analysis, description of the best minutiae, sum, map. Freestanding.
#pragma once

#include <span>

#include "embed/network.h"

namespace touchstone::biometrics {

/// Minutiae that are described, best first: what the card has time for, and more where a whole finger is seen.
inline constexpr int kCardMinutiae = 24;
/// A touch that shows fewer is a failure to acquire.
inline constexpr int kLeastMinutiae = 4;

/// Bytes of work area for a picture of this size.
std::size_t embed_work_bytes(const Network& network, int width_px, int height_px);

/// `vector`: one component per dimension of the network, mean 0 and standard deviation about 32 over the population.
/// `work_area` is aligned to 8 and wiped before return; the picture may lie at its beginning. kPoorQuality: no usable print, too few
/// minutiae, and `quality` says how good it was; else as PrintAnalysis::analyse. Running time depends on the picture and on the number
/// of its minutiae alone.
Status embed(const Network& network, const ImageView& image, int most_minutiae, MutableBytes work_area, std::span<std::int8_t> vector,
             Quality& quality);

}  // namespace touchstone::biometrics
