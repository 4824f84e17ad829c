// What the network sees of touches: chosen, windowed and varied minutiae, in flat arrays.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/seed.h"
#include "nets/experiment.h"
#include "nets/touches.h"

namespace touchstone::nets {

/// Minutiae of several touches, one touch after the other.
struct Batch {
  int touches = 0;
  std::vector<float> patches;            ///< minutiae x 32 x 32, -1 .. 1
  std::vector<float> basis;              ///< minutiae x kBasis
  std::vector<std::int32_t> touch;       ///< of each minutia
  // For training only:
  std::vector<std::int64_t> identity;    ///< of each touch; a mirrored finger is `fingers` further
  std::vector<std::int64_t> first, second;  ///< minutiae that show the same place of a finger, in touches 2i and 2i + 1
  int minutiae() const { return static_cast<int>(touch.size()); }
};

/// Where the card's window lies, for evaluation: `seed` decides, as for training within +-shift_px.
struct CardWindow {
  bool on = false;
  double shift_px = 0;
  SeedTree seed{0};
};

/// Appends a touch without any variation: the best `most` minutiae that are seen.
void append_touch(Batch& batch, const Touch& touch, int most, const CardWindow& window);

/// The fingers that can be trained on: with their touches that show three minutiae at least, two or more of them.
struct TrainingFinger {
  std::uint32_t finger = 0;
  std::vector<std::uint32_t> touches;  ///< into TouchSet::touches()
};
std::vector<TrainingFinger> training_fingers(const TouchSet& set, std::uint32_t first, std::uint32_t end);

/// The batch of a step: a function of the experiment's seed and the step, whatever was drawn before.
Batch training_batch(const Experiment& experiment, const TouchSet& set, const std::vector<TrainingFinger>& fingers, int step);

}  // namespace touchstone::nets
