#include "classical/whitening.h"

#include <algorithm>

namespace touchstone::classical {

const Whitening kWhitening = {
#include "classical/data/whitening.inc"
};

void project(const RawVector& raw, Vector& out) {
  for (std::size_t i = 0; i < kDimensions; ++i) {
    std::int32_t sum = -kWhitening.bias[i];
    const std::int8_t* row = kWhitening.weights[i].data();
    for (std::size_t j = 0; j < kRawDimensions; ++j) sum += row[j] * raw[j];
    const std::int64_t scaled = std::int64_t{sum} * kWhitening.scale_q24[i];
    out[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>(scaled >> 24, -127, 127));
  }
}

}  // namespace touchstone::classical
